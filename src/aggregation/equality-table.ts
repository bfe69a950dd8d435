import { BsonType, documentEnd, valueEnd } from '../bson/index.ts';
import { nullValue, type Value, ValueMap } from '../expressions/index.ts';
import { missingType, parsePath, visitPath } from '../query/index.ts';
import type { Pipeline } from './pipeline.ts';

/** Bytes of documents a table may hold, as an estimate with what a key costs. */
const tableBytesMax = 100 * 1024 * 1024;
const keyOverheadBytes = 100;

/**
 * Documents by the values they have at a path: what `{path: {$eq: value}}` finds, without a scan for each
 * value. Null is also the key of those that have nothing at the path; undefined is found by nothing.
 */
export class EqualityTable {
  readonly #path: ReturnType<typeof parsePath>;
  readonly #rows: Buffer[] = [];
  readonly #byKey: ValueMap<number[]>;
  #bytes = 0;
  /** All documents are in it. */
  isComplete = false;

  constructor(path: string, collation: Pipeline['collation']) {
    this.#path = parsePath(path);
    this.#byKey = new ValueMap(collation);
  }

  /** False: the table is full. The bytes are copied. */
  add(buffer: Buffer, start: number): boolean {
    const row = Buffer.from(buffer.subarray(start, documentEnd(buffer, start)));
    const at = this.#rows.push(row) - 1;
    this.#bytes += row.length;
    visitPath(row, 0, this.#path, true, (bytes, type, from) => {
      if (type === missingType) this.#addKey(nullValue, at);
      else if (type !== BsonType.undefined) {
        this.#addKey({ buffer: bytes, type, start: from, end: valueEnd(bytes, type, from) }, at);
      }
      return false;
    });
    return this.#bytes <= tableBytesMax;
  }

  /** The documents with one of these values, in the order they were added. */
  find(keys: readonly Value[]): Buffer[] {
    const [only, ...others] = keys;
    if (only !== undefined && others.length === 0) {
      return this.#at(only).map((row) => this.#rows[row]!);
    }
    const found = new Set(keys.flatMap((key) => this.#at(key)));
    return [...found].sort((a, b) => a - b).map((row) => this.#rows[row]!);
  }

  #at(key: Value): readonly number[] {
    return this.#byKey.get(key.type === BsonType.undefined ? nullValue : key) ?? [];
  }

  #addKey(key: Value, row: number): void {
    const rows = this.#byKey.get(key);
    if (rows === undefined) {
      this.#byKey.set(key, [row]);
      this.#bytes += keyOverheadBytes;
    } else if (rows.at(-1) !== row) rows.push(row);
  }
}
