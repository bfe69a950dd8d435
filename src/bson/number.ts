/** What BSON's four number types mean together: values, and arithmetic with MongoDB's result types. */
import { BsonType, type RawValue } from './bson-type.ts';
import {
  addDecimals,
  type Decimal,
  decimalBytes,
  decimalFromDouble,
  decimalFromInteger,
  decimalToDouble,
  multiplyDecimals,
  readDecimal,
  truncateDecimal,
} from './decimal.ts';
import {
  readDouble,
  readInt32,
  readInt64,
  readInt64AsNumber,
  writeDouble,
  writeInt32,
  writeInt64,
} from './little-endian.ts';

export function isNumericType(type: number): boolean {
  return (
    type === BsonType.int ||
    type === BsonType.double ||
    type === BsonType.long ||
    type === BsonType.decimal
  );
}

/** The nearest double to a value of any numeric type; NaN for other types. */
export function toNumber(buffer: Buffer, type: number, start: number): number {
  switch (type) {
    case BsonType.int:
      return readInt32(buffer, start);
    case BsonType.double:
      return readDouble(buffer, start);
    case BsonType.long:
      return readInt64AsNumber(buffer, start);
    case BsonType.decimal:
      return decimalToDouble(readDecimal(buffer, start));
    default:
      return Number.NaN;
  }
}

/** The value without its fraction; undefined for NaN, infinities and other types. */
export function truncateToInteger(value: RawValue): bigint | undefined {
  switch (value.type) {
    case BsonType.int:
      return BigInt(readInt32(value.buffer, value.start));
    case BsonType.long:
      return readInt64(value.buffer, value.start);
    case BsonType.double: {
      const double = readDouble(value.buffer, value.start);
      return Number.isFinite(double) ? BigInt(Math.trunc(double)) : undefined;
    }
    case BsonType.decimal:
      return truncateDecimal(readDecimal(value.buffer, value.start));
    default:
      return undefined;
  }
}

/** A value of any numeric type as a decimal; a double keeps 15 digits. */
export function toDecimal(value: RawValue): Decimal {
  switch (value.type) {
    case BsonType.int:
      return decimalFromInteger(BigInt(readInt32(value.buffer, value.start)));
    case BsonType.long:
      return decimalFromInteger(readInt64(value.buffer, value.start));
    case BsonType.double:
      return decimalFromDouble(readDouble(value.buffer, value.start));
    default:
      return readDecimal(value.buffer, value.start);
  }
}

export function int32Value(value: number): RawValue {
  const buffer = Buffer.allocUnsafe(4);
  writeInt32(buffer, 0, value);
  return { buffer, type: BsonType.int, start: 0, end: 4 };
}

export function int64Value(value: bigint): RawValue {
  const buffer = Buffer.allocUnsafe(8);
  writeInt64(buffer, 0, value);
  return { buffer, type: BsonType.long, start: 0, end: 8 };
}

function doubleValue(value: number): RawValue {
  const buffer = Buffer.allocUnsafe(8);
  writeDouble(buffer, 0, value);
  return { buffer, type: BsonType.double, start: 0, end: 8 };
}

export function decimalValue(value: Decimal): RawValue {
  return { buffer: decimalBytes(value), type: BsonType.decimal, start: 0, end: 16 };
}

interface Operation {
  readonly integers: (a: bigint, b: bigint) => bigint;
  readonly doubles: (a: number, b: number) => number;
  readonly decimals: (a: Decimal, b: Decimal) => Decimal;
}

const addition: Operation = {
  integers: (a, b) => a + b,
  doubles: (a, b) => a + b,
  decimals: addDecimals,
};

const multiplication: Operation = {
  integers: (a, b) => a * b,
  doubles: (a, b) => a * b,
  decimals: multiplyDecimals,
};

/**
 * The result has the wider type of the two: decimal, else double, else int64, else int32; int32
 * that does not fit becomes int64, int64 that does not fit is 'overflow'. Both must be numbers.
 */
function combine(operation: Operation, a: RawValue, b: RawValue): RawValue | 'overflow' {
  if (a.type === BsonType.decimal || b.type === BsonType.decimal) {
    return decimalValue(operation.decimals(toDecimal(a), toDecimal(b)));
  }
  if (a.type === BsonType.double || b.type === BsonType.double) {
    const left = toNumber(a.buffer, a.type, a.start);
    return doubleValue(operation.doubles(left, toNumber(b.buffer, b.type, b.start)));
  }
  if (a.type === BsonType.int && b.type === BsonType.int) {
    const left = readInt32(a.buffer, a.start);
    const right = readInt32(b.buffer, b.start);
    const result = operation.doubles(left, right);
    // + 0 turns the -0 of -1 * 0 into the integer 0.
    if ((result | 0) === result) return int32Value(result + 0);
    return int64Value(operation.integers(BigInt(left), BigInt(right)));
  }
  const left = truncateToInteger(a) ?? 0n;
  const result = operation.integers(left, truncateToInteger(b) ?? 0n);
  return BigInt.asIntN(64, result) === result ? int64Value(result) : 'overflow';
}

export function addNumbers(a: RawValue, b: RawValue): RawValue | 'overflow' {
  return combine(addition, a, b);
}

export function multiplyNumbers(a: RawValue, b: RawValue): RawValue | 'overflow' {
  return combine(multiplication, a, b);
}
