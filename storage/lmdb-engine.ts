/**
 * The engine on LMDB, through lmdb-js. The only file that knows it.
 *
 * Invariants
 * - All tables are opened at start: a table opened later can not be read through an older snapshot.
 * - Writes go through one outer lmdb transaction at a time, whose callback runs the queued bodies, each
 *   as a nested transaction or a buffered one: a body that throws undoes itself alone. (A throw inside a
 *   plain lmdb-js transaction commits what was already written.)
 * - `overlappingSync` is off: what is visible is durable, a failed commit is rolled back, and after a
 *   crash the classic two meta pages decide.
 * - Nothing but bodies runs while a write transaction is open on this thread, but bodies may look at
 *   `latest` or at a snapshot. lmdb-js would answer those reads from the write transaction, so inside a
 *   batch they go through a cursor on the pinned state instead.
 *
 * After a failed commit the process must stop (SIGKILL, never `process.exit`, which hangs with writes in
 * flight): the page cache can not be believed any more.
 */

import { mkdirSync } from 'node:fs';
import { ABORT, open, type RootDatabase } from 'lmdb';
import { BatchChanges, BufferedTransaction } from './buffered-transaction.ts';
import { DiskWatch } from './disk-watch.ts';
import {
  type BatchObserver,
  type Buffering,
  type Engine,
  type EngineStats,
  type KeyRange,
  type KeyValueCursor,
  type Reader,
  type Snapshot,
  type Table,
  TooManyReaders,
  tables,
  type WriteTransaction,
} from './engine.ts';
import { type CursorSource, LmdbCursor } from './lmdb-cursor.ts';
import { LatestReader, type LmdbReads, LmdbSnapshot, PinnedReader } from './lmdb-readers.ts';
import type { LmdbPin, LmdbStore, LmdbStores } from './lmdb-store.ts';
import { LmdbTransaction } from './lmdb-transaction.ts';
import { keyEncoder, valueEncoder } from './lmdb-views.ts';
import { SnapshotRegistry } from './snapshot-registry.ts';
import { WriteQueue } from './write-queue.ts';

export interface LmdbEngineOptions {
  /** Directory; made if it is not there. */
  readonly path: string;
  /** Client writes are refused once the tables hold more. */
  readonly quotaBytes?: number;
  /** Client writes are refused while the disk has less room. Default 256 MiB. */
  readonly lowDiskBytes?: number;
  readonly maxSnapshots?: number;
  /** For tests and throw-away data only: commits are not flushed. */
  readonly noSync?: boolean;
}

const pageSize = 4096;
const maxCursors = 1024;
const gibibyte = 2 ** 30;

class LmdbEngine implements Engine, LmdbReads {
  readonly stores: LmdbStores;
  readonly latest: Reader = new LatestReader(this);
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #snapshots: SnapshotRegistry;
  readonly #cursors = new Set<LmdbCursor>();
  readonly #watch: DiskWatch;
  readonly #queue: WriteQueue;
  readonly #batchChanges: BatchChanges;
  /** The store refused what buffered bodies had changed: nothing of the batch may stay. */
  #flushFailure: { readonly error: unknown } | undefined;
  #pinOfBatch: { readonly reader: PinnedReader; readonly transaction: LmdbPin } | undefined;
  isInBatch = false;
  onFailure: ((error: unknown) => void) | undefined;

  constructor(options: LmdbEngineOptions) {
    mkdirSync(options.path, { recursive: true });
    this.#root = open<Buffer, Buffer>({
      path: options.path,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      pageSize,
      maxDbs: 16,
      maxReaders: 2048,
      mapSize: 64 * gibibyte,
      overlappingSync: false,
      // Only matters with overlappingSync, but must not be wrong if a file ever was written with it.
      ...({ safeRestore: true } as object),
      // Turn batching adds a second promise per batch that nobody awaits, and that a failure rejects.
      eventTurnBatching: false,
      noSync: options.noSync ?? false,
    });
    const openTable = (name: Table): LmdbStore =>
      this.#root.openDB<Buffer, Buffer>(name, {
        encoding: 'binary',
        ...({ keyEncoder, encoder: valueEncoder } as object),
      }) as unknown as LmdbStore;
    this.stores = Object.fromEntries(tables.map((name) => [name, openTable(name)])) as LmdbStores;
    this.#snapshots = new SnapshotRegistry(options.maxSnapshots);
    this.#watch = new DiskWatch(options, () => this.#usedBytes());
    this.#batchChanges = new BatchChanges(this.stores);
    this.#queue = new WriteQueue({
      commit: (drain) => this.#commit(drain),
      runBody: (body, isBuffered) => (isBuffered ? this.#runBuffered(body) : this.#runBody(body)),
      onFailure: (error) => this.onFailure?.(error),
    });
  }

  snapshot(): Snapshot {
    this.#snapshots.assertRoom();
    const transaction = this.#pinLatest();
    const pin = this.#snapshots.add(() => transaction.done());
    return new LmdbSnapshot(pin, new PinnedReader(this, transaction));
  }

  closeSnapshotsOlderThan(milliseconds: number): number {
    return this.#snapshots.closeOlderThan(milliseconds);
  }

  write<T>(
    body: (transaction: WriteTransaction) => T,
    observer?: BatchObserver<T>,
    isBuffered: Buffering = false,
  ): Promise<T> {
    return this.#queue.write(body, observer, isBuffered);
  }

  flushed(): Promise<void> {
    return this.#queue.flushed();
  }

  assertSpace(): void {
    this.#watch.assertSpace();
  }

  async backup(directory: string): Promise<void> {
    await this.#root.backup(directory, false);
  }

  stats(): EngineStats {
    return {
      fileBytes: this.#fileBytes(),
      usedBytes: this.#usedBytes(),
      freeBytesOnDisk: this.#watch.freeBytes,
      pinnedSnapshots: this.#snapshots.size,
      oldestSnapshotMs: this.#snapshots.oldestMs,
      openCursors: this.#cursors.size,
      commits: this.#queue.commits,
    };
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#watch.stop();
    for (const cursor of this.#cursors) cursor.close();
    this.#snapshots.closeOlderThan(0);
    await this.#root.close();
  }

  /** A cursor on the pinned state, or on the newest when there is none. Used by the readers. */
  openCursor(table: Table, range: KeyRange, pinned: LmdbPin | undefined): KeyValueCursor {
    if (this.#cursors.size >= maxCursors) {
      throw new TooManyReaders(`there are ${this.#cursors.size} open cursors, the most allowed`);
    }
    // A use of its own keeps the state for seeks, and over the end of the snapshot it came from.
    const transaction = pinned ?? this.#pinLatest();
    pinned?.use();
    const source: CursorSource = {
      // Without a transaction lmdb-js takes the same current one, and can use its cursor again.
      first: pinned === undefined && !this.isInBatch ? undefined : transaction,
      later: transaction,
      changes: 0,
      release: (closed) => {
        this.#cursors.delete(closed);
        transaction.done();
      },
    };
    const cursor = new LmdbCursor(this.stores[table], range, source);
    this.#cursors.add(cursor);
    return cursor;
  }

  /** What `latest` means while a write transaction is open: the last durable state. */
  readerInBatch(): Reader {
    if (this.#pinOfBatch === undefined) {
      const transaction = this.#pinLatest();
      this.#pinOfBatch = { transaction, reader: new PinnedReader(this, transaction) };
    }
    return this.#pinOfBatch.reader;
  }

  /** A use of the newest durable state. */
  #pinLatest(): LmdbPin {
    return this.#root.useReadTransaction() as unknown as LmdbPin;
  }

  async #commit(drain: () => void): Promise<void> {
    let broken: { readonly error: unknown } | undefined;
    try {
      await this.#root.childTransaction(() => {
        this.isInBatch = true;
        try {
          drain();
          this.#flushChanges();
        } catch (error) {
          broken = this.#flushFailure ?? { error };
        } finally {
          this.isInBatch = false;
          this.#pinOfBatch?.transaction.done();
          this.#pinOfBatch = undefined;
        }
        return this.#flushFailure === undefined ? undefined : ABORT;
      });
    } catch (error) {
      const details = (error as { commitError?: Promise<unknown> }).commitError;
      if (details === undefined) throw error;
      throw await details.then(
        () => error,
        (cause: unknown) => new Error('the commit failed', { cause }),
      );
    }
    if (broken !== undefined) throw broken.error;
  }

  #runBuffered(body: (transaction: WriteTransaction) => unknown): unknown {
    const transaction = new BufferedTransaction(this.stores, this.#batchChanges, () =>
      this.#flushChanges(),
    );
    let hasThrown = true;
    try {
      const result = body(transaction);
      hasThrown = false;
      return result;
    } finally {
      transaction.end(hasThrown);
    }
  }

  /** Nothing is half done when this throws: the whole batch is given up then, and the engine fails. */
  #flushChanges(): void {
    if (this.#flushFailure !== undefined) throw this.#flushFailure.error;
    try {
      this.#batchChanges.flush();
    } catch (error) {
      this.#flushFailure = { error };
      throw error;
    }
  }

  #runBody(body: (transaction: WriteTransaction) => unknown): unknown {
    this.#flushChanges();
    const transaction = new LmdbTransaction(this.stores);
    let result: unknown;
    this.#root.transactionSync(() => {
      try {
        result = body(transaction);
      } finally {
        // Cursors of a nested transaction must be gone before it ends.
        transaction.end();
      }
      // Braced: a promise returned from here would keep the transaction open.
    });
    return result;
  }

  #fileBytes(): number {
    const { lastPageNumber } = this.#root.getStats() as { lastPageNumber: number };
    return (lastPageNumber + 1) * pageSize;
  }

  #usedBytes(): number {
    let pages = 0;
    for (const table of tables) {
      const stats = this.stores[table].getStats() as {
        treeBranchPageCount: number;
        treeLeafPageCount: number;
        overflowPages: number;
      };
      pages += stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
    }
    return pages * pageSize;
  }
}

/** Opens or makes the store at `path`. Take the lock file first: nothing here stops a second process. */
export async function openLmdbEngine(options: LmdbEngineOptions): Promise<Engine> {
  return new LmdbEngine(options);
}
