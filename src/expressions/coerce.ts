import {
  BsonType,
  decodeValue,
  nearestInteger,
  readDecimal,
  truncateToInteger,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { compareMaybe } from './compare.ts';
import {
  isNullish,
  isNumber,
  longValue,
  type MaybeValue,
  typeName,
  utf8Of,
  type Value,
} from './value.ts';

const none = Buffer.alloc(0);

/** How the string operators read their operand: null is empty, numbers and dates are printed. */
export function coerceToUtf8(value: MaybeValue): Buffer {
  if (isNullish(value)) return none;
  const { buffer, start, type } = value!;
  switch (type) {
    case BsonType.string:
    case BsonType.symbol:
    case BsonType.javascript:
      return utf8Of(value!);
    case BsonType.int:
      return Buffer.from(String(buffer.readInt32LE(start)));
    case BsonType.long:
      return Buffer.from(String(buffer.readBigInt64LE(start)));
    case BsonType.double:
      return Buffer.from(shortDoubleText(buffer.readDoubleLE(start)));
    case BsonType.decimal:
      return Buffer.from(String(decodeValue(value!)));
    case BsonType.timestamp:
      return Buffer.from(timestampText(value!));
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

/** As `Jan  1 00:00:00:1`: a day without its year, a time in UTC, the increment. */
function timestampText({ buffer, start }: Value): string {
  const date = new Date(buffer.readUInt32LE(start + 4) * 1000);
  const month = monthNames[date.getUTCMonth()];
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const time = date.toISOString().slice(11, 19);
  return `${month} ${day} ${time}:${buffer.readUInt32LE(start)}`;
}

const monthNames = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** As conversions write a double: the shortest digits that are read as the same number. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return withExponent(value, value.toExponential(), 16) ?? signedText(value);
}

/** As string operators write a double: six digits, as C's `%g`. */
function shortDoubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  // A negative zero loses its sign in toPrecision.
  const rounded = value === 0 ? value : Number(value.toPrecision(6));
  return withExponent(value, value.toExponential(5), 6) ?? signedText(rounded);
}

/** With an exponent of two digits or more, where it is below -4 or `limit` or more. */
function withExponent(value: number, scientific: string, limit: number): string | undefined {
  const [mantissa, power] = scientific.split('e') as [string, string];
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < limit)) return undefined;
  const digits = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function signedText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A number cut to 64 bits: a decimal is rounded, and one that does not fit is the least of all. */
export function longOf(value: Value): bigint {
  switch (value.type) {
    case BsonType.double: {
      const number = value.buffer.readDoubleLE(value.start);
      if (Math.abs(number) < 2 ** 63 || number === -(2 ** 63)) return BigInt(Math.trunc(number));
      throw new MongoServerError(
        31109,
        `Can't coerce out of range value ${shortDoubleText(number)} to long`,
      );
    }
    case BsonType.decimal: {
      const nearest = nearestInteger(readDecimal(value.buffer, value.start));
      const fits = nearest !== undefined && BigInt.asIntN(64, nearest) === nearest;
      return fits ? nearest : -(2n ** 63n);
    }
    default:
      return truncateToInteger(value)!;
  }
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
