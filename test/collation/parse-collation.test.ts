/** The collation document: MongoDB's checks, in its order and words, and the normal form. */
import { Decimal128 } from 'bson';
import { describe, expect, test } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { parseCollation } from '../../src/collation/index.ts';
import type { MongoServerError } from '../../src/errors/index.ts';

function parse(spec: Record<string, unknown>) {
  const buffer = encodeDocument(spec);
  return parseCollation({ buffer, type: 3, start: 0, end: buffer.length });
}

const english = {
  locale: 'en',
  caseLevel: false,
  caseFirst: 'off',
  strength: 3,
  numericOrdering: false,
  alternate: 'non-ignorable',
  maxVariable: 'punct',
  normalization: false,
  backwards: false,
  version: '57.1',
};

describe('a collation document', () => {
  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ locale: 'en' }, {}],
    [{ strength: 2, locale: 'en' }, { strength: 2 }],
    [{ locale: 'en', strength: 2.7, version: '57.1' }, { strength: 2 }],
    [
      { locale: 'en', caseLevel: true, strength: Decimal128.fromString('2.5') },
      { caseLevel: true, strength: 2 },
    ],
    [{ locale: 'en', caseLevel: null }, {}],
    [{ locale: 'fr_CA' }, { locale: 'fr_CA', backwards: true }],
    [{ locale: 'fr_CA', backwards: false }, { locale: 'fr_CA' }],
    [{ locale: 'da' }, { locale: 'da', caseFirst: 'upper' }],
    [{ locale: 'mt' }, { locale: 'mt', caseFirst: 'upper' }],
    [{ locale: 'th' }, { locale: 'th', alternate: 'shifted', normalization: true }],
    [{ locale: 'he' }, { locale: 'he', normalization: true }],
    [{ locale: 'bo' }, { locale: 'bo' }],
    [{ locale: 'root' }, { locale: 'root' }],
    [{ locale: 'de@collation=search' }, { locale: 'de@collation=search', normalization: true }],
    [
      { locale: 'en', alternate: 'shifted', maxVariable: 'space' },
      { alternate: 'shifted', maxVariable: 'space' },
    ],
  ])('%j has its other options by default', (spec, expected) => {
    const document = parse(spec)?.document ?? {};

    expect(document).toEqual({ ...english, ...expected });
    expect(Object.keys(document)).toEqual(Object.keys(english));
  });

  test.each([[{ locale: 'simple' }], [{ locale: 'simple', strength: 1 }]])('%j is none', (spec) => {
    expect(parse(spec)).toBeNull();
  });

  test.each<[Record<string, unknown>, number, string]>([
    [{}, 40414, "BSON field 'collation.locale' is missing but a required field"],
    [{ strength: 1 }, 40414, "BSON field 'collation.locale' is missing but a required field"],
    [
      { locale: 5 },
      14,
      "BSON field 'collation.locale' is the wrong type 'int', expected type 'string'",
    ],
    [{ locale: 'en', x: 1 }, 40415, "BSON field 'collation.x' is an unknown field."],
    [
      { locale: 'en', strength: 'a' },
      14,
      "BSON field 'collation.strength' is the wrong type 'string', expected types '[long, int, decimal, double']",
    ],
    [
      { locale: 'en', backwards: 'a' },
      14,
      "Field 'backwards' should be a boolean value, but found: string",
    ],
    [
      { locale: 'en', backwards: null },
      14,
      "Field 'backwards' should be a boolean value, but found: null",
    ],
    [
      { locale: 'en', caseLevel: 1 },
      14,
      "BSON field 'collation.caseLevel' is the wrong type 'int', expected type 'bool'",
    ],
    [
      { locale: 'en', strength: Decimal128.fromString('5.5') },
      2,
      "Enumeration value '6' for field 'collation.strength' is not a valid value.",
    ],
    ...[0, 6, -1, 0.9].map((strength): [Record<string, unknown>, number, string] => [
      { locale: 'en', strength },
      2,
      `Enumeration value '${Math.trunc(strength)}' for field 'collation.strength' is not a valid value.`,
    ]),
    [
      { locale: 'en', caseFirst: 'Upper' },
      2,
      "Enumeration value 'Upper' for field 'collation.caseFirst' is not a valid value.",
    ],
    [
      { locale: 'en', alternate: 'x' },
      2,
      "Enumeration value 'x' for field 'collation.alternate' is not a valid value.",
    ],
    [
      { locale: 'en', maxVariable: 'symbol' },
      2,
      "Enumeration value 'symbol' for field 'collation.maxVariable' is not a valid value.",
    ],
    [{ locale: '' }, 2, 'Field \'locale\' cannot be the empty string in: { locale: "" }'],
    [{ locale: 'xx' }, 2, 'Field \'locale\' is invalid in: { locale: "xx" }'],
    [{ locale: 'a\0' }, 2, 'cannot contain null byte'],
    [
      { locale: 'en_GB' },
      2,
      "Field 'locale' is invalid in: { locale: \"en_GB\" }. Did you mean 'en'?",
    ],
    [
      { locale: 'EN-us' },
      2,
      "Field 'locale' is invalid in: { locale: \"EN-us\" }. Did you mean 'en_US'?",
    ],
    [
      { locale: 'zh@collation=pinyin' },
      2,
      "Field 'locale' is invalid in: { locale: \"zh@collation=pinyin\" }. Did you mean 'zh'?",
    ],
    [
      { locale: 'en', version: '58.0' },
      161,
      'Requested collation version 58.0 but the only available collator version was 57.1. Requested collation spec: { locale: "en", version: "58.0" }',
    ],
    [
      { locale: 'en', strength: 1, backwards: true },
      2,
      "'backwards' is invalid with 'strength' of 1 in: { locale: \"en\", strength: 1, backwards: true }",
    ],
    [
      { locale: 'en', strength: 2, caseFirst: 'lower' },
      2,
      "'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater than 2 in: { locale: \"en\", strength: 2, caseFirst: \"lower\" }",
    ],
  ])('%j is refused with %i', (spec, code, message) => {
    expect.assertions(2);
    try {
      parse(spec);
    } catch (error) {
      expect((error as MongoServerError).code).toBe(code);
      expect((error as MongoServerError).message).toContain(message);
    }
  });
});
