/**
 * Transactions of small bodies, kept in memory: a nested LMDB transaction costs about 10 us of CPU (it
 * copies every page it touches), a map of the keys a body has changed 2 us, and rows that every body of
 * a batch changes (counts, bytes) reach the store once.
 *
 * Invariants
 * - A body's changes join the batch when it has succeeded; of one that throws nothing remains.
 * - Reads look at the body's own changes, then at the batch's, then at the store.
 * - What the batch holds is written before anything looks at the store past it: cursors, bodies with a
 *   nested transaction, the commit. A write that the store refuses then spoils the whole batch.
 * - A cursor sees the store only, so a table a body has changed refuses cursors, and one with an open
 *   cursor refuses changes.
 */

import type { KeyRange, KeyValueCursor, Table, WriteTransaction } from './engine.ts';
import { LmdbCursor } from './lmdb-cursor.ts';
import { borrowFrom, copyFrom, type LmdbStore, type LmdbStores } from './lmdb-store.ts';

/** LMDB's limit for pages of 4096 bytes: a longer key must fail its body, not the batch. */
const keyLengthMax = 1978;

interface Change {
  readonly key: Buffer;
  /** Undefined: deleted. */
  readonly value: Buffer | undefined;
  readonly isAppended: boolean;
}

/** Changes of one table, in the order of their keys' first change. */
class TableChanges {
  readonly byKey = new Map<string, Change>();
  /** Greatest key of the table, when known. */
  last: Buffer | undefined;

  set(name: string, change: Change): void {
    this.byKey.set(name, change);
  }
}

type Changes = Map<Table, TableChanges>;

function changesOf(changes: Changes, table: Table): TableChanges {
  let found = changes.get(table);
  if (found === undefined) {
    found = new TableChanges();
    changes.set(table, found);
  }
  return found;
}

function nameOf(key: Buffer): string {
  return key.toString('latin1');
}

/** What the buffered bodies of one batch have changed and the store has not seen. */
export class BatchChanges {
  readonly #stores: LmdbStores;
  readonly #changes: Changes = new Map();

  constructor(stores: LmdbStores) {
    this.#stores = stores;
  }

  get(table: Table, name: string): Change | undefined {
    return this.#changes.get(table)?.byKey.get(name);
  }

  /** Greatest key of a table, as far as `others` and this batch know; a deleted one may count. */
  lastKey(table: Table, others: TableChanges): Buffer | undefined {
    const known = changesOf(this.#changes, table);
    if (known.last !== undefined && others.byKey.size === 0) return known.last;
    let last = lastStored(this.#stores[table]);
    for (const { byKey } of [known, others]) {
      for (const { key } of byKey.values()) {
        if (last === undefined || Buffer.compare(key, last) > 0) last = key;
      }
    }
    return last;
  }

  join(body: Changes): void {
    for (const [table, { byKey, last }] of body) {
      const changes = changesOf(this.#changes, table);
      for (const [name, change] of byKey) changes.set(name, change);
      changes.last = last;
    }
  }

  /** Writes everything to the store. A throw leaves it half written: the batch must be given up. */
  flush(): void {
    for (const [table, { byKey }] of this.#changes) {
      const store = this.#stores[table];
      for (const { key, value, isAppended } of byKey.values()) {
        if (value === undefined) store.removeSync(key);
        else if (!isAppended) store.putSync(key, value);
        else if (!store.putSync(key, value, { append: true })) throw notGreater(table);
      }
    }
    this.#changes.clear();
  }
}

function checkKey(key: Buffer): void {
  if (key.length > 0 && key.length <= keyLengthMax) return;
  throw new Error(`a key has 1 to ${keyLengthMax} bytes, not ${key.length}`);
}

function lastStored(store: LmdbStore): Buffer | undefined {
  const source = { first: undefined, later: undefined, changes: 0, release: () => {} };
  const cursor = new LmdbCursor(store, { reverse: true }, source);
  const key = cursor.next() ? Buffer.from(cursor.key) : undefined;
  cursor.close();
  return key;
}

function notGreater(table: Table): Error {
  return new Error(`append to ${table}: the key is not greater than the last one`);
}

export class BufferedTransaction implements WriteTransaction {
  readonly #stores: LmdbStores;
  readonly #batch: BatchChanges;
  /** Writes what the batch holds; a failure spoils the batch. */
  readonly #flush: () => void;
  readonly #changes: Changes = new Map();
  #cursors: Map<LmdbCursor, Table> | undefined;
  #isOver = false;

  constructor(stores: LmdbStores, batch: BatchChanges, flush: () => void) {
    this.#stores = stores;
    this.#batch = batch;
    this.#flush = flush;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    const change = this.#changeOf(table, key);
    if (change === undefined) return copyFrom(this.#stores[table], key);
    return change.value && Buffer.from(change.value);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    const change = this.#changeOf(table, key);
    return change === undefined ? borrowFrom(this.#stores[table], key) : change.value;
  }

  has(table: Table, key: Buffer): boolean {
    return this.borrow(table, key) !== undefined;
  }

  put(table: Table, key: Buffer, value: Buffer): void {
    checkKey(key);
    const changes = this.#changed(table);
    changes.last = undefined;
    changes.set(nameOf(key), { key, value, isAppended: false });
  }

  append(table: Table, key: Buffer, value: Buffer): void {
    checkKey(key);
    const changes = this.#changed(table);
    const last = changes.last ?? this.#batch.lastKey(table, changes);
    if (last !== undefined && Buffer.compare(key, last) <= 0) throw notGreater(table);
    changes.last = key;
    changes.set(nameOf(key), { key, value, isAppended: true });
  }

  delete(table: Table, key: Buffer): boolean {
    const changes = this.#changed(table);
    if (!this.has(table, key)) return false;
    changes.last = undefined;
    changes.set(nameOf(key), { key, value: undefined, isAppended: false });
    return true;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    this.#assertRunning();
    if (this.#changes.has(table)) {
      throw new Error(`a buffered write can not open a cursor on ${table}, which it has changed`);
    }
    this.#flush();
    this.#cursors ??= new Map();
    const cursors = this.#cursors;
    const cursor = new LmdbCursor(this.#stores[table], range, {
      first: undefined,
      later: undefined,
      changes: 0,
      release: (closed) => cursors.delete(closed),
    });
    cursors.set(cursor, table);
    return cursor;
  }

  /** The body is over; its changes join the batch unless it has thrown. */
  end(hasThrown: boolean): void {
    this.#isOver = true;
    if (this.#cursors !== undefined) for (const cursor of this.#cursors.keys()) cursor.close();
    if (!hasThrown) this.#batch.join(this.#changes);
  }

  #changeOf(table: Table, key: Buffer): Change | undefined {
    this.#assertRunning();
    const name = nameOf(key);
    return this.#changes.get(table)?.byKey.get(name) ?? this.#batch.get(table, name);
  }

  #changed(table: Table): TableChanges {
    this.#assertRunning();
    if (this.#cursors !== undefined) {
      for (const open of this.#cursors.values()) {
        if (open === table) {
          throw new Error(`a buffered write can not change ${table} under its open cursor`);
        }
      }
    }
    return changesOf(this.#changes, table);
  }

  #assertRunning(): void {
    if (this.#isOver) throw new Error('the write transaction is over');
  }
}
