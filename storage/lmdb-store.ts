/** What we use of lmdb-js, in our own words: a table of it, and a pinned read transaction. */

import type { Table } from './engine.ts';
import { copyOf, viewOf } from './lmdb-views.ts';

/** A counted use of a state; `use` adds one, `done` takes one away. */
export interface LmdbPin {
  use(): void;
  done(): void;
}

export interface LmdbRange {
  readonly reverse?: boolean;
  readonly start: Buffer | undefined;
  readonly end: Buffer | undefined;
  readonly exclusiveStart?: boolean;
  readonly inclusiveEnd?: boolean;
  readonly transaction?: LmdbPin;
}

/** Its reads answer from the open write transaction, if there is one on this thread. */
export interface LmdbStore {
  getBinaryFast(key: Buffer, options?: { readonly transaction: LmdbPin }): Buffer | undefined;
  getRange(range: LmdbRange): { [Symbol.iterator](): LmdbIterator };
  /** False if the entry was refused. */
  putSync(key: Buffer, value: Buffer, options?: { readonly append: true }): boolean;
  /** False if there was nothing to remove. */
  removeSync(key: Buffer): boolean;
  getStats(): object;
}

/** Entries arrive through the hooks of lmdb-views. */
export interface LmdbIterator {
  next(): { readonly done?: boolean };
  return?(): unknown;
}

export type LmdbStores = { readonly [table in Table]: LmdbStore };

/** Borrowed until the next read of any kind. */
export function borrowFrom(
  store: LmdbStore,
  key: Buffer,
  options?: { readonly transaction: LmdbPin },
): Buffer | undefined {
  const bytes = store.getBinaryFast(key, options);
  return bytes === undefined ? undefined : viewOf(bytes, bytes.length);
}

export function copyFrom(store: LmdbStore, key: Buffer): Buffer | undefined {
  const bytes = store.getBinaryFast(key);
  return bytes === undefined ? undefined : copyOf(bytes);
}
