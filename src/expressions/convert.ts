/** Conversions between types (`$convert`, `$toInt` and their kin), exact or refused. */
import { Decimal128 } from 'bson';
import {
  BsonType,
  decimalValue,
  decodeValue,
  encodeValue,
  readDouble,
  readInt64,
  toDecimal,
  toNumber,
  truncateToInteger,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { dateText, doubleText } from './coerce.ts';
import { instantOf, longOfInstant } from './dates/instant.ts';
import {
  boolValue,
  dateValue,
  doubleValue,
  intValue,
  isNumber,
  isTruthy,
  longValue,
  textOf,
  textValue,
  typeName,
  type Value,
} from './value.ts';

export type TargetType =
  | 'string'
  | 'int'
  | 'long'
  | 'double'
  | 'decimal'
  | 'bool'
  | 'date'
  | 'objectId';

/** `value` as another type; what can not be is a ConversionFailure (241). */
export function convert(value: Value, target: TargetType): Value {
  switch (target) {
    case 'string':
      return toText(value);
    case 'bool':
      return boolValue(isTruthy(value));
    case 'int':
    case 'long':
      return toInteger(value, target);
    case 'double':
      return toDouble(value);
    case 'decimal':
      return toDecimalValue(value);
    case 'date':
      return toDate(value);
    case 'objectId':
      return toObjectId(value);
  }
}

function unsupported(value: Value, target: TargetType): MongoServerError {
  return new MongoServerError(
    'ConversionFailure',
    `Unsupported conversion from ${typeName(value)} to ${target} in $convert with no onError value`,
  );
}

function failed(text: string, target: TargetType, reason: string): MongoServerError {
  return new MongoServerError(
    'ConversionFailure',
    `Failed to parse ${target === 'objectId' ? 'objectId' : 'number'} '${text}' in $convert with no onError value: ${reason}`,
  );
}

function toText(value: Value): Value {
  const { buffer, start, type } = value;
  switch (type) {
    case BsonType.string:
      return value;
    case BsonType.bool:
      return textValue(buffer[start] === 0 ? 'false' : 'true');
    case BsonType.int:
    case BsonType.long:
    case BsonType.decimal:
      return textValue(String(decodeValue(value)));
    case BsonType.double:
      return textValue(doubleText(readDouble(buffer, start)));
    case BsonType.objectId:
      return textValue(buffer.toString('hex', start, start + 12));
    case BsonType.date:
      return textValue(dateText(readInt64(buffer, start)));
    default:
      throw unsupported(value, 'string');
  }
}

function toInteger(value: Value, target: 'int' | 'long'): Value {
  const bits = target === 'int' ? 32 : 64;
  let whole: bigint | undefined;
  if (isNumber(value)) {
    whole = truncateToInteger(value);
    if (whole === undefined) {
      throw new MongoServerError(
        'ConversionFailure',
        'Attempt to convert NaN or infinity value to integer in $convert with no onError value',
      );
    }
  } else if (value.type === BsonType.bool) whole = isTruthy(value) ? 1n : 0n;
  else if (value.type === BsonType.date && target === 'long') {
    whole = readInt64(value.buffer, value.start);
  } else if (value.type === BsonType.string) {
    const text = textOf(value);
    if (!/^[+-]?\d+$/.test(text)) throw failed(text, target, 'Did not consume whole string.');
    whole = BigInt(text.replace(/^\+/, ''));
  } else throw unsupported(value, target);
  if (BigInt.asIntN(bits, whole) !== whole) {
    throw new MongoServerError(
      'ConversionFailure',
      `Conversion would overflow target type in $convert with no onError value: ${whole}`,
    );
  }
  return target === 'int' ? intValue(Number(whole)) : longValue(whole);
}

function toDouble(value: Value): Value {
  if (isNumber(value)) return doubleValue(toNumber(value.buffer, value.type, value.start));
  if (value.type === BsonType.bool) return doubleValue(isTruthy(value) ? 1 : 0);
  if (value.type === BsonType.date) {
    return doubleValue(Number(readInt64(value.buffer, value.start)));
  }
  if (value.type !== BsonType.string) throw unsupported(value, 'double');
  const text = textOf(value);
  if (/^[+-]?(?:inf|infinity|nan)$/i.test(text)) {
    const magnitude = /nan/i.test(text) ? Number.NaN : Number.POSITIVE_INFINITY;
    return doubleValue(text.startsWith('-') ? -magnitude : magnitude);
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    throw failed(text, 'double', 'Did not consume whole string.');
  }
  return doubleValue(Number(text));
}

function toDecimalValue(value: Value): Value {
  if (isNumber(value)) return decimalValue(toDecimal(value));
  if (value.type === BsonType.bool)
    return decimalValue(toDecimal(intValue(isTruthy(value) ? 1 : 0)));
  if (value.type === BsonType.date) {
    return decimalValue(toDecimal(longValue(readInt64(value.buffer, value.start))));
  }
  if (value.type !== BsonType.string) throw unsupported(value, 'decimal');
  const text = textOf(value);
  try {
    return encodeValue(Decimal128.fromString(text));
  } catch {
    throw failed(text, 'decimal', 'Failed to parse string to decimal');
  }
}

function toDate(value: Value): Value {
  switch (value.type) {
    case BsonType.date:
      return value;
    case BsonType.objectId:
    case BsonType.timestamp:
      return dateValue(longOfInstant(instantOf(value)));
    case BsonType.long:
    case BsonType.double:
    case BsonType.decimal: {
      const milliseconds = truncateToInteger(value);
      if (milliseconds === undefined || BigInt.asIntN(64, milliseconds) !== milliseconds) {
        throw unsupported(value, 'date');
      }
      return dateValue(milliseconds);
    }
    case BsonType.string: {
      const text = textOf(value);
      const isIso =
        /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
      const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) && text.length > 10;
      const time = isIso.test(text)
        ? Date.parse(text.length > 10 && !hasZone ? `${text.replace(' ', 'T')}Z` : text)
        : Number.NaN;
      if (Number.isNaN(time)) {
        throw new MongoServerError(
          'ConversionFailure',
          `Error parsing date string '${text}' in $convert with no onError value`,
        );
      }
      return dateValue(BigInt(time));
    }
    default:
      throw unsupported(value, 'date');
  }
}

function toObjectId(value: Value): Value {
  if (value.type === BsonType.objectId) return value;
  if (value.type !== BsonType.string) throw unsupported(value, 'objectId');
  const text = textOf(value);
  if (!/^[0-9a-fA-F]{24}$/.test(text)) {
    throw failed(text, 'objectId', 'Invalid string length for parsing to OID, expected 24');
  }
  return { buffer: Buffer.from(text, 'hex'), type: BsonType.objectId, start: 0, end: 12 };
}
