/** Hashes of hashed indexes: the known ones are what MongoDB answers. */
import { Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { encodeValue, hashedKey } from '../../src/bson/index.ts';

function hashOf(value: unknown): bigint {
  return hashedKey(encodeValue(value));
}

test.each<[unknown, bigint]>([
  ['hello', 5347277839332858538n],
  [1, 5902408780260971510n],
  [42, -944302157085130861n],
  [null, 2338878944348059895n],
  [new MinKey(), 7961148599568647290n],
  [new MaxKey(), 5504842513779440750n],
])('of %s', (value, hash) => {
  expect(hashOf(value)).toBe(hash);
});

test('numbers are cut to integers, whatever their type', () => {
  const hash = hashOf(new Int32(7));
  for (const same of [
    new Double(7),
    new Double(7.9),
    Long.fromNumber(7),
    Decimal128.fromString('7.5'),
  ]) {
    expect(hashOf(same)).toBe(hash);
  }
  expect(hashOf(new Double(Number.NaN))).toBe(hashOf(0));
  expect(hashOf(new Double(-0.5))).toBe(hashOf(0));
  expect(hashOf(new Double(1e300))).toBe(hashOf(Long.MAX_VALUE));
  expect(hashOf(new Double(-1e300))).toBe(hashOf(Long.MIN_VALUE));
});

test('of documents tell names, order and nesting', () => {
  const hashes = [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
    { a: 1, c: 2 },
    { a: { a: 1, b: 2 } },
    { a: { a: 1 }, b: 2 },
    {},
    [1, 2],
    new ObjectId('000000000000000000000001'),
  ].map(hashOf);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ a: new Double(1), b: Long.fromNumber(2) }));
});
