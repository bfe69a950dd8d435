/** Reads the compressed tables that scripts/collation-tables.py writes. */
import { brotliDecompressSync } from 'node:zlib';

/** A row of unsigned LEB128 numbers. */
export class NumberReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Opens a table as its module holds it. */
  static open(text: string): NumberReader {
    return new NumberReader(brotliDecompressSync(Buffer.from(text, 'base64')));
  }

  next(): number {
    const first = this.#bytes[this.#at++]!;
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let factor = 128;
    for (;;) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  /** A number that may be below 0, in zigzag form. */
  nextSigned(): number {
    const value = this.next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** The next `length` bytes, as a row of its own. */
  nested(length: number): NumberReader {
    const nested = new NumberReader(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return nested;
  }
}
