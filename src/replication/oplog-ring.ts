/**
 * The newest oplog entries in memory, so that secondaries are fed without touching the disk, and
 * before the local flush. It holds a suffix of the log without holes; what is older is read from
 * the oplog table. Bounded in bytes: the oldest entries leave first.
 *
 * It deliberately does not know who reads: every stream keeps its own position.
 */
import { compareGtids, type Gtid } from '../ark/gtid.ts';

export interface RingEntry {
  readonly gtid: Gtid;
  readonly bytes: Buffer;
}

export class OplogRing {
  readonly #bytesMax: number;
  #entries: RingEntry[] = [];
  #head = 0;
  #bytes = 0;
  readonly #listeners = new Set<() => void>();

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Entries come in GTID order, each greater than every one before. */
  push(entries: readonly RingEntry[]): void {
    for (const entry of entries) {
      const last = this.#entries.at(-1);
      if (last !== undefined && compareGtids(last.gtid, entry.gtid) >= 0) {
        throw new Error('the oplog ring was given an entry that is not newer than its last');
      }
      this.#entries.push(entry);
      this.#bytes += entry.bytes.length;
    }
    // One entry always stays, however large, so that the suffix always ends at the log's end.
    while (this.#bytes > this.#bytesMax && this.#entries.length - this.#head > 1) {
      this.#bytes -= this.#entries[this.#head]?.bytes.length ?? 0;
      this.#head++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    this.wake();
  }

  /** Forgets everything: the log's end moved backwards. */
  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
    this.wake();
  }

  get newest(): Gtid | undefined {
    return this.#entries.at(-1)?.gtid;
  }

  /**
   * Entries after `position` (or from it on), oldest first, up to `bytesMax` but at least one if
   * there is any. `undefined` when the ring does not reach back that far: read the table instead.
   */
  read(position: Gtid, isInclusive: boolean, bytesMax: number): readonly RingEntry[] | undefined {
    const oldest = this.#entries[this.#head];
    if (oldest === undefined || compareGtids(position, oldest.gtid) < 0) {
      return undefined;
    }
    const found: RingEntry[] = [];
    let bytes = 0;
    for (let index = this.#first(position, isInclusive); index < this.#entries.length; index++) {
      const entry = this.#entries[index] as RingEntry;
      bytes += entry.bytes.length;
      if (found.length > 0 && bytes > bytesMax) {
        break;
      }
      found.push(entry);
    }
    return found;
  }

  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners to look again, also when something else that they carry has changed. */
  wake(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }

  #first(position: Gtid, isInclusive: boolean): number {
    const skipUpTo = isInclusive ? -1 : 0;
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareGtids((this.#entries[middle] as RingEntry).gtid, position) <= skipUpTo) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
