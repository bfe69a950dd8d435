/**
 * Key strings: values as bytes whose order (Buffer.compare) is the order of `compareValues`, each
 * field ascending or descending.
 *
 * A value is a lead byte in the order of MongoDB's brackets, then a body that ends itself, so no
 * complete key string is a proper prefix of another. A descending field is the complement of all its
 * bytes. Lead bytes lie in 0A..E6, complements in 19..F5: whatever follows a complete key string,
 * another field or a record id below 2^56, starts below FF (see `afterPrefix`).
 *
 * - strings, code: bytes with 00 written as 01 01 and 01 as 01 02; then 00
 * - objects: per element the bracket's lead byte, name, 00, value; then 00. Arrays: the values; then 00
 * - binData: length (4 bytes), subtype, bytes; dates: int64 with the sign flipped
 * - numbers, of all four types in one sequence: key-string-number.ts
 *
 * What the order does not show (int32 or double, string or symbol, 0.1 or 0.10) stands in the type
 * bits: a byte for each number and string in the order met (a decimal has two more), zeros at the end
 * cut off. Keys of int32s and strings have none.
 */
import { BsonType, type RawValue } from './bson-type.ts';
import type { Collation } from './collation.ts';
import { cstringEnd, valueEnd } from './element-reader.ts';
import { bracketLead, lead } from './key-string-lead.ts';
import { type NumberSink, writeNumberKey } from './key-string-number.ts';
import { readInt32 } from './little-endian.ts';

/** Builds one key string after the other; allocates only what it hands out. */
export class KeyStringWriter implements NumberSink {
  #bytes = Buffer.allocUnsafeSlow(256);
  #length = 0;
  #bits = Buffer.allocUnsafeSlow(32);
  #bitsLength = 0;
  /** Type bits up to the last one that is not 0. */
  #bitsKept = 0;
  #collation: Collation | undefined;

  /** Under a collation the text of strings is its key, so the text itself is not in the key string. */
  reset(collation?: Collation): void {
    this.#collation = collation;
    this.#length = 0;
    this.#bitsLength = 0;
    this.#bitsKept = 0;
  }

  /** Appends a value as the next field. */
  append(buffer: Buffer, type: number, start: number, descending: boolean): void {
    const from = this.#length;
    this.#value(buffer, type, start);
    if (descending) this.complement(from);
  }

  /** A field the document does not have: the same key as null. */
  appendMissing(descending: boolean): void {
    this.#lead(lead.null, descending);
  }

  /** What an empty array is in a multikey index. */
  appendUndefined(descending: boolean): void {
    this.#lead(lead.undefined, descending);
  }

  /** A copy of the key string so far. */
  finish(): Buffer {
    const key = Buffer.allocUnsafe(this.#length);
    this.#bytes.copy(key, 0, 0, this.#length);
    return key;
  }

  /** A copy of the type bits so far. */
  typeBits(): Buffer {
    return Buffer.from(this.#bits.subarray(0, this.#bitsKept));
  }

  /** How many bytes the key string has so far. */
  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  typeBit(value: number): void {
    if (this.#bitsLength === this.#bits.length) {
      const grown = Buffer.allocUnsafeSlow(this.#bits.length * 2);
      this.#bits.copy(grown);
      this.#bits = grown;
    }
    this.#bits[this.#bitsLength++] = value;
    if (value !== 0) this.#bitsKept = this.#bitsLength;
  }

  /** Turns all bytes from this position on into their complement. */
  complement(from: number): void {
    const bytes = this.#bytes;
    for (let i = from; i < this.#length; i++) bytes[i] = ~bytes[i]!;
  }

  #lead(value: number, descending: boolean): void {
    this.byte(descending ? ~value & 0xff : value);
  }

  #grow(needed: number): void {
    const size = Math.max(this.#bytes.length * 2, this.#length + needed);
    const grown = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #value(buffer: Buffer, type: number, start: number): void {
    switch (type) {
      case BsonType.int:
      case BsonType.double:
      case BsonType.long:
      case BsonType.decimal:
        writeNumberKey(this, buffer, type, start);
        return;
      case BsonType.string:
      case BsonType.symbol:
        this.typeBit(type === BsonType.symbol ? 1 : 0);
        this.byte(lead.string);
        this.#string(buffer, start + 4, start + 3 + readInt32(buffer, start));
        return;
      case BsonType.objectId:
        this.byte(lead.objectId);
        this.#copy(buffer, start, start + 12);
        return;
      case BsonType.bool:
        this.byte(buffer[start] !== 0 ? lead.true : lead.false);
        return;
      case BsonType.date:
        this.byte(lead.date);
        this.byte(buffer[start + 7]! ^ 0x80);
        for (let i = 6; i >= 0; i--) this.byte(buffer[start + i]!);
        return;
      case BsonType.object:
        this.byte(lead.object);
        this.#elements(buffer, start, true);
        return;
      case BsonType.array:
        this.byte(lead.array);
        this.#elements(buffer, start, false);
        return;
      default:
        this.#rareValue(buffer, type, start);
    }
  }

  #rareValue(buffer: Buffer, type: number, start: number): void {
    this.byte(bracketLead[type]!);
    switch (type) {
      case BsonType.binData: {
        const length = readInt32(buffer, start);
        this.#uint32(length);
        this.#copy(buffer, start + 4, start + 5 + length);
        return;
      }
      case BsonType.timestamp:
        for (let i = 7; i >= 0; i--) this.byte(buffer[start + i]!);
        return;
      case BsonType.regex:
        this.#copy(buffer, start, valueEnd(buffer, type, start));
        return;
      case BsonType.dbPointer:
        this.#uint32(readInt32(buffer, start));
        this.#copy(buffer, start + 4, valueEnd(buffer, type, start));
        return;
      case BsonType.javascript:
        this.#text(buffer, start + 4, start + 3 + readInt32(buffer, start));
        return;
      case BsonType.javascriptWithScope: {
        const scope = start + 8 + readInt32(buffer, start + 4);
        this.#text(buffer, start + 8, scope - 1);
        this.#elements(buffer, scope, true);
      }
    }
  }

  #elements(buffer: Buffer, start: number, withNames: boolean): void {
    let at = start + 4;
    for (;;) {
      const type = buffer[at]!;
      if (!(type > 0)) break;
      const nameEnd = cstringEnd(buffer, at + 1);
      if (withNames) {
        this.byte(bracketLead[type]!);
        this.#copy(buffer, at + 1, nameEnd + 1);
      }
      this.#value(buffer, type, nameEnd + 1);
      at = valueEnd(buffer, type, nameEnd + 1);
    }
    this.byte(0);
  }

  #string(buffer: Buffer, start: number, end: number): void {
    if (this.#collation === undefined) {
      this.#text(buffer, start, end);
      return;
    }
    const key = this.#collation.key(buffer, start, end);
    this.#text(key, 0, key.length);
  }

  #text(buffer: Buffer, start: number, end: number): void {
    // At worst every byte is escaped.
    const worst = (end - start) * 2 + 1;
    if (this.#length + worst > this.#bytes.length) this.#grow(worst);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) {
      const value = buffer[i]!;
      if (value > 1) {
        bytes[at++] = value;
      } else {
        bytes[at++] = 1;
        bytes[at++] = value + 1;
      }
    }
    bytes[at++] = 0;
    this.#length = at;
  }

  #copy(buffer: Buffer, start: number, end: number): void {
    const count = end - start;
    if (this.#length + count > this.#bytes.length) this.#grow(count);
    buffer.copy(this.#bytes, this.#length, start, end);
    this.#length += count;
  }

  #uint32(value: number): void {
    this.byte(value >>> 24);
    this.byte(value >>> 16);
    this.byte(value >>> 8);
    this.byte(value);
  }
}

const shared = new KeyStringWriter();

/** The key string of several fields; `descending` has an entry for each. */
export function encodeKeyString(
  values: readonly RawValue[],
  descending: readonly boolean[],
): { key: Buffer; typeBits: Buffer } {
  shared.reset();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    shared.append(value.buffer, value.type, value.start, descending[i] ?? false);
  }
  return { key: shared.finish(), typeBits: shared.typeBits() };
}

/**
 * A key above every key that starts with `key`, and below every other key above `key`: `key` + FF.
 * `key` must be one or more complete fields. So ($gt x) starts at afterPrefix(x), ($lte x) ends there.
 */
export function afterPrefix(key: Buffer): Buffer {
  const after = Buffer.allocUnsafe(key.length + 1);
  key.copy(after);
  after[key.length] = 0xff;
  return after;
}
