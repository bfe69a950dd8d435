import { MongoServerError } from '../errors/index.ts';
import { BsonType, type RawValue } from './bson-type.ts';
import { writeDouble, writeInt32, writeInt64, writeInt64FromNumber } from './little-endian.ts';
import type { RawArray } from './raw-array.ts';

const initialCapacity = 1024;
/** A writer that once held more than this gives its memory back at `finish`. */
const keptCapacity = 1 << 20;
/** With less room than this behind what was handed out, a writer goes on in a new buffer. */
const roomKept = 4096;

/**
 * Writes BSON into a buffer that grows.
 *
 *     writer.startDocument(); writer.int32('n', 1); writer.startArray('a'); writer.bool('0', true);
 *     writer.end(); writer.end(); const bytes = writer.finish();
 *
 * Names in arrays are the caller's: '0', '1', ... Several documents may be written one after the
 * other before `finish`, which hands out a copy and empties the writer for the next use.
 */
export class DocumentWriter {
  readonly #capacity: number;
  #buffer: Buffer;
  /** Where the bytes begin that were not handed out yet. */
  #from = 0;
  #position = 0;
  /** Ranges of the present buffer that were handed out and not given back. */
  #lent = 0;
  readonly #open: number[] = [];

  constructor(capacity = initialCapacity) {
    this.#capacity = capacity;
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#position - this.#from;
  }

  /** How many documents, objects and arrays are open. */
  get depth(): number {
    return this.#open.length;
  }

  /** Leaves room for bytes that the caller fills in after `finish`. Only between documents. */
  skip(bytes: number): void {
    this.#reserve(bytes);
    this.#position += bytes;
  }

  startDocument(): void {
    this.#reserve(4);
    this.#open.push(this.#position);
    this.#position += 4;
  }

  startObject(name: string): void {
    this.#head(BsonType.object, name, 4);
    this.#open.push(this.#position);
    this.#position += 4;
  }

  startArray(name: string): void {
    this.#head(BsonType.array, name, 4);
    this.#open.push(this.#position);
    this.#position += 4;
  }

  /** Ends the innermost open document, object or array. */
  end(): void {
    const start = this.#open.pop();
    if (start === undefined) throw new Error('no document is open in this DocumentWriter');
    this.#reserve(1);
    this.#buffer[this.#position++] = 0;
    writeInt32(this.#buffer, start, this.#position - start);
  }

  /** The same as `end`. */
  endObject(): void {
    this.end();
  }

  int32(name: string, value: number): void {
    this.#head(BsonType.int, name, 4);
    writeInt32(this.#buffer, this.#position, value);
    this.#position += 4;
  }

  double(name: string, value: number): void {
    this.#head(BsonType.double, name, 8);
    writeDouble(this.#buffer, this.#position, value);
    this.#position += 8;
  }

  /** An int64. A number must be integral and within +-2^53. */
  int64(name: string, value: bigint | number): void {
    this.#head(BsonType.long, name, 8);
    this.#int64(value);
  }

  string(name: string, value: string): void {
    this.#head(BsonType.string, name, 4);
    this.#string(value);
  }

  bool(name: string, value: boolean): void {
    this.#head(BsonType.bool, name, 1);
    this.#buffer[this.#position++] = value ? 1 : 0;
  }

  /** A date in milliseconds since 1970, UTC. */
  date(name: string, milliseconds: number | bigint): void {
    this.#head(BsonType.date, name, 8);
    this.#int64(milliseconds);
  }

  null(name: string): void {
    this.#head(BsonType.null, name, 0);
  }

  /** The 12 bytes of an object id. */
  objectId(name: string, id: Uint8Array): void {
    if (id.length !== 12) throw new Error('an object id has 12 bytes');
    this.#head(BsonType.objectId, name, 12);
    const buffer = this.#buffer;
    const at = this.#position;
    for (let i = 0; i < 12; i++) buffer[at + i] = id[i]!;
    this.#position = at + 12;
  }

  timestamp(name: string, value: { readonly t: number; readonly i: number } | bigint): void {
    this.#head(BsonType.timestamp, name, 8);
    if (typeof value === 'bigint') {
      writeInt64(this.#buffer, this.#position, value);
    } else {
      writeInt32(this.#buffer, this.#position, value.i);
      writeInt32(this.#buffer, this.#position + 4, value.t);
    }
    this.#position += 8;
  }

  binary(name: string, subtype: number, bytes: Uint8Array): void {
    // The old subtype 2 has its length a second time inside.
    const inner = subtype === 2 ? 4 : 0;
    this.#head(BsonType.binData, name, 9 + bytes.length);
    writeInt32(this.#buffer, this.#position, bytes.length + inner);
    this.#buffer[this.#position + 4] = subtype;
    if (inner > 0) writeInt32(this.#buffer, this.#position + 5, bytes.length);
    this.#position += 5 + inner;
    this.#copy(bytes, 0, bytes.length);
  }

  /** Binary data (subtype 0) of several parts, one behind the other. */
  joinedBinary(name: string, parts: readonly Uint8Array[]): void {
    let length = 0;
    for (const part of parts) length += part.length;
    this.#head(BsonType.binData, name, 5 + length);
    writeInt32(this.#buffer, this.#position, length);
    this.#buffer[this.#position + 4] = 0;
    this.#position += 5;
    for (const part of parts) this.#copy(part, 0, part.length);
  }

  /** The 16 bytes of a Decimal128, little-endian. */
  decimal(name: string, bytes: Uint8Array): void {
    if (bytes.length !== 16) throw new Error('a Decimal128 has 16 bytes');
    this.#head(BsonType.decimal, name, 16);
    this.#buffer.set(bytes, this.#position);
    this.#position += 16;
  }

  regex(name: string, pattern: string, options: string): void {
    this.#head(BsonType.regex, name, 0);
    this.#cstring(pattern);
    this.#cstring(options);
  }

  javascript(name: string, code: string): void {
    this.#head(BsonType.javascript, name, 4);
    this.#string(code);
  }

  symbol(name: string, symbol: string): void {
    this.#head(BsonType.symbol, name, 4);
    this.#string(symbol);
  }

  minKey(name: string): void {
    this.#head(BsonType.minKey, name, 0);
  }

  maxKey(name: string): void {
    this.#head(BsonType.maxKey, name, 0);
  }

  undefined(name: string): void {
    this.#head(BsonType.undefined, name, 0);
  }

  /** A value as it stands in another buffer. */
  raw(name: string, value: RawValue): void {
    this.rawBytes(name, value.type, value.buffer, value.start, value.end);
  }

  rawBytes(name: string, type: number, buffer: Buffer, start: number, end: number): void {
    this.#head(type, name, end - start);
    this.#copy(buffer, start, end);
  }

  /** A whole element (type, name, value) as it stands in another document. */
  element(buffer: Buffer, elementStart: number, elementEnd: number): void {
    this.#reserve(elementEnd - elementStart);
    this.#copy(buffer, elementStart, elementEnd);
  }

  /** All of an array of documents, copied once. */
  rawArray(name: string, array: RawArray): void {
    this.#head(BsonType.array, name, array.byteLength);
    writeInt32(this.#buffer, this.#position, array.byteLength);
    this.#position += 4;
    array.forEachChunk((chunk, end) => this.#copy(chunk, 0, end));
    this.#buffer[this.#position++] = 0;
  }

  /** What was written, copied. Everything opened must be ended. The writer is empty afterwards. */
  finish(): Buffer {
    this.#assertEnded();
    const bytes = Buffer.allocUnsafe(this.#position - this.#from);
    this.#buffer.copy(bytes, 0, this.#from, this.#position);
    this.reset();
    return bytes;
  }

  /**
   * The same without a copy: a range of the writer's own buffer, which is not written again before it
   * was given back. For bytes that are soon gone, as they hold on to all of the buffer.
   */
  finishInPlace(): Buffer {
    this.#assertEnded();
    const end = this.#position;
    const bytes = this.#buffer.subarray(this.#from, end);
    this.#lent++;
    this.#from = end;
    if (this.#buffer.length > keptCapacity || this.#buffer.length - end < roomKept) this.#renew();
    this.#position = this.#from;
    return bytes;
  }

  /**
   * Nobody looks at these bytes of `finishInPlace` any more; said once. When all are back, the writer
   * begins at the start of its buffer again: that memory is in the processor's cache, and fresh memory
   * would be work for the allocator and the collector. What is never given back is collected.
   */
  giveBack(bytes: Buffer): void {
    if (bytes.buffer !== this.#buffer.buffer) return;
    this.#lent--;
    if (this.#lent > 0 || this.#open.length > 0 || this.#position !== this.#from) return;
    this.#from = 0;
    this.#position = 0;
  }

  /** As large as before: who wrote much will do so again. */
  #renew(): void {
    const { length } = this.#buffer;
    this.#buffer = Buffer.allocUnsafeSlow(length > keptCapacity ? this.#capacity : length);
    this.#from = 0;
    this.#lent = 0;
  }

  #assertEnded(): void {
    if (this.#open.length > 0) throw new Error('a document is still open in this DocumentWriter');
  }

  /** Forgets what was written. */
  reset(): void {
    // Setting the length costs 30 ns even when it is 0 already.
    if (this.#open.length > 0) this.#open.length = 0;
    if (this.#buffer.length > keptCapacity) this.#renew();
    this.#position = this.#from;
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed > this.#buffer.length) this.#grow(needed - this.#from);
  }

  /** Moves what was not handed out to a buffer that holds `needed` bytes. */
  #grow(needed: number): void {
    const from = this.#from;
    const grown = Buffer.allocUnsafeSlow(
      Math.max(needed, this.#buffer.length * (from === 0 ? 2 : 1)),
    );
    this.#buffer.copy(grown, 0, from, this.#position);
    this.#buffer = grown;
    this.#from = 0;
    this.#lent = 0;
    this.#position -= from;
    for (let i = 0; i < this.#open.length; i++) this.#open[i]! -= from;
  }

  /** Type byte and name, with room for `following` bytes after them. */
  #head(type: number, name: string, following: number): void {
    this.#reserve(name.length * 3 + 2 + following);
    this.#buffer[this.#position++] = type;
    this.#cstringInPlace(name);
  }

  #cstring(text: string): void {
    this.#reserve(text.length * 3 + 1);
    this.#cstringInPlace(text);
  }

  #cstringInPlace(text: string): void {
    const buffer = this.#buffer;
    const start = this.#position;
    const length = text.length;
    let at = start;
    let i = 0;
    if (length <= 48) {
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) break;
        if (code === 0) refuseNul(text);
        buffer[at++] = code;
      }
    }
    if (i < length) {
      if (text.includes('\0')) refuseNul(text);
      at = start + buffer.write(text, start);
    }
    buffer[at++] = 0;
    this.#position = at;
  }

  #string(text: string): void {
    const length = text.length;
    this.#reserve(length * 3 + 5);
    const buffer = this.#buffer;
    const start = this.#position + 4;
    let at = start;
    let i = 0;
    if (length <= 48) {
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) break;
        buffer[at++] = code;
      }
    }
    if (i < length) at = start + buffer.write(text, start);
    buffer[at++] = 0;
    writeInt32(buffer, this.#position, at - start);
    this.#position = at;
  }

  #int64(value: bigint | number): void {
    if (typeof value === 'bigint') writeInt64(this.#buffer, this.#position, value);
    else writeInt64FromNumber(this.#buffer, this.#position, value);
    this.#position += 8;
  }

  /** Copies without reserving. A native copy costs more than a few bytes do. */
  #copy(from: Uint8Array, start: number, end: number): void {
    const to = this.#buffer;
    let at = this.#position;
    if (end - start <= 32) {
      for (let i = start; i < end; i++) to[at++] = from[i]!;
    } else {
      if (Buffer.isBuffer(from)) from.copy(to, at, start, end);
      else to.set(from.subarray(start, end), at);
      at += end - start;
    }
    this.#position = at;
  }
}

function refuseNul(name: string): never {
  throw new MongoServerError(
    'BadValue',
    `a field name or regular expression has a NUL: ${JSON.stringify(name)}`,
  );
}
