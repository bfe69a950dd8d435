/** Binary data to and from text (MongoDB 8.0) and numbers (8.1): exact or refused (241). */
import { BsonType, readInt32, valueText } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { wholeLongOf } from './coerce.ts';
import { conversionFailure } from './conversion-failure.ts';
import {
  bytesAsText,
  doubleValue,
  intValue,
  isNumber,
  longValue,
  type MaybeValue,
  textOf,
  textValue,
  typeName,
  type Value,
} from './value.ts';

export type BinaryFormat = 'auto' | 'base64' | 'base64url' | 'hex' | 'utf8' | 'uuid';
export type ByteOrder = 'little' | 'big';

export const uuidSubtype = 4;
const textBytesMax = 16 * 1024 * 1024;

function payloadOf({ buffer, start }: Value): Buffer {
  return buffer.subarray(start + 5, start + 5 + readInt32(buffer, start));
}

function subtypeOf({ buffer, start }: Value): number {
  return buffer[start + 4]!;
}

function binaryValue(payload: Buffer, subtype: number): Value {
  const buffer = Buffer.allocUnsafe(payload.length + 5);
  buffer.writeInt32LE(payload.length, 0);
  buffer[4] = subtype;
  payload.copy(buffer, 5);
  return { buffer, type: BsonType.binData, start: 0, end: buffer.length };
}

/** For a message, which must fit into a reply. */
function shown(value: Value): string {
  return payloadOf(value).length < 1024 * 1024 ? valueText(value) : 'BinData';
}

/** The number of a subtype; 0 where none is given. */
export function checkedSubtype(value: MaybeValue): number {
  if (value === undefined) return 0;
  if (!isNumber(value)) {
    throw new MongoServerError(
      4341108,
      `For BinData, $convert's 'subtype' argument must be a number, but is ${typeName(value)}`,
    );
  }
  const number = wholeLongOf(value);
  if (number === undefined) {
    throw new MongoServerError(
      4341106,
      "In $convert, numeric 'subtype' argument is not an integer",
    );
  }
  if ((number >= 0n && number <= 9n) || (number >= 128n && number <= 255n)) return Number(number);
  throw new MongoServerError(
    4341107,
    `In $convert, numeric value for 'subtype' does not correspond to a BinData type: ${number}`,
  );
}

export function binaryOfText(value: Value, format: BinaryFormat, subtype: number): Value {
  const text = textOf(value);
  const fail = (reason: string) =>
    conversionFailure(
      `Failed to parse BinData '${text}' in $convert with no onError value: ${reason}`,
    );
  if ((format === 'uuid') !== (subtype === uuidSubtype)) {
    throw fail("Only the 'uuid' format is allowed with the UUID subtype");
  }
  switch (format) {
    case 'base64':
      if (text.length % 4 !== 0) throw fail('invalid base64');
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw fail('invalid character in base64');
      return binaryValue(Buffer.from(text, 'base64'), subtype);
    case 'base64url':
      if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) throw fail('invalid character in base64url');
      if (text.replace(/=+$/, '').length % 4 === 1) throw fail('invalid base64url');
      return binaryValue(Buffer.from(text, 'base64url'), subtype);
    case 'hex': {
      if (text.length % 2 !== 0) throw fail('Hex blob with odd digit count');
      const bad = /[^0-9a-f]/i.exec(text);
      if (bad !== null) throw fail(`The character ${bad[0]} failed to parse from hex.`);
      return binaryValue(Buffer.from(text, 'hex'), subtype);
    }
    case 'utf8':
      return binaryValue(Buffer.from(text), subtype);
    case 'uuid':
      if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
        throw fail(`Invalid UUID string: ${text}`);
      }
      return binaryValue(Buffer.from(text.replaceAll('-', ''), 'hex'), subtype);
    case 'auto':
      throw fail("Invalid format 'auto'");
  }
}

export function textOfBinary(value: Value, format: BinaryFormat): Value {
  const payload = payloadOf(value);
  const isUuid = subtypeOf(value) === uuidSubtype && payload.length === 16;
  const fail = (reason: string) =>
    conversionFailure(
      `Failed to convert '${shown(value)}' to string in $convert with no onError value: ${reason}`,
    );
  switch (format) {
    case 'auto':
      return isUuid ? uuidText(payload) : encoded(payload, 'base64', fail);
    case 'base64':
    case 'base64url':
    case 'hex':
      return encoded(payload, format, fail);
    case 'utf8':
      if (!isUtf8(payload)) throw fail('BinData does not represent a valid UTF-8 string');
      return bytesAsText(payload);
    case 'uuid':
      if (!isUuid) throw fail('BinData does not represent a valid UUID');
      return uuidText(payload);
  }
}

function encoded(
  payload: Buffer,
  encoding: 'base64' | 'base64url' | 'hex',
  fail: (reason: string) => MongoServerError,
): Value {
  const length = encoding === 'hex' ? payload.length * 2 : Math.ceil(payload.length / 3) * 4;
  if (length >= textBytesMax) throw fail('Tried to create string longer than 16MB');
  const text = payload.toString(encoding);
  return textValue(encoding === 'hex' ? text.toUpperCase() : text);
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}

function uuidText(payload: Buffer): Value {
  const hex = payload.toString('hex');
  return textValue(hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
}

/** Binary data of the same subtype stays as it is. */
export function binaryOfBinary(value: Value, subtype: number): Value {
  if (subtypeOf(value) === subtype) return value;
  throw conversionFailure('Conversions between different BinData subtypes are not supported');
}

export function binaryOfNumber(value: Value, order: ByteOrder, subtype: number): Value {
  const bytes = Buffer.from(value.buffer.subarray(value.start, value.end));
  return binaryValue(order === 'big' ? bytes.reverse() : bytes, subtype);
}

export function numberOfBinary(
  value: Value,
  target: 'int' | 'long' | 'double',
  order: ByteOrder,
): Value {
  const payload = payloadOf(value);
  const bytes = order === 'big' ? Buffer.from(payload).reverse() : payload;
  const { length } = bytes;
  if (target === 'double') {
    if (length === 4) return doubleValue(bytes.readFloatLE(0));
    if (length === 8) return doubleValue(bytes.readDoubleLE(0));
  } else if (length === 1 || length === 2 || length === 4) {
    const number = bytes.readIntLE(0, length);
    return target === 'int' ? intValue(number) : longValue(BigInt(number));
  } else if (length === 8 && target === 'long') return longValue(bytes.readBigInt64LE(0));
  throw conversionFailure(
    `Failed to convert '${shown(value)}' to number in $convert because of invalid length: ${length}`,
  );
}
