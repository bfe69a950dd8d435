/** Single values of a command's fields: their types' names, and numbers and text as JavaScript values. */
import {
  BsonType,
  decodeValue,
  ElementReader,
  internName,
  isTruthy,
  nearestInteger,
  type RawValue,
  readDecimal,
  truncateToInteger,
} from '../../bson/index.ts';

/** What a type is called in error messages. */
const typeNames: Readonly<Record<number, string>> = {
  1: 'double',
  2: 'string',
  3: 'object',
  4: 'array',
  5: 'binData',
  6: 'undefined',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  10: 'null',
  11: 'regex',
  12: 'dbPointer',
  13: 'javascript',
  14: 'symbol',
  15: 'javascriptWithScope',
  16: 'int',
  17: 'timestamp',
  18: 'long',
  19: 'decimal',
  127: 'maxKey',
  255: 'minKey',
};

export function typeName(type: number): string {
  return typeNames[type] ?? `type ${type}`;
}

/** Text of a string or symbol value. Most are names that came before, so they are not made anew. */
export function textOf(value: RawValue): string {
  return internName(value.buffer, value.start + 4, value.end - 1);
}

/** Whether a bool is true, or a number not zero; undefined for another type. */
export function truthOf(value: RawValue): boolean | undefined {
  switch (value.type) {
    case BsonType.bool:
    case BsonType.double:
    case BsonType.int:
    case BsonType.long:
    case BsonType.decimal:
      return isTruthy(value);
    default:
      return undefined;
  }
}

/** The nearest double of any numeric value, undefined for another type. */
export function numberOf(value: RawValue): number | undefined {
  switch (value.type) {
    case BsonType.double:
      return value.buffer.readDoubleLE(value.start);
    case BsonType.int:
      return value.buffer.readInt32LE(value.start);
    case BsonType.long:
      return Number(value.buffer.readBigInt64LE(value.start));
    case BsonType.decimal:
      return Number(String(decodeValue(value)));
    default:
      return undefined;
  }
}

/**
 * A number as MongoDB takes it for an integer: a double is cut, a decimal rounded half to even, NaN is 0.
 * Beyond 2^53 it is the nearest double. Undefined for another type.
 */
export function wholeNumberOf(value: RawValue): number | undefined {
  const number = numberOf(value);
  if (number === undefined) return undefined;
  if (Number.isNaN(number)) return 0;
  if (value.type !== BsonType.decimal || !Number.isFinite(number)) return Math.trunc(number);
  return Number(nearestInteger(readDecimal(value.buffer, value.start)));
}

/** A number that is an integer within 64 bits, whatever its type; undefined for every other value. */
export function exactLong(value: RawValue): bigint | undefined {
  const number = numberOf(value);
  if (number === undefined || !Number.isInteger(number)) return undefined;
  const whole = truncateToInteger(value);
  return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : undefined;
}

/** The elements of an array value. */
export function* arrayValues(array: RawValue): Generator<RawValue> {
  const reader = new ElementReader(array.buffer, array.start);
  while (reader.next()) yield reader.value();
}
