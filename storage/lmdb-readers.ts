/**
 * Readers of durable states: the newest one, or a pinned one.
 *
 * While a write transaction is open on this thread (`isInBatch`), lmdb-js answers plain reads from it, even
 * those that name a pin. So there they go through a cursor, which does honour its pin.
 */

import type { KeyRange, KeyValueCursor, Reader, Snapshot, Table } from './engine.ts';
import { borrowFrom, copyFrom, type LmdbPin, type LmdbStores } from './lmdb-store.ts';
import type { SnapshotPin } from './snapshot-registry.ts';

const zeroByte = Buffer.alloc(1);

/** What readers need of their engine. */
export interface LmdbReads {
  readonly stores: LmdbStores;
  /** A write transaction is open. */
  readonly isInBatch: boolean;
  /** The newest durable state, for reads in a batch. */
  readerInBatch(): Reader;
  openCursor(table: Table, range: KeyRange, pinned: LmdbPin | undefined): KeyValueCursor;
}

/** Reads of one pinned state, in and out of write bodies. */
export class PinnedReader implements Reader {
  readonly #engine: LmdbReads;
  readonly #transaction: LmdbPin;

  constructor(engine: LmdbReads, transaction: LmdbPin) {
    this.#engine = engine;
    this.#transaction = transaction;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    const value = this.borrow(table, key);
    return value === undefined ? undefined : Buffer.from(value);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    const transaction = this.#transaction;
    if (this.#engine.isInBatch) {
      const cursor = this.cursor(table, {
        lower: key,
        upper: Buffer.concat([key, zeroByte]),
      });
      const value = cursor.next() ? cursor.value : undefined;
      cursor.close();
      return value;
    }
    return borrowFrom(this.#engine.stores[table], key, { transaction });
  }

  has(table: Table, key: Buffer): boolean {
    return this.borrow(table, key) !== undefined;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    return this.#engine.openCursor(table, range, this.#transaction);
  }
}

/** A `PinnedReader` that can be closed, by its user or by age. */
export class LmdbSnapshot implements Snapshot {
  readonly #pin: SnapshotPin;
  readonly #reader: PinnedReader;

  constructor(pin: SnapshotPin, reader: PinnedReader) {
    this.#pin = pin;
    this.#reader = reader;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    this.#pin.assertOpen();
    return this.#reader.get(table, key);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    this.#pin.assertOpen();
    return this.#reader.borrow(table, key);
  }

  has(table: Table, key: Buffer): boolean {
    this.#pin.assertOpen();
    return this.#reader.has(table, key);
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    this.#pin.assertOpen();
    return this.#reader.cursor(table, range);
  }

  close(): void {
    this.#pin.close();
  }

  expire(): void {
    this.#pin.close('expired');
  }
}

/** The newest durable state. */
export class LatestReader implements Reader {
  readonly #engine: LmdbReads;

  constructor(engine: LmdbReads) {
    this.#engine = engine;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    const engine = this.#engine;
    if (engine.isInBatch) return engine.readerInBatch().get(table, key);
    return copyFrom(engine.stores[table], key);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    const engine = this.#engine;
    if (engine.isInBatch) return engine.readerInBatch().borrow(table, key);
    return borrowFrom(engine.stores[table], key);
  }

  has(table: Table, key: Buffer): boolean {
    return this.borrow(table, key) !== undefined;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    return this.#engine.openCursor(table, range, undefined);
  }
}
