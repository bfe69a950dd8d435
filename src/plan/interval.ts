/** Intervals of values in the total order of BSON: intersected, united, turned inside out. */
import { BsonType, compareValues, type RawValue } from '../bson/index.ts';

/** All values from `low` to `high` in MongoDB's total order. */
export interface Interval {
  readonly low: RawValue;
  readonly lowInclusive: boolean;
  readonly high: RawValue;
  readonly highInclusive: boolean;
}

/** Disjoint intervals in ascending order; empty: nothing can match. */
export type Intervals = readonly Interval[];

const none = Buffer.alloc(0);

function value(type: number, bytes: Buffer = none): RawValue {
  return { buffer: bytes, type, start: 0, end: bytes.length };
}

function double(number: number): RawValue {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(number);
  return value(BsonType.double, bytes);
}

function int64(number: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(number);
  return bytes;
}

export function stringValue(text: string): RawValue {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(length + 5);
  bytes.writeInt32LE(length + 1);
  bytes.write(text, 4);
  return value(BsonType.string, bytes);
}

const minKey = value(BsonType.minKey);
const maxKey = value(BsonType.maxKey);
export const nullValue = value(BsonType.null);
export const nan = double(Number.NaN);
const emptyDocument = Buffer.from([5, 0, 0, 0, 0]);
const emptyBinary = Buffer.from([0, 0, 0, 0, 0]);

export const allValues: Interval = {
  low: minKey,
  lowInclusive: true,
  high: maxKey,
  highInclusive: true,
};

export function point(at: RawValue): Interval {
  return { low: at, lowInclusive: true, high: at, highInclusive: true };
}

export function interval(
  low: RawValue,
  lowInclusive: boolean,
  high: RawValue,
  highInclusive: boolean,
): Interval {
  return { low, lowInclusive, high, highInclusive };
}

function compare(a: RawValue, b: RawValue): number {
  return compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start);
}

function isPoint(one: Interval): boolean {
  return one.lowInclusive && one.highInclusive && compare(one.low, one.high) === 0;
}

export function isAllValues(list: Intervals): boolean {
  const only = list[0];
  return (
    list.length === 1 && only!.low.type === BsonType.minKey && only!.high.type === BsonType.maxKey
  );
}

export function arePoints(list: Intervals): boolean {
  return list.every(isPoint);
}

/**
 * The values that `$gt` and its kin compare with a value of `type`: its type bracket, numbers without
 * NaN. Undefined for types that have no bracket of their own here.
 */
export function bracketOf(type: number): Interval | undefined {
  return brackets[type];
}

/** One for each type, made once: every range in a query asks for one. */
const brackets = Array.from({ length: BsonType.decimal + 1 }, (_, type) => makeBracket(type));

function makeBracket(type: number): Interval | undefined {
  switch (type) {
    case BsonType.double:
    case BsonType.int:
    case BsonType.long:
    case BsonType.decimal:
      return interval(double(-Infinity), true, double(Infinity), true);
    case BsonType.string:
    case BsonType.symbol:
      return interval(stringValue(''), true, value(BsonType.object, emptyDocument), false);
    case BsonType.object:
      return interval(
        value(BsonType.object, emptyDocument),
        true,
        value(BsonType.array, emptyDocument),
        false,
      );
    case BsonType.array:
      return interval(
        value(BsonType.array, emptyDocument),
        true,
        value(BsonType.binData, emptyBinary),
        false,
      );
    case BsonType.binData:
      return interval(
        value(BsonType.binData, emptyBinary),
        true,
        value(BsonType.objectId, Buffer.alloc(12)),
        false,
      );
    case BsonType.objectId:
      return interval(
        value(BsonType.objectId, Buffer.alloc(12)),
        true,
        value(BsonType.objectId, Buffer.alloc(12, 0xff)),
        true,
      );
    case BsonType.bool:
      return interval(
        value(BsonType.bool, Buffer.from([0])),
        true,
        value(BsonType.bool, Buffer.from([1])),
        true,
      );
    case BsonType.date:
      return interval(
        value(BsonType.date, int64(-(2n ** 63n))),
        true,
        value(BsonType.date, int64(2n ** 63n - 1n)),
        true,
      );
    case BsonType.timestamp:
      return interval(
        value(BsonType.timestamp, int64(0n)),
        true,
        value(BsonType.timestamp, int64(-1n)),
        true,
      );
    case BsonType.null:
      return point(nullValue);
    default:
      return undefined;
  }
}

function isEmpty(low: RawValue, lowInclusive: boolean, high: RawValue, highInclusive: boolean) {
  const order = compare(low, high);
  return order > 0 || (order === 0 && !(lowInclusive && highInclusive));
}

/** The interval, unless there is nothing in it. */
export function unlessEmpty(one: Interval): Intervals {
  return isEmpty(one.low, one.lowInclusive, one.high, one.highInclusive) ? [] : [one];
}

/** Values that are in both. */
export function intersect(a: Intervals, b: Intervals): Intervals {
  const result: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i]!;
    const y = b[j]!;
    const lowOrder = compare(x.low, y.low);
    const low = lowOrder >= 0 ? x.low : y.low;
    const lowInclusive =
      lowOrder === 0
        ? x.lowInclusive && y.lowInclusive
        : lowOrder > 0
          ? x.lowInclusive
          : y.lowInclusive;
    const highOrder = compare(x.high, y.high);
    const high = highOrder <= 0 ? x.high : y.high;
    const highInclusive =
      highOrder === 0
        ? x.highInclusive && y.highInclusive
        : highOrder < 0
          ? x.highInclusive
          : y.highInclusive;
    if (!isEmpty(low, lowInclusive, high, highInclusive)) {
      result.push({ low, lowInclusive, high, highInclusive });
    }
    if (highOrder < 0 || (highOrder === 0 && !x.highInclusive)) i++;
    else j++;
  }
  return result;
}

/** Values that are in one of them, as disjoint ascending intervals. */
export function union(lists: readonly Intervals[]): Intervals {
  const all = lists.flat();
  all.sort((a, b) => compare(a.low, b.low) || Number(b.lowInclusive) - Number(a.lowInclusive));
  const result: Interval[] = [];
  for (const next of all) {
    const last = result.at(-1);
    if (last === undefined) {
      result.push(next);
      continue;
    }
    const gap = compare(last.high, next.low);
    if (gap < 0 || (gap === 0 && !last.highInclusive && !next.lowInclusive)) {
      result.push(next);
      continue;
    }
    const order = compare(last.high, next.high);
    const high = order >= 0 ? last.high : next.high;
    const highInclusive =
      order === 0
        ? last.highInclusive || next.highInclusive
        : order > 0
          ? last.highInclusive
          : next.highInclusive;
    result[result.length - 1] = {
      low: last.low,
      lowInclusive: last.lowInclusive,
      high,
      highInclusive,
    };
  }
  return result;
}

/** Every other value. */
export function complement(list: Intervals): Intervals {
  const result: Interval[] = [];
  let low = minKey;
  let lowInclusive = true;
  for (const one of list) {
    if (!isEmpty(low, lowInclusive, one.low, !one.lowInclusive)) {
      result.push({ low, lowInclusive, high: one.low, highInclusive: !one.lowInclusive });
    }
    low = one.high;
    lowInclusive = !one.highInclusive;
  }
  if (!isEmpty(low, lowInclusive, maxKey, true)) {
    result.push({ low, lowInclusive, high: maxKey, highInclusive: true });
  }
  return result;
}
