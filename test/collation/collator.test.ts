/**
 * The order of text: against Node's Intl.Collator, which is ICU too, where that has the option; against
 * the rules of UTS #10 and of the locale by hand where it has not.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { type LocaleCollation, parseCollation } from '../../src/collation/index.ts';

function collation(spec: Record<string, unknown>): LocaleCollation {
  const buffer = encodeDocument(spec);
  const parsed = parseCollation({ buffer, type: 3, start: 0, end: buffer.length });
  if (parsed === null) throw new Error('the simple collation has no order of its own');
  return parsed;
}

function compare(order: LocaleCollation, a: string, b: string): number {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return Math.sign(order.compare(left, 0, left.length, right, 0, right.length));
}

function keyOf(order: LocaleCollation, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.from(order.key(bytes, 0, bytes.length));
}

/** Characters whose weights have been the same in all versions of the data that Node may bring. */
const letters = [
  ...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  ...'àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÅÄÉÖÜßæøœčďěľłńňőřśšťůűźžćđğışŠŽ',
  ...'αβγδεζΑΒΓάέабвгдеёйжАБВіїѓ',
  ...'אבגابتकखगাকกขคเแ',
  ...'かきがアイウ가나각한一丁七万三',
];
const marks = ['\u0300', '\u0301', '\u0308', '\u030a', '\u0327', '\u0331'];
const groups = ['ch', 'll', 'dz', 'dž', 'lj', 'nj', 'aa', 'AA', 'ng', 'cs', 'gy', 'ae', 'ss', 'ij'];
const word = fc
  .array(
    fc.oneof(
      { arbitrary: fc.constantFrom(...letters), weight: 8 },
      { arbitrary: fc.constantFrom(...marks), weight: 1 },
      { arbitrary: fc.constantFrom(...groups), weight: 2 },
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** Words that are often nearly equal: where a lower level decides. */
const pair = fc.oneof(
  fc.tuple(word, word),
  fc.tuple(word, fc.constantFrom(...letters), word).map(([a, b, c]) => [a + c, a + b + c] as const),
  word.map((one) => [one, one.toUpperCase()] as const),
  word.map((one) => [one, one.normalize('NFD').replace(/\p{M}/gu, '')] as const),
);

/** [locale of MongoDB, locale of ECMA-402] */
const sameLocales: readonly (readonly [string, string])[] = [
  ...['en', 'de', 'fr', 'es', 'sv', 'da', 'nb', 'fi', 'pl', 'cs', 'sk', 'hu', 'hr', 'lt', 'lv'],
  ...['et', 'tr', 'az', 'ru', 'uk', 'el', 'he', 'ar', 'hi', 'bn', 'th', 'vi', 'cy', 'sq', 'is'],
  ...['ja', 'ko', 'zh', 'mt', 'ro', 'sl', 'fa', 'nl', 'it', 'pt', 'eo', 'fo', 'haw', 'to', 'bg'],
].map((locale) => [locale, locale] as const);
const variants = [
  ['de@collation=phonebook', 'de-u-co-phonebk'],
  ['es@collation=traditional', 'es-u-co-trad'],
  ['fr_CA', 'fr-CA'],
  ['zh_Hant', 'zh-Hant'],
  ['zh@collation=zhuyin', 'zh-u-co-zhuyin'],
  ['zh@collation=stroke', 'zh-u-co-stroke'],
  ['fi@collation=traditional', 'fi-u-co-trad'],
  ['sr_Latn', 'sr-Latn'],
  ['de_AT@collation=phonebook', 'de-AT-u-co-phonebk'],
  ['bs_Cyrl', 'bs-Cyrl'],
] as const;

const forms: readonly [Record<string, unknown>, Intl.CollatorOptions][] = [
  [{ strength: 1, caseFirst: 'off', backwards: false }, { sensitivity: 'base' }],
  [{ strength: 2, caseFirst: 'off' }, { sensitivity: 'accent' }],
  [{ strength: 3 }, { sensitivity: 'variant' }],
  [
    { strength: 1, caseLevel: true, caseFirst: 'off', backwards: false },
    { sensitivity: 'case', caseFirst: 'false' },
  ],
  [
    { strength: 3, caseFirst: 'upper' },
    { sensitivity: 'variant', caseFirst: 'upper' },
  ],
  [
    { strength: 3, caseFirst: 'lower', numericOrdering: true },
    { sensitivity: 'variant', caseFirst: 'lower', numeric: true },
  ],
];

describe('a collation', () => {
  test.each([...sameLocales, ...variants])(
    '%s orders text as Intl.Collator(%s) does',
    (id, tag) => {
      // Node normalizes always.
      for (const [options, intlOptions] of forms) {
        const order = collation({ locale: id, normalization: true, ...options });
        const intl = new Intl.Collator(tag, intlOptions);
        fc.assert(
          fc.property(pair, ([a, b]) => Math.sign(intl.compare(a, b)) === compare(order, a, b)),
          { numRuns: 60, seed: 4711 },
        );
      }
    },
  );

  test('compares as the bytes of its keys do, for any text and options', () => {
    const options = fc.record({
      locale: fc.constantFrom(...sameLocales.map(([id]) => id), ...variants.map(([id]) => id)),
      strength: fc.integer({ min: 3, max: 5 }),
      caseLevel: fc.boolean(),
      caseFirst: fc.constantFrom('off', 'lower', 'upper'),
      numericOrdering: fc.boolean(),
      alternate: fc.constantFrom('shifted', 'non-ignorable'),
      maxVariable: fc.constantFrom('punct', 'space'),
      normalization: fc.boolean(),
      backwards: fc.boolean(),
    });
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(options, fc.oneof(fc.tuple(text, text), pair), (spec, [a, b]) => {
        const order = collation(spec);
        const byKeys = Math.sign(keyOf(order, a).compare(keyOf(order, b)));
        return compare(order, a, b) === byKeys && compare(order, b, a) === -byKeys;
      }),
      { numRuns: 1500, seed: 4711 },
    );
  });

  const en = { locale: 'en' };
  test.each<[Record<string, unknown>, string]>([
    [{ ...en, strength: 1 }, 'a=A=á=Á<b'],
    [{ ...en, strength: 2 }, 'a=A<á=Á<b'],
    [en, 'a<A<á<Á<b'],
    [{ ...en, caseFirst: 'upper' }, 'A<a<Á<á<B<b'],
    [{ ...en, strength: 1, caseLevel: true }, 'a=á<A=Á<b'],
    [{ ...en, strength: 2, caseLevel: true }, 'a<A<á<Á<b'],
    [en, 'a1<a10<a2'],
    [{ ...en, numericOrdering: true }, 'a1<a2<a10<a0100<a12345678901234567890'],
    [{ ...en, numericOrdering: true }, 'a1=a01=a001<a٢<a3'],
    // Variable characters are ignored on three levels, and decide on the fourth.
    [{ ...en, alternate: 'shifted' }, 'black bird=blackbird=black-bird<blackbirds'],
    [{ ...en, alternate: 'shifted', strength: 4 }, 'black bird<black-bird<blackbird'],
    [{ ...en, alternate: 'shifted', maxVariable: 'space' }, 'black-bird<black bird=blackbird'],
    [en, 'black bird<black-bird<blackbird'],
    // At strength 3 only the form differs, which is nothing.
    [en, '\u0001=\u0002'],
    [{ ...en, strength: 5 }, '\u0001<\u0002'],
    [en, 'cote<coté<côte<côté'],
    [{ ...en, backwards: true }, 'cote<côte<coté<côté'],
    [{ locale: 'fr_CA' }, 'cote<côte<coté<côté'],
    [{ locale: 'sv', strength: 1 }, 'z<å<ä=æ<ö=ø'],
    [{ locale: 'de', strength: 1 }, 'a=ä<ad=äd<ae<af'],
    [{ locale: 'de@collation=phonebook', strength: 1 }, 'ad<ä=ae<af'],
    [{ locale: 'cs' }, 'cz<d<hz<ch<i'],
    [{ locale: 'da', strength: 1, caseFirst: 'off' }, 'z<æ<ø<å=aa'],
    [{ locale: 'da' }, 'A<a<B<b'],
    [{ locale: 'tr', strength: 1 }, 'h<ı=I<i=İ<j'],
    [{ locale: 'ja', strength: 3 }, 'カ=か'],
    [{ locale: 'ja', strength: 4 }, 'か<カ'],
    [{ locale: 'ko', strength: 1 }, '가<각<나'],
    [{ locale: 'zh' }, '阿<八<中'],
    [{ locale: 'zh@collation=stroke' }, '一<八<中'],
    // Both ways to write a letter are one; marks in an order that is not canonical only if asked for.
    [{ ...en, strength: 2 }, 'å=a\u030a'],
    [{ ...en, strength: 2, normalization: true }, 'a\u0323\u0302=a\u0302\u0323'],
  ])('%j: %s', (spec, chain) => {
    const order = collation(spec);
    const parts = chain.split(/([<=])/);
    for (let at = 0; at + 2 < parts.length; at += 2) {
      const [left, sign, right] = parts.slice(at, at + 3) as [string, string, string];
      expect([left, right, compare(order, left, right)]).toEqual([
        left,
        right,
        sign === '<' ? -1 : 0,
      ]);
    }
  });

  test('makes short keys: little more than a byte for a Latin letter', () => {
    const text = 'the quick brown fox jumps over the lazy dog';
    expect(keyOf(collation(en), text).length).toBeLessThan(text.length + 6);
  });
});
