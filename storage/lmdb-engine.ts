/**
 * The engine on LMDB, through lmdb-js. The only file that knows it.
 *
 * Invariants
 * - All tables are opened at start: a table opened later can not be read through an older snapshot.
 * - Writes go through one outer lmdb transaction at a time, whose callback runs the queued bodies, each
 *   as a nested transaction: a body that throws undoes itself alone. (A throw inside a plain lmdb-js
 *   transaction commits what was already written.)
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
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb';
import { DiskWatch } from './disk-watch.ts';
import {
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
import { type SnapshotPin, SnapshotRegistry } from './snapshot-registry.ts';
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
const zeroByte = Buffer.alloc(1);

type Store = Database<Buffer, Buffer>;
type Stores = { readonly [table in Table]: Store };

/** A position in lmdb-js's own buffers. */
interface Received {
  key: Buffer;
  keyStart: number;
  keyEnd: number;
  value: Buffer;
  length: number;
}

/** What the decoders below were given last; taken over at once. */
const received: Received = {
  key: Buffer.alloc(0),
  keyStart: 0,
  keyEnd: 0,
  value: Buffer.alloc(0),
  length: 0,
};

const keyEncoder = {
  writeKey(key: Buffer, target: Buffer, start: number): number {
    target.set(key, start);
    return start + key.length;
  },
  readKey(target: Buffer, start: number, end: number): undefined {
    received.key = target;
    received.keyStart = start;
    received.keyEnd = end;
  },
};

const valueEncoder = {
  encode: (value: Buffer): Buffer => value,
  decode(bytes: Buffer, length: number): undefined {
    received.value = bytes;
    received.length = length;
  },
};

/**
 * lmdb-js hands out one big buffer with a false `length`. Borrowed values are honest views of it, kept by
 * length: making one costs more than the read.
 */
const maxKeptView = 8192;
let keptViews: (Buffer | undefined)[] = [];
let viewedBuffer: ArrayBufferLike | undefined;

function viewOf(bytes: Buffer, length: number): Buffer {
  if (length >= maxKeptView) return Buffer.from(bytes.buffer, bytes.byteOffset, length);
  if (bytes.buffer !== viewedBuffer) {
    // Values of their own pages come in small buffers of their own: not worth keeping.
    if (bytes.byteLength <= maxKeptView) return Buffer.from(bytes.buffer, bytes.byteOffset, length);
    viewedBuffer = bytes.buffer;
    keptViews = [];
  }
  let view = keptViews[length];
  if (view === undefined) {
    view = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    keptViews[length] = view;
  }
  return view;
}

function copyOf(bytes: Buffer): Buffer {
  const view = viewOf(bytes, bytes.length);
  const copy = Buffer.allocUnsafe(view.length);
  view.copy(copy);
  return copy;
}

interface RangeIterator {
  next(): { done?: boolean };
  return?(): unknown;
}

/** Where a cursor reads: undefined transaction means whatever lmdb-js takes as current. */
interface CursorSource {
  /** For the first positioning. */
  readonly first: Transaction | undefined;
  /** For every later one. */
  readonly later: Transaction | undefined;
  /** Counts the changes of the state it reads: always 0 but in a write body. */
  readonly changes: number;
  release(cursor: LmdbCursor): unknown;
}

class LmdbCursor implements KeyValueCursor {
  readonly #store: Store;
  readonly #range: KeyRange;
  readonly #source: CursorSource;
  #iterator: RangeIterator | undefined;
  #scratch = Buffer.allocUnsafe(64);
  #isClosed = false;
  #changes: number;
  /** No entry has been given out since it was positioned, and a change can not mislead it. */
  #isFresh = true;
  key: Buffer = this.#scratch.subarray(0, 0);
  value: Buffer = this.key;

  constructor(store: Store, range: KeyRange, source: CursorSource) {
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
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(2048);
    const scratch = this.#scratch;
    if (length <= 32) for (let i = 0; i < length; i += 1) scratch[i] = source[start + i]!;
    else source.copy(scratch, 0, start, start + length);
    if (this.key.length !== length || this.key.buffer !== scratch.buffer) {
      this.key = scratch.subarray(0, length);
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
    transaction: Transaction | undefined,
  ): void {
    const { reverse = false } = this.#range;
    const options: {
      [name: string]: unknown;
      exclusiveStart?: boolean;
      transaction?: Transaction;
    } = reverse
      ? { reverse, start: upper, end: lower, exclusiveStart: !includesUpper, inclusiveEnd: true }
      : { start: lower, end: upper };
    if (reverse && upper === undefined) options.exclusiveStart = false;
    if (transaction !== undefined) options.transaction = transaction;
    this.#iterator = this.#store.getRange(options)[Symbol.iterator]();
  }
}

/** Reads of one pinned state, in and out of write bodies. */
class PinnedReader implements Reader {
  readonly #engine: LmdbEngine;
  readonly #transaction: Transaction;

  constructor(engine: LmdbEngine, transaction: Transaction) {
    this.#engine = engine;
    this.#transaction = transaction;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    const value = this.borrow(table, key);
    return value === undefined ? undefined : copyOf(value);
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
    const bytes = fastGet(this.#engine.stores[table], key, { transaction });
    return bytes === undefined ? undefined : viewOf(bytes, bytes.length);
  }

  has(table: Table, key: Buffer): boolean {
    return this.borrow(table, key) !== undefined;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    return this.#engine.openCursor(table, range, this.#transaction);
  }
}

function fastGet(
  store: Store,
  key: Buffer,
  options?: { readonly transaction: Transaction },
): Buffer | undefined {
  // The types leave the second parameter out.
  return (store.getBinaryFast as (key: Buffer, options?: object) => Buffer | undefined).call(
    store,
    key,
    options,
  );
}

class LmdbSnapshot implements Snapshot {
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
}

class LatestReader implements Reader {
  readonly #engine: LmdbEngine;

  constructor(engine: LmdbEngine) {
    this.#engine = engine;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    const engine = this.#engine;
    if (engine.isInBatch) return engine.readerInBatch().get(table, key);
    const bytes = fastGet(engine.stores[table], key);
    return bytes === undefined ? undefined : copyOf(bytes);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    const engine = this.#engine;
    if (engine.isInBatch) return engine.readerInBatch().borrow(table, key);
    const bytes = fastGet(engine.stores[table], key);
    return bytes === undefined ? undefined : viewOf(bytes, bytes.length);
  }

  has(table: Table, key: Buffer): boolean {
    return this.borrow(table, key) !== undefined;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    return this.#engine.openCursor(table, range, undefined);
  }
}

/** The transaction of one body; lmdb-js reads and writes the innermost open transaction by itself. */
class LmdbTransaction implements WriteTransaction {
  readonly #stores: Stores;
  readonly #cursors = new Set<LmdbCursor>();
  readonly #source = {
    first: undefined,
    later: undefined,
    changes: 0,
    release: (cursor: LmdbCursor): unknown => this.#cursors.delete(cursor),
  };
  #isOver = false;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    const bytes = fastGet(this.#store(table), key);
    return bytes === undefined ? undefined : copyOf(bytes);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    const bytes = fastGet(this.#store(table), key);
    return bytes === undefined ? undefined : viewOf(bytes, bytes.length);
  }

  has(table: Table, key: Buffer): boolean {
    return fastGet(this.#store(table), key) !== undefined;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    const cursor = new LmdbCursor(this.#store(table), range, this.#source);
    this.#cursors.add(cursor);
    return cursor;
  }

  put(table: Table, key: Buffer, value: Buffer): void {
    this.#source.changes += 1;
    this.#store(table).putSync(key, value);
  }

  append(table: Table, key: Buffer, value: Buffer): void {
    this.#source.changes += 1;
    if (this.#store(table).putSync(key, value, { append: true } as never) as unknown as boolean)
      return;
    throw new Error(`append to ${table}: the key is not greater than the last one`);
  }

  delete(table: Table, key: Buffer): boolean {
    this.#source.changes += 1;
    return this.#store(table).removeSync(key) as unknown as boolean;
  }

  end(): void {
    this.#isOver = true;
    for (const cursor of this.#cursors) cursor.close();
  }

  #store(table: Table): Store {
    if (this.#isOver) throw new Error('the write transaction is over');
    return this.#stores[table];
  }
}

class LmdbEngine implements Engine {
  readonly stores: Stores;
  readonly latest: Reader = new LatestReader(this);
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #snapshots: SnapshotRegistry;
  readonly #cursors = new Set<LmdbCursor>();
  readonly #watch: DiskWatch;
  readonly #queue: WriteQueue;
  #pinOfBatch: { readonly reader: PinnedReader; readonly transaction: Transaction } | undefined;
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
    const openTable = (name: Table): Store =>
      this.#root.openDB<Buffer, Buffer>(name, {
        encoding: 'binary',
        ...({ keyEncoder, encoder: valueEncoder } as object),
      });
    this.stores = Object.fromEntries(tables.map((name) => [name, openTable(name)])) as Stores;
    this.#snapshots = new SnapshotRegistry(options.maxSnapshots);
    this.#watch = new DiskWatch(options, () => this.#usedBytes());
    this.#queue = new WriteQueue({
      commit: (drain) => this.#commit(drain),
      runBody: (body) => this.#runBody(body),
      onFailure: (error) => this.onFailure?.(error),
    });
  }

  snapshot(): Snapshot {
    this.#snapshots.assertRoom();
    const transaction = this.#root.useReadTransaction();
    const pin = this.#snapshots.add(() => transaction.done());
    return new LmdbSnapshot(pin, new PinnedReader(this, transaction));
  }

  closeSnapshotsOlderThan(milliseconds: number): number {
    return this.#snapshots.closeOlderThan(milliseconds);
  }

  write<T>(
    body: (transaction: WriteTransaction) => T,
    onApplied?: (result: T) => void,
  ): Promise<T> {
    return this.#queue.write(body, onApplied);
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
  openCursor(table: Table, range: KeyRange, pinned: Transaction | undefined): KeyValueCursor {
    if (this.#cursors.size >= maxCursors) {
      throw new TooManyReaders(`there are ${this.#cursors.size} open cursors, the most allowed`);
    }
    // A use of its own keeps the state for seeks, and over the end of the snapshot it came from.
    const transaction = pinned ?? this.#root.useReadTransaction();
    if (pinned !== undefined) (pinned as unknown as { use(): void }).use();
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
      const transaction = this.#root.useReadTransaction();
      this.#pinOfBatch = { transaction, reader: new PinnedReader(this, transaction) };
    }
    return this.#pinOfBatch.reader;
  }

  async #commit(drain: () => void): Promise<void> {
    let broken: { readonly error: unknown } | undefined;
    try {
      await this.#root.transaction(() => {
        this.isInBatch = true;
        try {
          drain();
        } catch (error) {
          broken = { error };
        } finally {
          this.isInBatch = false;
          this.#pinOfBatch?.transaction.done();
          this.#pinOfBatch = undefined;
        }
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

  #runBody(body: (transaction: WriteTransaction) => unknown): unknown {
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
