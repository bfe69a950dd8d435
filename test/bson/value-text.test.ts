import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
  UUID,
} from 'bson';
import { describe, expect, it } from 'vitest';
import { findField, isTruthy, type RawValue, typeAlias, valueText } from '../../src/bson/index.ts';

function raw(value: unknown): RawValue {
  return findField(Buffer.from(serialize({ value }, { ignoreUndefined: false })), 0, 'value')!;
}

describe('the text of a value in messages', () => {
  it.each([
    [new Int32(2), '2'],
    [new Double(2), '2.0'],
    [1.5, '1.5'],
    [Number.NaN, 'nan.0'],
    [Number.POSITIVE_INFINITY, 'inf.0'],
    [Number.NEGATIVE_INFINITY, '-inf.0'],
    [Long.fromString('9007199254740993'), '9007199254740993'],
    [Decimal128.fromString('1.50'), '1.50'],
    ['a "b"', '"a \\"b\\""'],
    [new BSONSymbol('s'), '"s"'],
    [null, 'null'],
    [true, 'true'],
    [new Date(5), 'new Date(5)'],
    [new Timestamp({ t: 7, i: 3 }), 'Timestamp(7, 3)'],
    [new ObjectId('0102030405060708090a0b0c'), "ObjectId('0102030405060708090a0b0c')"],
    [new BSONRegExp('^a', 'i'), '/^a/i'],
    [new Code('f()'), 'f()'],
    [new MinKey(), 'MinKey'],
    [new MaxKey(), 'MaxKey'],
    [new Binary(Buffer.from('0aff', 'hex')), 'BinData(0, 0AFF)'],
    [
      new UUID('00112233-4455-6677-8899-aabbccddeeff'),
      'UUID("00112233-4455-6677-8899-aabbccddeeff")',
    ],
    [{}, '{}'],
    [[], '[]'],
    [{ a: 1, b: [{ c: 'x' }, 2] }, '{ a: 1, b: [ { c: "x" }, 2 ] }'],
  ])('of %o is %s', (value, text) => {
    expect(valueText(raw(value))).toBe(text);
  });
});

describe('the alias of a type', () => {
  it('is the name $type knows it by', () => {
    expect([1, 2, 16, 18, 19, 255, 127].map(typeAlias)).toEqual([
      'double',
      'string',
      'int',
      'long',
      'decimal',
      'minKey',
      'maxKey',
    ]);
  });
});

describe('the truth of a value', () => {
  it.each([
    [false, false],
    [0, false],
    [-0, false],
    [Long.ZERO, false],
    [Decimal128.fromString('0.00'), false],
    [Decimal128.fromString('-0E+10'), false],
    [null, false],
    [Decimal128.fromString('1E-6000'), true],
    [Decimal128.fromString('NaN'), true],
    [Decimal128.fromString('Infinity'), true],
    [Number.NaN, true],
    ['', true],
    [[], true],
    [{}, true],
    [new Date(0), true],
  ])('of %o is %s', (value, truth) => {
    expect(isTruthy(raw(value))).toBe(truth);
  });
});
