/** A collation as operations and indexes hold it: options all named, and the order they make. */
import { type Collation, encodeDocument } from '../bson/index.ts';
import type { CollationOptions } from './collation-options.ts';
import { Collator } from './collator.ts';

/** What the server says its collation data are; what a client may ask for. */
export const collationVersion = '57.1';

export class LocaleCollation implements Collation {
  readonly id: string;
  /** The normal form: what listCollections, listIndexes and explain show. */
  readonly document: Record<string, unknown>;
  readonly bytes: Buffer;
  readonly #options: CollationOptions;
  #collator: Collator | undefined;
  /** The second text of the last comparison: filters compare many with one. */
  #lastText: Buffer | undefined;
  #lastKey: Buffer | undefined;

  constructor(options: CollationOptions) {
    this.#options = options;
    this.document = { ...options, version: collationVersion };
    this.bytes = encodeDocument(this.document);
    this.id = JSON.stringify(this.document);
  }

  key(bytes: Buffer, start: number, end: number): Buffer {
    return this.#opened().key(bytes, start, end);
  }

  compare(
    a: Buffer,
    aStart: number,
    aEnd: number,
    b: Buffer,
    bStart: number,
    bEnd: number,
  ): number {
    const collator = this.#opened();
    const first = collator.compareFirst(a, aStart, aEnd, b, bStart, bEnd);
    if (first !== 0) return first;
    if (a.compare(b, bStart, bEnd, aStart, aEnd) === 0) return 0;
    const right = this.#keptKey(b, bStart, bEnd);
    return collator.key(a, aStart, aEnd).compare(right);
  }

  #opened(): Collator {
    this.#collator ??= new Collator(this.#options);
    return this.#collator;
  }

  #keptKey(bytes: Buffer, start: number, end: number): Buffer {
    const text = this.#lastText;
    if (text === undefined || text.compare(bytes, start, end) !== 0) {
      this.#lastText = Buffer.from(bytes.subarray(start, end));
      this.#lastKey = Buffer.from(this.key(bytes, start, end));
    }
    return this.#lastKey!;
  }
}
