import type { MaybeValue } from '../../../expressions/index.ts';

/** The value a document has for a function. */
export interface WindowEntry {
  /** Own bytes. */
  readonly value: MaybeValue;
  /** Of the functions that rank. */
  readonly sortKey: Buffer | undefined;
  /** Of the field the documents are sorted by, where the window is a range of it. */
  readonly sortValue: MaybeValue;
}

/** What an entry costs beside its bytes, by estimate. */
const entryOverheadBytes = 96;
/** Entries that have left are given up together. */
const compactAt = 1024;

/** Entries by their position in the partition; the first ones leave. */
export class WindowQueue {
  #entries: WindowEntry[] = [];
  /** Position of the first of `#entries`, and of the first that has not left. */
  #base = 0;
  #from = 0;
  heldBytes = 0;

  /** The position behind the last. */
  get end(): number {
    return this.#base + this.#entries.length;
  }

  push(entry: WindowEntry): void {
    this.#entries.push(entry);
    this.heldBytes += bytesOf(entry);
  }

  /** Of a position that is neither left nor behind the end. */
  at(position: number): WindowEntry {
    return this.#entries[position - this.#base]!;
  }

  /** What lies before `position` leaves. */
  dropBefore(position: number): void {
    for (; this.#from < position && this.#from < this.end; this.#from++) {
      this.heldBytes -= bytesOf(this.at(this.#from));
    }
    const left = this.#from - this.#base;
    if (left < compactAt || left * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(left);
    this.#base = this.#from;
  }
}

function bytesOf({ value, sortKey, sortValue }: WindowEntry): number {
  return (value?.end ?? 0) + (sortKey?.length ?? 0) + (sortValue?.end ?? 0) + entryOverheadBytes;
}
