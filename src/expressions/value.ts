import {
  BsonType,
  DocumentWriter,
  isTruthy as isTruthyValue,
  type RawValue,
  typeAlias,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';

/**
 * A value of the expression engine: a BSON type and the range of bytes that holds it. Fields of the
 * document are values as they lie there, so types, field order and number precision are the document's
 * own; computed values live in bytes of their own. `undefined` is a missing value.
 *
 * A value read from a document is borrowed as the document is: `ownValue` copies what must live longer
 * than the current result.
 */
export type Value = RawValue;
export type MaybeValue = RawValue | undefined;

/** Small computed values lie side by side in chunks, instead of one Buffer each. */
const chunkBytes = 8192;
let chunk = Buffer.allocUnsafeSlow(chunkBytes);
let used = 0;

function reserve(bytes: number): number {
  if (used + bytes > chunkBytes) {
    chunk = Buffer.allocUnsafeSlow(chunkBytes);
    used = 0;
  }
  const start = used;
  used += bytes;
  return start;
}

const empty = Buffer.alloc(0);

export const nullValue: Value = { buffer: empty, type: BsonType.null, start: 0, end: 0 };
const trueValue: Value = { buffer: Buffer.from([1]), type: BsonType.bool, start: 0, end: 1 };
const falseValue: Value = {
  buffer: Buffer.from([0]),
  type: BsonType.bool,
  start: 0,
  end: 1,
};

export function boolValue(value: boolean): Value {
  return value ? trueValue : falseValue;
}

export function intValue(value: number): Value {
  const start = reserve(4);
  chunk.writeInt32LE(value, start);
  return { buffer: chunk, type: BsonType.int, start, end: start + 4 };
}

export function doubleValue(value: number): Value {
  const start = reserve(8);
  chunk.writeDoubleLE(value, start);
  return { buffer: chunk, type: BsonType.double, start, end: start + 8 };
}

export function longValue(value: bigint): Value {
  return eightBytes(BsonType.long, value);
}

/** `milliseconds` since 1970. */
export function dateValue(milliseconds: bigint): Value {
  return eightBytes(BsonType.date, milliseconds);
}

function eightBytes(type: number, value: bigint): Value {
  const start = reserve(8);
  chunk.writeBigInt64LE(value, start);
  return { buffer: chunk, type, start, end: start + 8 };
}

/** An int when it fits, else a long: how stages count. */
export function countValue(value: number): Value {
  return value <= 0x7fff_ffff ? intValue(value) : longValue(BigInt(value));
}

export function textValue(text: string): Value {
  return bytesAsText(Buffer.from(text));
}

const textBytesMax = 16 * 1024 * 1024;

/** Throws 16493 for a string of so many bytes that no document holds it. */
export function checkTextLength(bytes: number): void {
  if (bytes < textBytesMax) return;
  throw new MongoServerError(16493, 'Tried to create string longer than 16MB');
}

/** A string of these UTF-8 bytes. */
export function bytesAsText(utf8: Buffer): Value {
  checkTextLength(utf8.length);
  const bytes = Buffer.allocUnsafe(utf8.length + 5);
  bytes.writeInt32LE(utf8.length + 1, 0);
  utf8.copy(bytes, 4);
  bytes[utf8.length + 4] = 0;
  return { buffer: bytes, type: BsonType.string, start: 0, end: bytes.length };
}

/** As long as the buffers may become in which MongoDB writes BSON. */
const arrayBytesMax = 64 * 1024 * 1024;
/** About what an element takes beside its value: its type, its name and the name's end. */
const elementHeadBytes = 8;

/** Throws 13548 for an array of so many bytes: an expression could double one until memory is full. */
export function checkArrayLength(bytes: number): void {
  if (bytes <= arrayBytesMax) return;
  throw new MongoServerError(
    13548,
    `BufBuilder attempted to grow() to ${bytes} bytes, past the 64MB limit.`,
  );
}

/** A missing element becomes null, as array literals have it. */
export function arrayValue(elements: readonly MaybeValue[]): Value {
  const writer = new DocumentWriter();
  let bytes = elements.length * elementHeadBytes;
  checkArrayLength(bytes);
  writer.startDocument();
  for (let at = 0; at < elements.length; at++) {
    const element = elements[at] ?? nullValue;
    bytes += element.end - element.start;
    checkArrayLength(bytes);
    writer.raw(String(at), element);
  }
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.array, start: 0, end: buffer.length };
}

export function documentValue(buffer: Buffer, start = 0): Value {
  return { buffer, type: BsonType.object, start, end: start + buffer.readInt32LE(start) };
}

/** A copy in bytes of its own. */
export function ownValue(value: Value): Value {
  const bytes = Buffer.from(value.buffer.subarray(value.start, value.end));
  return { buffer: bytes, type: value.type, start: 0, end: bytes.length };
}

export function isNullish(value: MaybeValue): boolean {
  return value === undefined || value.type === BsonType.null || value.type === BsonType.undefined;
}

export function isNumber(value: Value): boolean {
  const type = value.type;
  return (
    type === BsonType.int ||
    type === BsonType.double ||
    type === BsonType.long ||
    type === BsonType.decimal
  );
}

/** How conditions read a value; a missing one is false. */
export function isTruthy(value: MaybeValue): boolean {
  return value !== undefined && isTruthyValue(value);
}

/** The UTF-8 bytes of a string or symbol, without a copy. */
export function utf8Of(value: Value): Buffer {
  return value.buffer.subarray(value.start + 4, value.end - 1);
}

export function textOf(value: Value): string {
  return value.buffer.toString('utf8', value.start + 4, value.end - 1);
}

/** The type's alias, as `$type` and error messages name it. */
export function typeName(value: MaybeValue): string {
  return value === undefined ? 'missing' : typeAlias(value.type);
}
