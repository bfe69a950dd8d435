/** Conversions between types (`$convert`, `$toInt` and their kin), exact or refused. */
import {
  BsonType,
  decimalValue,
  decodeValue,
  readDouble,
  readInt64,
  toDecimal,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { doubleText } from './coerce.ts';
import { conversionFailure } from './conversion-failure.ts';
import {
  type BinaryFormat,
  type ByteOrder,
  binaryOfBinary,
  binaryOfNumber,
  binaryOfText,
  checkedSubtype,
  numberOfBinary,
  textOfBinary,
} from './convert-binary.ts';
import {
  decimalOfText,
  doubleOfNumber,
  doubleOfText,
  integerOfNumber,
  integerOfText,
  integerValue,
} from './convert-number.ts';
import { formatDate, isoFormat } from './dates/format-date.ts';
import { instantOf, longOfInstant } from './dates/instant.ts';
import { localTimeOf } from './dates/local-time.ts';
import { parseDateText } from './dates/parse-date-text.ts';
import { utc } from './dates/time-zone.ts';
import {
  boolValue,
  dateValue,
  doubleValue,
  intValue,
  isNumber,
  isTruthy,
  longValue,
  type MaybeValue,
  textOf,
  textValue,
  typeName,
  type Value,
} from './value.ts';

/** What conversions of binary data want to know. */
export interface BinaryOptions {
  /** Undefined: to and from text there is none, and it is refused (4341115). */
  readonly format: BinaryFormat | undefined;
  readonly byteOrder: ByteOrder;
  /** Undefined: 0. */
  readonly subtype: MaybeValue;
}

/** Of `$toString` and its kin, that have no options. */
export const shortForm: BinaryOptions = {
  format: 'auto',
  byteOrder: 'little',
  subtype: undefined,
};

/** `value` as another type, by its alias; what can not be is a ConversionFailure (241). */
export function convert(value: Value, target: string, options: BinaryOptions): Value {
  switch (target) {
    case 'string':
      return toText(value, options);
    case 'bool':
      return boolValue(isTruthy(value));
    case 'int':
    case 'long':
      return toInteger(value, target, options);
    case 'double':
      return toDouble(value, options);
    case 'decimal':
      return toDecimalValue(value);
    case 'date':
      return toDate(value);
    case 'objectId':
      return toObjectId(value);
    case 'binData':
      return toBinary(value, options);
    default:
      throw unsupported(value, target);
  }
}

function unsupported(value: Value, target: string): MongoServerError {
  return conversionFailure(
    `Unsupported conversion from ${typeName(value)} to ${target} in $convert with no onError value`,
  );
}

function formatOf(value: Value, target: string, { format }: BinaryOptions): BinaryFormat {
  if (format !== undefined) return format;
  throw new MongoServerError(
    4341115,
    `Format must be speficied when converting from '${typeName(value)}' to '${target}'`,
  );
}

function toText(value: Value, options: BinaryOptions): Value {
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
      return textValue(formatDate(localTimeOf(instantOf(value), utc), `${isoFormat}Z`));
    case BsonType.binData:
      return textOfBinary(value, formatOf(value, 'string', options));
    default:
      throw unsupported(value, 'string');
  }
}

function toInteger(value: Value, target: 'int' | 'long', { byteOrder }: BinaryOptions): Value {
  const bits = target === 'int' ? 32 : 64;
  if (isNumber(value)) return integerValue(integerOfNumber(value, bits), bits);
  switch (value.type) {
    case BsonType.bool:
      return integerValue(isTruthy(value) ? 1n : 0n, bits);
    case BsonType.string:
      return integerOfText(value, bits);
    case BsonType.binData:
      return numberOfBinary(value, target, byteOrder);
    default:
      if (value.type !== BsonType.date || target === 'int') throw unsupported(value, target);
      return longValue(readInt64(value.buffer, value.start));
  }
}

function toDouble(value: Value, { byteOrder }: BinaryOptions): Value {
  if (isNumber(value)) return doubleOfNumber(value);
  switch (value.type) {
    case BsonType.bool:
      return doubleValue(isTruthy(value) ? 1 : 0);
    case BsonType.date:
      return doubleValue(Number(readInt64(value.buffer, value.start)));
    case BsonType.string:
      return doubleOfText(value);
    case BsonType.binData:
      return numberOfBinary(value, 'double', byteOrder);
    default:
      throw unsupported(value, 'double');
  }
}

function toDecimalValue(value: Value): Value {
  if (value.type === BsonType.decimal) return value;
  if (isNumber(value)) return decimalValue(toDecimal(value));
  switch (value.type) {
    case BsonType.bool:
      return decimalValue(toDecimal(intValue(isTruthy(value) ? 1 : 0)));
    case BsonType.date:
      return decimalValue(toDecimal(longValue(readInt64(value.buffer, value.start))));
    case BsonType.string:
      return decimalOfText(value);
    default:
      throw unsupported(value, 'decimal');
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
    case BsonType.decimal:
      return dateValue(integerOfNumber(value, 64));
    case BsonType.string:
      return dateValue(longOfInstant(parseDateText(textOf(value), utc)));
    default:
      throw unsupported(value, 'date');
  }
}

function toObjectId(value: Value): Value {
  if (value.type === BsonType.objectId) return value;
  if (value.type !== BsonType.string) throw unsupported(value, 'objectId');
  const text = textOf(value);
  const fail = (reason: string) =>
    conversionFailure(
      `Failed to parse objectId '${text}' in $convert with no onError value: ${reason}`,
    );
  const { length } = Buffer.from(text);
  if (length !== 24) {
    throw fail(`Invalid string length for parsing to OID, expected 24 but found ${length}`);
  }
  const bad = /[^0-9a-fA-F]/.exec(text);
  if (bad !== null) throw fail(`Invalid character found in hex string: ${bad[0]}`);
  return { buffer: Buffer.from(text, 'hex'), type: BsonType.objectId, start: 0, end: 12 };
}

function toBinary(value: Value, options: BinaryOptions): Value {
  switch (value.type) {
    case BsonType.string: {
      const format = formatOf(value, 'binData', options);
      return binaryOfText(value, format, checkedSubtype(options.subtype));
    }
    case BsonType.binData:
      return binaryOfBinary(value, checkedSubtype(options.subtype));
    case BsonType.int:
    case BsonType.long:
    case BsonType.double:
      return binaryOfNumber(value, options.byteOrder, checkedSubtype(options.subtype));
    default:
      throw unsupported(value, 'binData');
  }
}
