/** A cursor over one LMDB table. Keys are kept in a buffer of the cursor's own, values are not copied. */

import type { KeyRange, KeyValueCursor } from './engine.ts';
import type { LmdbIterator, LmdbPin, LmdbRange, LmdbStore } from './lmdb-store.ts';
import { received, viewOf } from './lmdb-views.ts';

const zeroByte = Buffer.alloc(1);

/** Where a cursor reads: undefined transaction means whatever lmdb-js takes as current. */
export interface CursorSource {
  /** For the first positioning. */
  readonly first: LmdbPin | undefined;
  /** For every later one. */
  readonly later: LmdbPin | undefined;
  /** Counts the changes of the table it reads: always 0 but in a write body. */
  readonly changes: number;
  release(cursor: LmdbCursor): unknown;
}

export class LmdbCursor implements KeyValueCursor {
  readonly #store: LmdbStore;
  readonly #range: KeyRange;
  readonly #source: CursorSource;
  #iterator: LmdbIterator | undefined;
  #scratch = Buffer.allocUnsafe(64);
  /** Of `key`, if that is a view of the scratch. To ask `key` for its length and buffer costs a tenth of a scan. */
  #keyLength = -1;
  #isClosed = false;
  #changes: number;
  /** No entry has been given out since it was positioned, and a change can not mislead it. */
  #isFresh = true;
  key: Buffer = this.#scratch.subarray(0, 0);
  value: Buffer = this.key;

  constructor(store: LmdbStore, range: KeyRange, source: CursorSource) {
    this.#store = store;
    this.#range = range;
    this.#source = source;
    this.#changes = source.changes;
    this.#position(range.lower, range.upper, false, source.first);
  }

  next(): boolean {
    if (this.#changes !== this.#source.changes) this.#findAgain();
    const iterator = this.#iterator;
    if (iterator === undefined) return false;
    if (iterator.next().done === true) {
      this.#iterator = undefined;
      return false;
    }
    this.#isFresh = false;
    const { key: source, keyStart: start } = received;
    const length = received.keyEnd - start;
    if (length > this.#scratch.length) {
      this.#scratch = Buffer.allocUnsafe(2048);
      this.#keyLength = -1;
    }
    const scratch = this.#scratch;
    if (length <= 32) for (let i = 0; i < length; i += 1) scratch[i] = source[start + i]!;
    else source.copy(scratch, 0, start, start + length);
    if (this.#keyLength !== length) {
      this.key = scratch.subarray(0, length);
      this.#keyLength = length;
    }
    this.value = viewOf(received.value, received.length);
    return true;
  }

  seek(key: Buffer): void {
    if (this.#isClosed) return;
    this.#iterator?.return?.();
    this.#isFresh = true;
    const { lower, upper, reverse } = this.#range;
    if (reverse) {
      const isInside = upper === undefined || Buffer.compare(key, upper) < 0;
      this.#position(lower, isInside ? key : upper, isInside, this.#source.later);
    } else {
      const isInside = lower === undefined || Buffer.compare(key, lower) > 0;
      this.#position(isInside ? key : lower, upper, false, this.#source.later);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#iterator?.return?.();
    this.#iterator = undefined;
    this.#source.release(this);
  }

  /**
   * The table changed since the last step. LMDB keeps its cursors in place, but one whose entry was
   * deleted misses what is inserted right behind it, so the place is looked up again by key.
   */
  #findAgain(): void {
    this.#changes = this.#source.changes;
    if (this.#iterator === undefined || this.#isFresh) return;
    this.#iterator.return?.();
    const { lower, upper, reverse } = this.#range;
    const { later } = this.#source;
    if (reverse) this.#position(lower, this.key, false, later);
    else this.#position(Buffer.concat([this.key, zeroByte]), upper, false, later);
  }

  #position(
    lower: Buffer | undefined,
    upper: Buffer | undefined,
    includesUpper: boolean,
    transaction: LmdbPin | undefined,
  ): void {
    const at = transaction === undefined ? undefined : { transaction };
    const range: LmdbRange = this.#range.reverse
      ? {
          reverse: true,
          start: upper,
          end: lower,
          exclusiveStart: upper !== undefined && !includesUpper,
          inclusiveEnd: true,
          ...at,
        }
      : { start: lower, end: upper, ...at };
    this.#iterator = this.#store.getRange(range)[Symbol.iterator]();
  }
}
