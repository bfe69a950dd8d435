/**
 * From bytes to JavaScript values: for commands' small documents, tests and error messages, never in
 * the data path.
 *
 * int32 and double become numbers, int64 a bigint, the rest the classes of the `bson` package.
 * Objects have no inherited fields (`__proto__` is a field like any other); of two fields with the
 * same name the last one wins.
 */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { MongoServerError } from '../errors/index.ts';
import { BsonType, type RawValue } from './bson-type.ts';
import { cstringEnd, documentEnd, internName, internText, valueEnd } from './element-reader.ts';
import {
  readDouble,
  readInt32,
  readInt64,
  readInt64AsNumber,
  readUint32,
} from './little-endian.ts';

/**
 * An object with a null-prototype object as its prototype. As safe as Object.create(null), and four
 * times as fast to fill: V8 keeps those as hash tables and these as hidden classes.
 */
const Fields = function Fields() {} as unknown as new () => Record<string, unknown>;
Fields.prototype = Object.create(null);

/** Whether objects of this prototype are made by `decodeDocument`, or are plain in another way. */
export function isPlainPrototype(prototype: object | null): boolean {
  return prototype === Fields.prototype || prototype === Object.prototype || prototype === null;
}

export function decodeValue(value: RawValue): unknown {
  return decodeAt(value.buffer, value.type, value.start);
}

export function decodeDocument(buffer: Buffer, start = 0): Record<string, unknown> {
  const object = new Fields();
  let at = start + 4;
  for (;;) {
    const type = buffer[at]!;
    if (!(type > 0)) return object;
    const nameEnd = cstringEnd(buffer, at + 1);
    object[internName(buffer, at + 1, nameEnd)] = decodeAt(buffer, type, nameEnd + 1);
    at = valueEnd(buffer, type, nameEnd + 1);
  }
}

function decodeArray(buffer: Buffer, start: number): unknown[] {
  const array: unknown[] = [];
  let at = start + 4;
  for (;;) {
    const type = buffer[at]!;
    if (!(type > 0)) return array;
    const nameEnd = cstringEnd(buffer, at + 1);
    array.push(decodeAt(buffer, type, nameEnd + 1));
    at = valueEnd(buffer, type, nameEnd + 1);
  }
}

function decodeString(buffer: Buffer, start: number): string {
  return internText(buffer, start + 4, start + 3 + readInt32(buffer, start));
}

function copyBytes(buffer: Buffer, start: number, end: number): Buffer {
  return Buffer.from(buffer.subarray(start, end));
}

function decodeAt(buffer: Buffer, type: number, start: number): unknown {
  switch (type) {
    case BsonType.int:
      return readInt32(buffer, start);
    case BsonType.double:
      return readDouble(buffer, start);
    case BsonType.string:
      return decodeString(buffer, start);
    case BsonType.object:
      return decodeDocument(buffer, start);
    case BsonType.array:
      return decodeArray(buffer, start);
    case BsonType.bool:
      return buffer[start] !== 0;
    case BsonType.null:
      return null;
    case BsonType.undefined:
      return undefined;
    case BsonType.long:
      return readInt64(buffer, start);
    case BsonType.objectId:
      return decodeObjectId(buffer, start);
    case BsonType.date:
      return new Date(readInt64AsNumber(buffer, start));
    case BsonType.timestamp:
      return new Timestamp({ t: readUint32(buffer, start + 4), i: readUint32(buffer, start) });
    case BsonType.binData:
      return decodeBinary(buffer, start);
    case BsonType.decimal:
      return new Decimal128(copyBytes(buffer, start, start + 16));
    case BsonType.regex: {
      const patternEnd = cstringEnd(buffer, start);
      const optionsEnd = cstringEnd(buffer, patternEnd + 1);
      // Not through the constructor: it throws for options it does not know.
      const regex = new BSONRegExp(buffer.toString('utf8', start, patternEnd));
      regex.options = buffer.toString('utf8', patternEnd + 1, optionsEnd);
      return regex;
    }
    case BsonType.dbPointer: {
      const idStart = start + 4 + readInt32(buffer, start);
      return new DBRef(decodeString(buffer, start), decodeObjectId(buffer, idStart));
    }
    case BsonType.javascript:
      return new Code(decodeString(buffer, start));
    case BsonType.symbol:
      return new BSONSymbol(decodeString(buffer, start));
    case BsonType.javascriptWithScope: {
      const scopeStart = start + 8 + readInt32(buffer, start + 4);
      return new Code(decodeString(buffer, start + 4), decodeDocument(buffer, scopeStart));
    }
    case BsonType.minKey:
      return new MinKey();
    case BsonType.maxKey:
      return new MaxKey();
    default:
      throw new MongoServerError('InvalidBSON', `Unrecognized BSON type: ${type}`);
  }
}

const idScratch = Buffer.alloc(12);

/** The class keeps the id as numbers, not the bytes it is given, so those can be used again. */
function decodeObjectId(buffer: Buffer, start: number): ObjectId {
  for (let i = 0; i < 12; i++) idScratch[i] = buffer[start + i]!;
  return new ObjectId(idScratch);
}

function decodeBinary(buffer: Buffer, start: number): Binary {
  const length = readInt32(buffer, start);
  const subtype = buffer[start + 4]!;
  // The old subtype 2 has its length a second time inside.
  const skipped = subtype === Binary.SUBTYPE_BYTE_ARRAY ? 4 : 0;
  return new Binary(copyBytes(buffer, start + 5 + skipped, start + 5 + length), subtype);
}

/** A copy of the document's bytes, so that it outlives the buffer it was read from. */
export function copyDocument(buffer: Buffer, start: number): Buffer {
  return copyBytes(buffer, start, documentEnd(buffer, start));
}
