import { BsonType, truncateToInteger } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { compareMaybe } from './compare.ts';
import { isNullish, isNumber, longValue, type MaybeValue, typeName, utf8Of } from './value.ts';

const none = Buffer.alloc(0);

/** How the string operators read their operand: null is empty, numbers and dates are printed. */
export function coerceToUtf8(value: MaybeValue): Buffer {
  if (isNullish(value)) return none;
  const { buffer, start, type } = value!;
  switch (type) {
    case BsonType.string:
    case BsonType.symbol:
      return utf8Of(value!);
    case BsonType.int:
      return Buffer.from(String(buffer.readInt32LE(start)));
    case BsonType.long:
      return Buffer.from(String(buffer.readBigInt64LE(start)));
    case BsonType.double:
      return Buffer.from(doubleText(buffer.readDoubleLE(start)));
    case BsonType.date:
      return Buffer.from(dateText(buffer.readBigInt64LE(start)));
    default:
      throw new MongoServerError(
        16007,
        `can't convert from BSON type ${typeName(value)} to String`,
      );
  }
}

/** ISO 8601 with milliseconds. */
function dateText(milliseconds: bigint): string {
  const date = new Date(Number(milliseconds));
  if (Number.isNaN(date.getTime())) {
    throw new MongoServerError(18535, `$dateToString could not convert ${milliseconds} to a date`);
  }
  return date.toISOString();
}

export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The value of a number of any type without fraction, if it fits into 32 bits. */
export function wholeNumberOf(value: MaybeValue): number | undefined {
  if (value?.type === BsonType.int) return value.buffer.readInt32LE(value.start);
  const whole = wholeLongOf(value);
  return whole !== undefined && BigInt.asIntN(32, whole) === whole ? Number(whole) : undefined;
}

/** The value of a number of any type without fraction, if it fits into 64 bits. */
export function wholeLongOf(value: MaybeValue): bigint | undefined {
  if (value === undefined || !isNumber(value)) return undefined;
  const whole = truncateToInteger(value);
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole) return undefined;
  return compareMaybe(longValue(whole), value) === 0 ? whole : undefined;
}
