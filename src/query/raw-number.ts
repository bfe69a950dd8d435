import {
  BsonType,
  decodeValue,
  type RawValue,
  readDouble,
  readInt32,
  readInt64,
} from '../bson/index.ts';

export function isNumberType(type: number): boolean {
  return (
    type === BsonType.int ||
    type === BsonType.double ||
    type === BsonType.long ||
    type === BsonType.decimal
  );
}

/** The value as a JavaScript number, rounded if it must be; undefined when it is not numeric. */
export function numberOf(value: RawValue): number | undefined {
  switch (value.type) {
    case BsonType.int:
      return readInt32(value.buffer, value.start);
    case BsonType.double:
      return readDouble(value.buffer, value.start);
    case BsonType.long:
      return Number(readInt64(value.buffer, value.start));
    case BsonType.decimal:
      return Number(String(decodeValue(value)));
    default:
      return undefined;
  }
}

const int64Limit = 2n ** 63n;

/** The value cut to an int64; undefined when it is not numeric, NaN, infinite or too large. */
export function truncatedLong(buffer: Buffer, type: number, start: number): bigint | undefined {
  switch (type) {
    case BsonType.int:
      return BigInt(readInt32(buffer, start));
    case BsonType.long:
      return readInt64(buffer, start);
    case BsonType.double: {
      const double = readDouble(buffer, start);
      return Number.isFinite(double) ? inInt64(BigInt(Math.trunc(double))) : undefined;
    }
    case BsonType.decimal:
      return inInt64(
        truncatedDecimal(String(decodeValue({ buffer, type, start, end: start + 16 }))),
      );
    default:
      return undefined;
  }
}

function inInt64(value: bigint | undefined): bigint | undefined {
  return value !== undefined && value < int64Limit && value >= -int64Limit ? value : undefined;
}

function truncatedDecimal(text: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const digits = `${whole}${fraction}`;
  const point = whole!.length + exponent;
  if (point > 40 && !/^0*$/.test(digits)) return undefined;
  const integral = point <= 0 ? '0' : digits.slice(0, point).padEnd(Math.min(point, 60), '0');
  const value = BigInt(integral);
  return sign === '-' ? -value : value;
}

/** The value as an exact integer in int64, else undefined. */
export function integralLong(value: RawValue): bigint | undefined {
  const long = truncatedLong(value.buffer, value.type, value.start);
  if (long === undefined) return undefined;
  const number = numberOf(value)!;
  return value.type === BsonType.double || value.type === BsonType.decimal
    ? Number.isInteger(number)
      ? long
      : undefined
    : long;
}
