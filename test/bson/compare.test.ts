import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalType,
  compareDocuments,
  compareValues,
  encodeDocument,
  encodeValue,
  hashValue,
  type RawValue,
} from '../../src/bson/index.ts';
import { arbitraryNumber, arbitraryValue } from './arbitrary.ts';

function compare(a: RawValue, b: RawValue): number {
  return Math.sign(compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start)) + 0;
}

function hash(value: RawValue): number {
  return hashValue(value.buffer, value.type, value.start);
}

/** Exact value as a fraction, computed in another way than the product does. */
function exactFraction(value: unknown): [bigint, bigint] | number {
  if (value instanceof bson.Int32) return [BigInt(value.value), 1n];
  if (typeof value === 'bigint') return [value, 1n];
  if (value instanceof bson.Double) {
    let number = value.value;
    if (!Number.isFinite(number)) return number;
    let denominator = 1n;
    while (!Number.isInteger(number)) {
      number *= 2;
      denominator *= 2n;
    }
    return [BigInt(number), denominator];
  }
  const text = String(value);
  if (/NaN|Infinity/.test(text)) return Number(text);
  const [, sign, whole, fraction, exponent] = /^(-?)(\d+)\.?(\d*)(?:E([+-]?\d+))?$/.exec(text)!;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = Number(exponent ?? 0) - fraction!.length;
  return scale >= 0 ? [digits * 10n ** BigInt(scale), 1n] : [digits, 10n ** BigInt(-scale)];
}

function expectedOrder(a: unknown, b: unknown): number {
  const left = exactFraction(a);
  const right = exactFraction(b);
  if (Array.isArray(left) && Array.isArray(right)) {
    const difference = left[0] * right[1] - right[0] * left[1];
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  const rank = (value: [bigint, bigint] | number) =>
    Array.isArray(value) ? 0 : Number.isNaN(value) ? -2 : Math.sign(value);
  return Math.sign(rank(left) - rank(right));
}

const ascending: unknown[][] = [
  [new bson.MinKey()],
  [undefined],
  [null],
  [Number.NaN, bson.Decimal128.fromString('NaN')],
  [Number.NEGATIVE_INFINITY, bson.Decimal128.fromString('-Infinity')],
  [bson.Decimal128.fromString('-1E6144')],
  [-(2 ** 63), -(2n ** 63n)],
  [-(2n ** 53n) - 1n],
  [-(2 ** 53), -(2n ** 53n), bson.Decimal128.fromString('-9007199254740992.0')],
  [-1],
  [-0, 0, 0n, new bson.Double(0), bson.Decimal128.fromString('-0E10')],
  [bson.Decimal128.fromString('1E-6176')],
  [5e-324],
  [bson.Decimal128.fromString('0.1')],
  [0.1],
  [1, 1n, new bson.Double(1), bson.Decimal128.fromString('1.00')],
  [2 ** 53],
  [2n ** 53n + 1n, bson.Decimal128.fromString('9007199254740993')],
  [2 ** 53 + 2],
  [2n ** 63n - 1n],
  [2 ** 63],
  [bson.Decimal128.fromString('1E400')],
  [Number.POSITIVE_INFINITY, bson.Decimal128.fromString('Infinity')],
  ['', new bson.BSONSymbol('')],
  ['A'],
  ['a', new bson.BSONSymbol('a')],
  ['a\0'],
  ['aa'],
  ['é'],
  ['\uffff'],
  ['\u{10000}'],
  [{}],
  [{ b: -5 }],
  [{ b: -5, a: 1 }],
  [{ a: 'x' }],
  [{ b: 'a' }],
  [{ a: {} }],
  [[]],
  [[1], [1n]],
  [[1, 0]],
  [[2]],
  [['a']],
  [new bson.Binary(Buffer.from('b'), 0)],
  [new bson.Binary(Buffer.from('a'), 5)],
  [new bson.Binary(Buffer.from('aa'), 0)],
  [new bson.ObjectId('000000000000000000000000')],
  [new bson.ObjectId('ff0000000000000000000000')],
  [false],
  [true],
  [new Date(-1)],
  [new Date(0)],
  [new Date(2 ** 40)],
  [new bson.Timestamp({ t: 1, i: 0xffffffff })],
  [new bson.Timestamp({ t: 0xffffffff, i: 0 })],
  [new bson.BSONRegExp('a', 'i')],
  [new bson.BSONRegExp('aa', '')],
  [new bson.Code('a')],
  [new bson.Code('a', {})],
  [new bson.Code('a', { b: 1 })],
  [new bson.MaxKey()],
];

describe('compareValues', () => {
  test("orders all types as MongoDB's manual says", () => {
    const flat = ascending.flatMap((group, rank) =>
      group.map((value) => ({ value: encodeValue(value), rank })),
    );
    for (const a of flat) {
      for (const b of flat) {
        const label = `${a.rank} ${b.rank}`;
        expect([label, compare(a.value, b.value)]).toEqual([label, Math.sign(a.rank - b.rank)]);
      }
    }
  });

  test('compares numbers of all types exactly', () => {
    fc.assert(
      fc.property(arbitraryNumber, arbitraryNumber, (a, b) => {
        expect(compare(encodeValue(a), encodeValue(b))).toBe(expectedOrder(a, b));
      }),
      { numRuns: 3000 },
    );
  });

  test('is a total order', () => {
    fc.assert(
      fc.property(arbitraryValue(), arbitraryValue(), arbitraryValue(), (x, y, z) => {
        const [a, b, c] = [x, y, z].map(encodeValue).sort(compare) as [
          RawValue,
          RawValue,
          RawValue,
        ];
        expect(compare(a, b)).toBeLessThanOrEqual(0);
        expect(compare(b, c)).toBeLessThanOrEqual(0);
        expect(compare(a, c)).toBeLessThanOrEqual(0);
        expect(compare(c, a)).toBe(0 - compare(a, c));
        expect(compare(a, a)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  test('compares documents by bracket, then name, then value', () => {
    const a = encodeDocument({ b: 1 });
    const b = encodeDocument({ a: 'x' });
    expect(compareDocuments(a, 0, b, 0)).toBeLessThan(0);
    expect(compareDocuments(a, 0, a, 0)).toBe(0);
    expect(canonicalType(18)).toBe(canonicalType(19));
  });
});

describe('hashValue', () => {
  test('hashes equal values alike and others apart', () => {
    const hashes = new Set<number>();
    for (const group of ascending) {
      const [first, ...others] = group.map((value) => hash(encodeValue(value)));
      for (const other of others) expect(other).toBe(first);
      hashes.add(first!);
    }
    // 2^63-1 and 2^63, 0.1 and its decimal, and so on share their nearest double.
    expect(hashes.size).toBeGreaterThan(ascending.length - 10);
  });

  test('agrees with equality for arbitrary values', () => {
    fc.assert(
      fc.property(arbitraryNumber, arbitraryNumber, (x, y) => {
        const [a, b] = [encodeValue(x), encodeValue(y)];
        if (compare(a, b) === 0) expect(hash(a)).toBe(hash(b));
        const [c, d] = [encodeValue({ a: [x] }), encodeValue({ a: [y] })];
        if (compare(c, d) === 0) expect(hash(c)).toBe(hash(d));
      }),
      { numRuns: 2000 },
    );
  });
});
