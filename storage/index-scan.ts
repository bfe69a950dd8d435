/**
 * Scans of one index between two key strings, in either direction, resumable by position.
 *
 * Long key strings (see index-table) come in runs that agree in their first 1900 bytes; a run is read into
 * memory and sorted by whole key string and record id before its first entry is given out.
 */

import type { IndexInfo } from './catalog.ts';
import type { KeyValueCursor, Reader } from './engine.ts';
import { indexPrefixLength, longKeyLength, maxInlineKeyLength } from './index-table.ts';
import { readUint64, uint32Key, writeUint64 } from './key-parts.ts';

export interface IndexScanOptions {
  /** Key strings; a missing bound is open. */
  readonly lower?: Buffer | undefined;
  /** Default true. */
  readonly lowerInclusive?: boolean;
  readonly upper?: Buffer | undefined;
  /** Default true. */
  readonly upperInclusive?: boolean;
  readonly reverse?: boolean;
  /** A position of an earlier scan with the same bounds and direction: goes on behind it. */
  readonly after?: Buffer | undefined;
}

export interface IndexCursor {
  next(): boolean;
  /** Borrowed until the next call on this cursor. */
  readonly keyString: Buffer;
  /** Borrowed until the next read from the engine. */
  readonly typeBits: Buffer;
  readonly recordId: number;
  /** A copy of where the cursor is, for `after`. Opaque. */
  position(): Buffer;
  /** Skips to the first entry at or behind `keyString`, in the direction of the scan. */
  seek(keyString: Buffer): void;
  close(): void;
}

interface LongEntry {
  readonly keyString: Buffer;
  readonly typeBits: Buffer;
  readonly recordId: number;
}

/** Sorts behind every stored key that starts like `keyString`: record ids never start with FF. */
const highSuffix = Buffer.alloc(24, 0xff);
const inlinePosition = 0;
const longPosition = 1;

function compareEntries(a: LongEntry, b: LongEntry): number {
  return Buffer.compare(a.keyString, b.keyString) || a.recordId - b.recordId;
}

class IndexScan implements IndexCursor {
  readonly #prefix: Buffer;
  readonly #suffixLength: number;
  readonly #valueOffset: number;
  readonly #reverse: boolean;
  readonly #lower: Buffer | undefined;
  readonly #upper: Buffer | undefined;
  readonly #lowerInclusive: boolean;
  readonly #upperInclusive: boolean;
  readonly #cursor: KeyValueCursor;
  /** Sorted entries of the run being given out, next one last. */
  #run: LongEntry[] = [];
  #long: LongEntry | undefined;
  /** The underlying cursor stands on an entry that was read ahead to find the end of a run. */
  #isAhead = false;
  #isDone = false;
  /** Entries up to and including this one of the first run were given out before. */
  #resume: LongEntry | undefined;

  constructor(reader: Reader, index: IndexInfo, options: IndexScanOptions) {
    this.#prefix = uint32Key(index.id);
    this.#suffixLength = index.unique ? 0 : 8;
    this.#valueOffset = index.unique ? 8 : 0;
    this.#reverse = options.reverse ?? false;
    this.#lower = options.lower;
    this.#upper = options.upper;
    this.#lowerInclusive = options.lowerInclusive ?? true;
    this.#upperInclusive = options.upperInclusive ?? true;
    this.#cursor = reader.cursor('index', this.#storedRange(index.id, options.after));
  }

  get keyString(): Buffer {
    if (this.#long !== undefined) return this.#long.keyString;
    const key = this.#cursor.key;
    return key.subarray(indexPrefixLength, key.length - this.#suffixLength);
  }

  get typeBits(): Buffer {
    if (this.#long !== undefined) return this.#long.typeBits;
    const value = this.#cursor.value;
    return this.#valueOffset === 0 ? value : value.subarray(this.#valueOffset);
  }

  get recordId(): number {
    if (this.#long !== undefined) return this.#long.recordId;
    if (this.#suffixLength === 0) return readUint64(this.#cursor.value, 0);
    return readUint64(this.#cursor.key, this.#cursor.key.length - 8);
  }

  next(): boolean {
    for (;;) {
      const long = this.#run.pop();
      this.#long = long;
      if (long !== undefined) {
        if (this.#isWithin(long.keyString)) return true;
        continue;
      }
      if (this.#isDone) return false;
      if (this.#isAhead) this.#isAhead = false;
      else if (!this.#cursor.next()) return this.#finish();
      if (this.#isLongKey()) {
        this.#readRun();
        continue;
      }
      if (this.#isInlineWithin()) return true;
    }
  }

  position(): Buffer {
    const long = this.#long;
    if (long === undefined) {
      return Buffer.concat([Buffer.from([inlinePosition]), this.#cursor.key]);
    }
    const head = Buffer.allocUnsafe(9);
    head[0] = longPosition;
    writeUint64(head, long.recordId, 1);
    return Buffer.concat([head, long.keyString]);
  }

  seek(keyString: Buffer): void {
    const cut = keyString.subarray(0, maxInlineKeyLength);
    this.#run = [];
    this.#long = undefined;
    this.#isAhead = false;
    this.#isDone = false;
    this.#resume = undefined;
    this.#seekFloor = keyString;
    const parts = this.#reverse ? [this.#prefix, cut, highSuffix] : [this.#prefix, cut];
    this.#cursor.seek(Buffer.concat(parts));
  }

  close(): void {
    this.#isDone = true;
    this.#run = [];
    this.#cursor.close();
  }

  /** Where a seek into a run of long keys begins inside the run. */
  #seekFloor: Buffer | undefined;

  #finish(): false {
    this.#isDone = true;
    return false;
  }

  #isLongKey(): boolean {
    const length = this.#cursor.key.length - indexPrefixLength - this.#suffixLength;
    return length === longKeyLength;
  }

  /** A superset of what the bounds admit: they are cut like keys, and edges are checked one by one. */
  #storedRange(id: number, after: Buffer | undefined) {
    const cutLower = this.#lower?.subarray(0, maxInlineKeyLength);
    const cutUpper = this.#upper?.subarray(0, maxInlineKeyLength);
    let lower = cutLower === undefined ? this.#prefix : Buffer.concat([this.#prefix, cutLower]);
    let upper =
      cutUpper === undefined
        ? uint32Key(id + 1)
        : Buffer.concat([this.#prefix, cutUpper, highSuffix]);
    if (after !== undefined) {
      const isLong = after[0] === longPosition;
      const stored = isLong
        ? Buffer.concat([this.#prefix, after.subarray(9, 9 + maxInlineKeyLength)])
        : after.subarray(1);
      if (isLong) {
        this.#resume = {
          keyString: Buffer.from(after.subarray(9)),
          typeBits: Buffer.alloc(0),
          recordId: readUint64(after, 1),
        };
        if (this.#reverse) upper = Buffer.concat([stored, highSuffix, highSuffix]);
        else lower = stored;
      } else if (this.#reverse) {
        upper = stored;
      } else {
        lower = Buffer.concat([stored, Buffer.alloc(1)]);
      }
    }
    return { lower, upper, reverse: this.#reverse };
  }

  #isWithin(keyString: Buffer): boolean {
    if (this.#lower !== undefined) {
      const order = Buffer.compare(keyString, this.#lower);
      if (order < 0 || (order === 0 && !this.#lowerInclusive)) return false;
    }
    if (this.#upper !== undefined) {
      const order = Buffer.compare(keyString, this.#upper);
      if (order > 0 || (order === 0 && !this.#upperInclusive)) return false;
    }
    return true;
  }

  /**
   * The stored range is exact but at its edges: only keys that start with a bound need a look. The
   * last byte of the bound tells most of them apart from the rest.
   */
  #isInlineWithin(): boolean {
    const key = this.#cursor.key;
    const end = key.length - this.#suffixLength;
    const lower = this.#lower;
    if (lower !== undefined && !this.#lowerInclusive) {
      const at = indexPrefixLength + lower.length;
      if (end === at && key[at - 1] === lower[lower.length - 1]) {
        if (key.compare(lower, 0, lower.length, indexPrefixLength, end) === 0) {
          // Self-delimiting: whatever else starts like this equals it, in a unique index nothing.
          if (!this.#reverse && this.#suffixLength > 0)
            this.#cursor.seek(Buffer.concat([this.#prefix, lower, highSuffix]));
          return false;
        }
      }
    }
    const upper = this.#upper;
    if (upper !== undefined) {
      const at = indexPrefixLength + upper.length;
      if (end >= at && key[at - 1] === upper[upper.length - 1]) {
        const order = key.compare(upper, 0, upper.length, indexPrefixLength, end);
        if (order > 0 || (order === 0 && !this.#upperInclusive)) {
          if (this.#reverse && order === 0 && this.#suffixLength > 0)
            this.#cursor.seek(Buffer.concat([this.#prefix, upper]));
          return false;
        }
      }
    }
    return true;
  }

  /** Reads all entries that agree with the current one in the cut part, and sorts them. */
  #readRun(): void {
    const first = Buffer.from(this.#cursor.key.subarray(0, indexPrefixLength + maxInlineKeyLength));
    const run: LongEntry[] = [];
    for (;;) {
      run.push(this.#decodeLong());
      if (!this.#cursor.next()) {
        this.#isDone = true;
        break;
      }
      const key = this.#cursor.key;
      if (!this.#isLongKey() || key.compare(first, 0, first.length, 0, first.length) !== 0) {
        this.#isAhead = true;
        break;
      }
    }
    // Given out from the end.
    run.sort(this.#reverse ? compareEntries : (a, b) => compareEntries(b, a));
    this.#dropGivenOut(run);
    this.#run = run;
  }

  #dropGivenOut(run: LongEntry[]): void {
    const resume = this.#resume;
    const floor = this.#seekFloor;
    this.#resume = undefined;
    this.#seekFloor = undefined;
    const sign = this.#reverse ? -1 : 1;
    while (run.length > 0) {
      const next = run[run.length - 1]!;
      const isBefore =
        (resume !== undefined && compareEntries(next, resume) * sign <= 0) ||
        (floor !== undefined && Buffer.compare(next.keyString, floor) * sign < 0);
      if (!isBefore) return;
      run.pop();
    }
  }

  #decodeLong(): LongEntry {
    const { key, value } = this.#cursor;
    const offset = this.#valueOffset;
    const length = value.readUInt32BE(offset);
    return {
      keyString: Buffer.from(value.subarray(offset + 4, offset + 4 + length)),
      typeBits: Buffer.from(value.subarray(offset + 4 + length)),
      recordId: this.#suffixLength === 0 ? readUint64(value, 0) : readUint64(key, key.length - 8),
    };
  }
}

/** The entries of `index` between the bounds, in key order (reverse: backwards). */
export function scanIndex(
  reader: Reader,
  index: IndexInfo,
  options: IndexScanOptions = {},
): IndexCursor {
  return new IndexScan(reader, index, options);
}
