/** The one serialiser, for replies, oplog entries and catalog records. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { MongoServerError } from '../errors/index.ts';
import { BsonType, type RawValue } from './bson-type.ts';
import { isPlainPrototype } from './decode.ts';
import { DocumentWriter } from './document-writer.ts';
import { documentEnd } from './element-reader.ts';
import { JoinedBinary } from './joined-binary.ts';
import { LentDocument } from './lent-document.ts';
import { RawArray } from './raw-array.ts';
import { maxDocumentDepth } from './validate.ts';

/** One for all: encoding never calls back into anything that could encode. */
const shared = new DocumentWriter(1 << 16);
/** For what goes out at once, a range of its buffer after the other. */
const outgoing = new DocumentWriter(1 << 16);

/**
 * Serialises an object.
 *
 * - number: int32 if integral and in range, else double (so is -0); bigint: int64
 * - Buffer: a whole BSON document, embedded verbatim; RawValue: embedded verbatim; RawArray: an array
 * - LentDocument: a document, embedded verbatim, once; JoinedBinary: binary data
 * - undefined: the field is left out (null inside an array)
 * - Date, RegExp, Map, arrays, and the classes of the `bson` package
 */
export function encodeDocument(object: Record<string, unknown>): Buffer {
  writeDocument(shared, 0, object);
  return shared.finish();
}

/**
 * The same behind so many bytes that the caller must fill in, a message's header. Not to be kept: it
 * is a range of a large buffer, and wants to be given back to `giveBackMessage`.
 */
export function encodeMessage(prefix: number, object: Record<string, unknown>): Buffer {
  writeDocument(outgoing, prefix, object);
  return outgoing.finishInPlace();
}

/** The message was sent, and nobody has it any more. Other bytes than a message's do not matter. */
export function giveBackMessage(message: Buffer): void {
  outgoing.giveBack(message);
}

function writeDocument(
  writer: DocumentWriter,
  prefix: number,
  object: Record<string, unknown>,
): void {
  try {
    writer.skip(prefix);
    writer.startDocument();
    writeFields(writer, object, 1);
    writer.end();
  } catch (error) {
    writer.reset();
    throw error;
  }
}

/** One JavaScript value as BSON, by the same rules; undefined is BSON's undefined. */
export function encodeValue(value: unknown): RawValue {
  if (value === undefined) {
    return { buffer: Buffer.alloc(0), type: BsonType.undefined, start: 0, end: 0 };
  }
  const buffer = encodeDocument({ '': value });
  return { buffer, type: buffer[4]!, start: 6, end: buffer.length - 1 };
}

/** Appends the value as a field of the document that is open in the writer. */
function writeValue(writer: DocumentWriter, name: string, value: unknown, depth = 1): void {
  switch (typeof value) {
    case 'number':
      if ((value | 0) === value && !Object.is(value, -0)) writer.int32(name, value);
      else writer.double(name, value);
      return;
    case 'string':
      writer.string(name, value);
      return;
    case 'boolean':
      writer.bool(name, value);
      return;
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) {
        throw new MongoServerError('BadValue', `the integer of '${name}' does not fit in 64 bits`);
      }
      writer.int64(name, value);
      return;
    case 'undefined':
      return;
    case 'object':
      if (value === null) writer.null(name);
      else writeObject(writer, name, value, depth);
      return;
    default:
      throw new MongoServerError('BadValue', `cannot encode '${name}': a ${typeof value}`);
  }
}

function writeFields(writer: DocumentWriter, object: Record<string, unknown>, depth: number): void {
  if (depth > maxDocumentDepth) {
    throw new MongoServerError('Overflow', `documents nest deeper than ${maxDocumentDepth} levels`);
  }
  // Plain objects have no inherited fields, and a guard would cost a third of the time.
  for (const name in object) writeValue(writer, name, object[name], depth);
}

function writeArray(
  writer: DocumentWriter,
  name: string,
  array: readonly unknown[],
  depth: number,
): void {
  if (depth >= maxDocumentDepth) {
    throw new MongoServerError('Overflow', `documents nest deeper than ${maxDocumentDepth} levels`);
  }
  writer.startArray(name);
  for (let i = 0; i < array.length; i++) {
    const value = array[i];
    if (value === undefined) writer.null(`${i}`);
    else writeValue(writer, `${i}`, value, depth + 1);
  }
  writer.end();
}

function isRawValue(value: object): value is RawValue {
  const raw = value as Partial<RawValue>;
  return (
    raw.buffer !== undefined &&
    Buffer.isBuffer(raw.buffer) &&
    typeof raw.type === 'number' &&
    typeof raw.start === 'number' &&
    typeof raw.end === 'number'
  );
}

function writeObject(writer: DocumentWriter, name: string, value: object, depth: number): void {
  // By class and never by `_bsontype`: that may be a field of a client's document.
  if (Array.isArray(value)) {
    writeArray(writer, name, value, depth);
    return;
  }
  const prototype = Object.getPrototypeOf(value);
  if (isPlainPrototype(prototype)) {
    if (isRawValue(value)) {
      writer.raw(name, value);
      return;
    }
    writer.startObject(name);
    writeFields(writer, value as Record<string, unknown>, depth + 1);
    writer.end();
    return;
  }
  // Exact prototypes first: a chain of instanceof costs more than all the writing.
  switch (prototype) {
    case ObjectId.prototype:
      writer.objectId(name, (value as ObjectId).id);
      return;
    case Timestamp.prototype:
      writer.timestamp(name, value as Timestamp);
      return;
    case Date.prototype:
      writer.date(name, (value as Date).getTime());
      return;
    case Buffer.prototype:
      writer.rawBytes(name, BsonType.object, value as Buffer, 0, documentEnd(value as Buffer, 0));
      return;
    case RawArray.prototype:
      writer.rawArray(name, value as RawArray);
      (value as RawArray).release();
      return;
    case LentDocument.prototype:
      writeLent(writer, name, value as LentDocument);
      return;
    case JoinedBinary.prototype:
      writer.joinedBinary(name, (value as JoinedBinary).parts);
      return;
    case Long.prototype:
      writer.int64(name, (value as Long).toBigInt());
      return;
    case Double.prototype:
      writer.double(name, (value as Double).value);
      return;
    default:
      writeRareObject(writer, name, value, depth);
  }
}

function writeRareObject(writer: DocumentWriter, name: string, value: object, depth: number): void {
  if (value instanceof Binary) {
    const { buffer, position } = value;
    const bytes = buffer.length === position ? buffer : buffer.subarray(0, position);
    writer.binary(name, value.sub_type, bytes);
  } else if (value instanceof Double) {
    writer.double(name, value.value);
  } else if (value instanceof Int32) {
    writer.int32(name, value.value);
  } else if (value instanceof Decimal128) {
    writer.decimal(name, value.bytes);
  } else if (value instanceof MinKey) {
    writer.minKey(name);
  } else if (value instanceof MaxKey) {
    writer.maxKey(name);
  } else if (value instanceof BSONRegExp) {
    writer.regex(name, value.pattern, value.options);
  } else if (value instanceof RegExp) {
    writer.regex(name, value.source, bsonRegexOptions(value));
  } else if (value instanceof BSONSymbol) {
    writer.symbol(name, value.value);
  } else if (value instanceof Code) {
    writeCode(writer, name, value, depth);
  } else if (value instanceof DBRef) {
    writer.startObject(name);
    writer.string('$ref', value.collection);
    writeValue(writer, '$id', value.oid, depth + 1);
    if (value.db !== undefined) writer.string('$db', value.db);
    writeFields(writer, value.fields, depth + 1);
    writer.end();
  } else if (value instanceof ObjectId) {
    // Subclasses of the classes above.
    writer.objectId(name, value.id);
  } else if (value instanceof Date) {
    writer.date(name, value.getTime());
  } else if (value instanceof Map) {
    writer.startObject(name);
    for (const [field, inner] of value) writeValue(writer, String(field), inner, depth + 1);
    writer.end();
  } else if (isRawValue(value)) {
    writer.raw(name, value);
  } else {
    throw new MongoServerError('BadValue', `cannot encode '${name}': a ${value.constructor.name}`);
  }
}

function writeLent(writer: DocumentWriter, name: string, document: LentDocument): void {
  const bytes = document.take();
  writer.rawBytes(name, BsonType.object, bytes, 0, bytes.length);
  document.owner.giveBack(bytes);
}

function bsonRegexOptions(regex: RegExp): string {
  return `${regex.ignoreCase ? 'i' : ''}${regex.multiline ? 'm' : ''}${regex.dotAll ? 's' : ''}`;
}

function writeCode(writer: DocumentWriter, name: string, value: Code, depth: number): void {
  if (value.scope === null) {
    writer.javascript(name, value.code);
    return;
  }
  const inner = new DocumentWriter(256);
  inner.startDocument();
  writeFields(inner, value.scope as Record<string, unknown>, depth + 1);
  inner.end();
  const scope = inner.finish();
  const code = Buffer.from(value.code);
  const bytes = Buffer.alloc(4 + 4 + code.length + 1 + scope.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(code.length + 1, 4);
  code.copy(bytes, 8);
  scope.copy(bytes, 9 + code.length);
  writer.rawBytes(name, BsonType.javascriptWithScope, bytes, 0, bytes.length);
}
