import type { KeyRange, KeyValueCursor, Table, WriteTransaction } from './engine.ts';
import { type CursorSource, LmdbCursor } from './lmdb-cursor.ts';
import { borrowFrom, copyFrom, type LmdbStore, type LmdbStores } from './lmdb-store.ts';

/** Where the cursors of a body read in one table. */
interface TableSource extends CursorSource {
  changes: number;
}

/** The transaction of one body; lmdb-js reads and writes the innermost open transaction by itself. */
export class LmdbTransaction implements WriteTransaction {
  readonly #stores: LmdbStores;
  readonly #cursors = new Set<LmdbCursor>();
  /** By table: what changes another leaves a cursor where it is. */
  readonly #sources = new Map<Table, TableSource>();
  #isOver = false;

  constructor(stores: LmdbStores) {
    this.#stores = stores;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    return copyFrom(this.#store(table), key);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    return borrowFrom(this.#store(table), key);
  }

  has(table: Table, key: Buffer): boolean {
    return this.#store(table).getBinaryFast(key) !== undefined;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    const cursor = new LmdbCursor(this.#store(table), range, this.#sourceOf(table));
    this.#cursors.add(cursor);
    return cursor;
  }

  put(table: Table, key: Buffer, value: Buffer): void {
    this.#sourceOf(table).changes += 1;
    this.#store(table).putSync(key, value);
  }

  append(table: Table, key: Buffer, value: Buffer): void {
    this.#sourceOf(table).changes += 1;
    if (this.#store(table).putSync(key, value, { append: true })) return;
    throw new Error(`append to ${table}: the key is not greater than the last one`);
  }

  delete(table: Table, key: Buffer): boolean {
    this.#sourceOf(table).changes += 1;
    return this.#store(table).removeSync(key);
  }

  end(): void {
    this.#isOver = true;
    for (const cursor of this.#cursors) cursor.close();
  }

  #sourceOf(table: Table): TableSource {
    let source = this.#sources.get(table);
    if (source === undefined) {
      source = {
        first: undefined,
        later: undefined,
        changes: 0,
        release: (cursor) => this.#cursors.delete(cursor),
      };
      this.#sources.set(table, source);
    }
    return source;
  }

  #store(table: Table): LmdbStore {
    if (this.#isOver) throw new Error('the write transaction is over');
    return this.#stores[table];
  }
}
