import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterPrefix,
  BsonType,
  compareValues,
  decodeKeyString,
  encodeKeyString,
  encodeValue,
  KeyStringWriter,
  type RawValue,
} from '../../src/bson/index.ts';
import { arbitraryNumber, arbitraryValue } from './arbitrary.ts';

const dbPointer: RawValue = {
  buffer: Buffer.concat([Buffer.from([2, 0, 0, 0, 97, 0]), Buffer.alloc(12, 7)]),
  type: BsonType.dbPointer,
  start: 0,
  end: 18,
};

function compare(a: RawValue, b: RawValue): number {
  return Math.sign(compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start)) + 0;
}

function compareAll(
  a: readonly RawValue[],
  b: readonly RawValue[],
  descending: readonly boolean[],
): number {
  for (let i = 0; i < descending.length; i++) {
    const order = compare(a[i]!, b[i]!);
    if (order !== 0) return descending[i] ? -order : order;
  }
  return 0;
}

function hex(value: RawValue): string {
  return `${value.type}:${value.buffer.toString('hex', value.start, value.end)}`;
}

const anyRaw = fc.oneof(
  { weight: 12, arbitrary: arbitraryValue().map(encodeValue) },
  { weight: 1, arbitrary: fc.constantFrom(dbPointer, encodeValue(undefined)) },
);
const anyNumber = arbitraryNumber.map(encodeValue);

describe('key strings', () => {
  for (const [label, arbitrary, numRuns] of [
    ['values of all types', anyRaw, 2000],
    ['numbers', anyNumber, 4000],
  ] as const) {
    test(`sort as ${label} compare, in both directions`, () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (a, b) => {
          for (const descending of [false, true]) {
            const left = encodeKeyString([a], [descending]).key;
            const right = encodeKeyString([b], [descending]).key;
            expect(Buffer.compare(left, right)).toBe(compareAll([a], [b], [descending]));
          }
        }),
        { numRuns },
      );
    });
  }

  test('sort by several fields with a record id behind them', () => {
    const directions = fc.tuple(fc.boolean(), fc.boolean());
    const pair = fc.tuple(anyRaw, anyRaw);
    const recordId = fc.constantFrom(Buffer.alloc(8), Buffer.from('00ffffffffffffff', 'hex'));
    fc.assert(
      fc.property(pair, pair, directions, recordId, recordId, (a, b, descending, idA, idB) => {
        const left = Buffer.concat([encodeKeyString(a, descending).key, idA]);
        const right = Buffer.concat([encodeKeyString(b, descending).key, idB]);
        const order = compareAll(a, b, descending);
        expect(Buffer.compare(left, right)).toBe(order === 0 ? Buffer.compare(idA, idB) : order);
      }),
      { numRuns: 1500 },
    );
  });

  test('give back exactly the values they were made from', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyRaw, fc.boolean()), { maxLength: 4 }), (fields) => {
        const values = fields.map(([value]) => value);
        const descending = fields.map(([, direction]) => direction);
        const { key, typeBits } = encodeKeyString(values, descending);
        expect(decodeKeyString(key, typeBits, descending).map(hex)).toEqual(values.map(hex));
      }),
      { numRuns: 2000 },
    );
  });

  test('give back every number exactly', () => {
    fc.assert(
      fc.property(anyNumber, fc.boolean(), (value, descending) => {
        const { key, typeBits } = encodeKeyString([value], [descending]);
        expect(decodeKeyString(key, typeBits, [descending]).map(hex)).toEqual([hex(value)]);
      }),
      { numRuns: 4000 },
    );
  });

  test('are never a proper prefix of another', () => {
    fc.assert(
      fc.property(anyRaw, anyRaw, fc.boolean(), (a, b, descending) => {
        const left = encodeKeyString([a], [descending]).key;
        const right = encodeKeyString([b], [descending]).key;
        const shared = right.subarray(0, left.length).equals(left);
        expect(shared).toBe(compare(a, b) === 0);
      }),
      { numRuns: 1000 },
    );
  });

  test('have a bound after everything that starts with them', () => {
    fc.assert(
      fc.property(anyRaw, anyRaw, anyRaw, fc.boolean(), (a, b, c, descending) => {
        const prefix = encodeKeyString([a], [descending]).key;
        const bound = afterPrefix(prefix);
        const extended = encodeKeyString([a, b], [descending, descending]).key;
        expect(Buffer.compare(extended, prefix)).toBe(1);
        expect(Buffer.compare(extended, bound)).toBe(-1);
        const other = encodeKeyString([c], [descending]).key;
        expect(Buffer.compare(other, bound)).toBe(Buffer.compare(other, prefix) > 0 ? 1 : -1);
      }),
      { numRuns: 1000 },
    );
  });

  test('of small integers and strings are short and have no type bits', () => {
    const { key, typeBits } = encodeKeyString([5, 'ab', 0].map(encodeValue), []);
    expect(key.toString('hex')).toBe(['218114', '3c616200', '20'].join(''));
    expect(typeBits.length).toBe(0);
    const restored = encodeKeyString([encodeValue(bson.Decimal128.fromString('0.10'))], []);
    expect(restored.key.length).toBe(1 + 9 + 2 + 15);
  });

  test('a missing field sorts as null, an empty array of an index as undefined', () => {
    const writer = new KeyStringWriter();
    writer.appendMissing(false);
    writer.appendUndefined(true);
    const expected = encodeKeyString([encodeValue(null), encodeValue(undefined)], [false, true]);
    expect(writer.finish()).toEqual(expected.key);
    writer.reset();
    expect(writer.length).toBe(0);
  });

  test('a key string that was cut off is an error', () => {
    const { key, typeBits } = encodeKeyString([encodeValue('abc')], [false]);
    expect(() => decodeKeyString(key.subarray(0, 3), typeBits, [false])).toThrow('cut off');
    expect(() => decodeKeyString(Buffer.from([9]), typeBits, [false])).toThrow('lead byte');
  });
});
