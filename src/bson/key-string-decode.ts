/**
 * Key strings read back. The reader keeps two places, in the key and in its type bits, and a key that
 * `key-string.ts` did not make is an error, never a guess.
 */
import { MongoServerError } from '../errors/index.ts';
import { BsonType, type RawValue } from './bson-type.ts';
import { DocumentWriter } from './document-writer.ts';
import { ElementReader } from './element-reader.ts';
import { lead } from './key-string-lead.ts';
import { type NumberSource, readNumberKey } from './key-string-number.ts';

class KeyStringReader implements NumberSource {
  readonly #key: Buffer;
  readonly #bits: Buffer;
  #at = 0;
  #bitsAt = 0;
  #mask = 0;

  constructor(key: Buffer, typeBits: Buffer) {
    this.#key = key;
    this.#bits = typeBits;
  }

  byte(): number {
    const value = this.#key[this.#at++];
    if (value === undefined) throw new MongoServerError('InternalError', 'a key string is cut off');
    return value ^ this.#mask;
  }

  /** Type bits that were cut off are 0. */
  typeBit(): number {
    return this.#bits[this.#bitsAt++] ?? 0;
  }

  complement(): void {
    this.#mask ^= 0xff;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let i = 0; i < count; i++) bytes[i] = this.byte();
    return bytes;
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE(0);
  }

  /** A field name, or a part of a regular expression. */
  cstring(): string {
    const bytes: number[] = [];
    for (let value = this.byte(); value !== 0; value = this.byte()) bytes.push(value);
    return Buffer.from(bytes).toString();
  }

  /** A text as the value of a BSON string: length, bytes, NUL. */
  text(): Buffer {
    const bytes = [0, 0, 0, 0];
    for (let value = this.byte(); value !== 0; value = this.byte()) {
      bytes.push(value === 1 ? this.byte() - 1 : value);
    }
    bytes.push(0);
    const text = Buffer.from(bytes);
    text.writeInt32LE(text.length - 4, 0);
    return text;
  }

  /** Eight bytes, turned to little-endian. */
  eight(): Buffer {
    return this.bytes(8).reverse();
  }
}

/**
 * The values a key string was made from, type for type and digit for digit, for covered queries,
 * distinct scans and the keyValue of errors. `descending` has an entry for each field. A missing
 * field comes back as null; the element names of arrays come back as 0, 1, 2, ...
 */
export function decodeKeyString(
  key: Buffer,
  typeBits: Buffer,
  descending: readonly boolean[],
): RawValue[] {
  const source = new KeyStringReader(key, typeBits);
  const writer = new DocumentWriter(key.length * 2 + 64);
  writer.startDocument();
  for (const isDescending of descending) {
    if (isDescending) source.complement();
    readValue(source, source.byte(), writer, '');
    if (isDescending) source.complement();
  }
  writer.end();
  const values: RawValue[] = [];
  const reader = new ElementReader(writer.finish(), 0);
  while (reader.next()) values.push(reader.value());
  return values;
}

function rawBytes(writer: DocumentWriter, name: string, type: number, bytes: Buffer): void {
  writer.rawBytes(name, type, bytes, 0, bytes.length);
}

function readValue(
  source: KeyStringReader,
  leadByte: number,
  writer: DocumentWriter,
  name: string,
): void {
  switch (leadByte) {
    case lead.minKey:
      writer.minKey(name);
      return;
    case lead.undefined:
      writer.undefined(name);
      return;
    case lead.null:
      writer.null(name);
      return;
    case lead.nan:
    case lead.negative:
    case lead.zero:
    case lead.positive:
      readNumberKey(source, leadByte, writer, name);
      return;
    case lead.string: {
      const type = source.typeBit() === 1 ? BsonType.symbol : BsonType.string;
      rawBytes(writer, name, type, source.text());
      return;
    }
    case lead.object:
      writer.startObject(name);
      readElements(source, writer);
      writer.end();
      return;
    case lead.array:
      writer.startArray(name);
      for (let i = 0, next = source.byte(); next !== 0; i++, next = source.byte()) {
        readValue(source, next, writer, `${i}`);
      }
      writer.end();
      return;
    case lead.binData:
      readBinary(source, writer, name);
      return;
    case lead.objectId:
      writer.objectId(name, source.bytes(12));
      return;
    case lead.false:
      writer.bool(name, false);
      return;
    case lead.true:
      writer.bool(name, true);
      return;
    case lead.date: {
      const bytes = source.eight();
      bytes[7]! ^= 0x80;
      rawBytes(writer, name, BsonType.date, bytes);
      return;
    }
    case lead.timestamp:
      rawBytes(writer, name, BsonType.timestamp, source.eight());
      return;
    case lead.regex:
      writer.regex(name, source.cstring(), source.cstring());
      return;
    case lead.dbPointer: {
      const length = Buffer.alloc(4);
      length.writeInt32LE(source.uint32(), 0);
      const rest = source.bytes(length.readInt32LE(0) + 12);
      rawBytes(writer, name, BsonType.dbPointer, Buffer.concat([length, rest]));
      return;
    }
    case lead.javascript:
      rawBytes(writer, name, BsonType.javascript, source.text());
      return;
    case lead.javascriptWithScope:
      readCodeWithScope(source, writer, name);
      return;
    case lead.maxKey:
      writer.maxKey(name);
      return;
    default:
      throw new MongoServerError('InternalError', `a key string has the lead byte ${leadByte}`);
  }
}

/** The elements of an object after its lead byte, with the 00 that ends them. */
function readElements(source: KeyStringReader, writer: DocumentWriter): void {
  while (source.byte() !== 0) {
    const field = source.cstring();
    readValue(source, source.byte(), writer, field);
  }
}

function readBinary(source: KeyStringReader, writer: DocumentWriter, name: string): void {
  const length = source.uint32();
  const head = Buffer.alloc(4);
  head.writeInt32LE(length, 0);
  const bytes = Buffer.concat([head, source.bytes(length + 1)]);
  rawBytes(writer, name, BsonType.binData, bytes);
}

function readCodeWithScope(source: KeyStringReader, writer: DocumentWriter, name: string): void {
  const code = source.text();
  const inner = new DocumentWriter();
  inner.startDocument();
  readElements(source, inner);
  inner.end();
  const scope = inner.finish();
  const length = Buffer.alloc(4);
  length.writeInt32LE(4 + code.length + scope.length, 0);
  rawBytes(writer, name, BsonType.javascriptWithScope, Buffer.concat([length, code, scope]));
}
