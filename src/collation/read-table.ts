/** Reads the compressed tables that scripts/collation-tables.py writes. */
import { brotliDecompressSync } from 'node:zlib';

/** The bytes of a table as its module holds it. */
export function unpack(text: string): Buffer {
  return brotliDecompressSync(Buffer.from(text, 'base64'));
}

/** Rows behind one another, each with its length in bytes; the count of them in front. */
export function splitRows(bytes: Buffer): Buffer[] {
  const rows: Buffer[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  for (let left = number(); left > 0; left--) {
    const length = number();
    rows.push(bytes.subarray(at, at + length));
    at += length;
  }
  return rows;
}

/** A row of unsigned LEB128 numbers of at most 32 bits. */
export class NumberReader {
  readonly #numbers: Uint32Array;
  #at = 0;

  constructor(bytes: Buffer) {
    // All at once: one loop over bytes costs a fraction of a call for each number.
    const numbers = new Uint32Array(bytes.length);
    const end = bytes.length;
    let count = 0;
    let value = 0;
    let shift = 0;
    for (let at = 0; at < end; at++) {
      const byte = bytes[at]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        numbers[count++] = value;
        value = 0;
        shift = 0;
      } else shift += 7;
    }
    this.#numbers = numbers;
  }

  next(): number {
    return this.#numbers[this.#at++]!;
  }

  /** A number that may be below 0, in zigzag form. */
  nextSigned(): number {
    const value = this.#numbers[this.#at++]!;
    return (value & 1) === 0 ? value >>> 1 : -((value >>> 1) + 1);
  }
}
