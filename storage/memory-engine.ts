/**
 * The engine in memory: simulations, tests, throw-away servers.
 *
 * Invariants: `#working` holds what bodies wrote, `#durable` what the last flush covered; readers see
 * `#durable` only. A crash puts `#working` back to `#durable`.
 *
 * Durability is whatever `flush` says: a simulation passes one that resolves when it pleases, or
 * rejects to play a broken disk.
 */

import { ByteTree } from './byte-tree.ts';
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
  tables,
  type WriteTransaction,
} from './engine.ts';
import { type SnapshotPin, SnapshotRegistry } from './snapshot-registry.ts';
import { type BatchRunner, WriteQueue } from './write-queue.ts';

function noop(): void {}

export interface MemoryEngineOptions {
  /** Runs after a batch has been applied; the batch is durable when it resolves. */
  readonly flush?: () => Promise<void>;
  /** How a batch gets its turn; default `setImmediate`. */
  readonly schedule?: (run: () => void) => void;
  readonly maxSnapshots?: number;
  /** Milliseconds that never go back; default `performance.now`. */
  readonly monotonicMs?: () => number;
}

export interface MemoryEngine extends Engine {
  /**
   * The machine dies and comes back: queued and unflushed writes reject, snapshots and cursors are
   * dead. With `loseUnsynced` what was not flushed is gone; without, it was written by the operating
   * system in time. The engine is open again on return.
   */
  crash(options: { readonly loseUnsynced: boolean }): void;
}

type Trees = { [table in Table]: ByteTree };

function makeTrees(make: (table: Table) => ByteTree): Trees {
  return Object.fromEntries(tables.map((table) => [table, make(table)])) as Trees;
}

class TreeReader implements Reader {
  readonly trees: () => Trees;

  constructor(trees: () => Trees) {
    this.trees = trees;
  }

  get(table: Table, key: Buffer): Buffer | undefined {
    const value = this.trees()[table].get(key);
    return value === undefined ? undefined : Buffer.from(value);
  }

  borrow(table: Table, key: Buffer): Buffer | undefined {
    return this.trees()[table].get(key);
  }

  has(table: Table, key: Buffer): boolean {
    return this.trees()[table].get(key) !== undefined;
  }

  cursor(table: Table, range: KeyRange): KeyValueCursor {
    return this.trees()[table].cursor(range);
  }
}

class TreeSnapshot extends TreeReader implements Snapshot {
  readonly #pin: SnapshotPin;

  constructor(trees: Trees, pin: SnapshotPin) {
    super(() => {
      pin.assertOpen();
      return trees;
    });
    this.#pin = pin;
  }

  close(): void {
    this.#pin.close();
  }

  expire(): void {
    this.#pin.close('expired');
  }
}

/** The transaction of one body: remembers a fork of each table before its first change. */
class TreeTransaction extends TreeReader implements WriteTransaction {
  readonly #trees: Trees;
  readonly #touched: Set<Table>;
  readonly #isBuffered: boolean;
  readonly #before = new Map<Table, ByteTree>();
  readonly #cursors = new Map<KeyValueCursor, Table>();
  #isOver = false;

  constructor(trees: Trees, touched: Set<Table>, isBuffered: boolean) {
    super(() => {
      if (this.#isOver) throw new Error('the write transaction is over');
      return trees;
    });
    this.#trees = trees;
    this.#touched = touched;
    this.#isBuffered = isBuffered;
  }

  override cursor(table: Table, range: KeyRange): KeyValueCursor {
    if (this.#isBuffered && this.#before.has(table)) {
      throw new Error(`a buffered write can not open a cursor on ${table}, which it has changed`);
    }
    const cursor = this.trees()[table].cursor(range, () => this.#cursors.delete(cursor));
    this.#cursors.set(cursor, table);
    return cursor;
  }

  put(table: Table, key: Buffer, value: Buffer): void {
    if (key.length === 0) throw new Error('a key must not be empty');
    this.#change(table).set(Buffer.from(key), Buffer.from(value));
  }

  append(table: Table, key: Buffer, value: Buffer): void {
    const last = this.trees()[table].cursor({ reverse: true });
    if (last.next() && Buffer.compare(last.key, key) >= 0) {
      throw new Error(`append to ${table}: the key is not greater than the last one`);
    }
    this.put(table, key, value);
  }

  delete(table: Table, key: Buffer): boolean {
    return this.#change(table).delete(key);
  }

  end(isUndone: boolean): void {
    this.#isOver = true;
    for (const cursor of this.#cursors.keys()) cursor.close();
    if (!isUndone) return;
    for (const [table, tree] of this.#before) this.#trees[table] = tree;
  }

  #change(table: Table): ByteTree {
    const tree = this.trees()[table];
    if (this.#isBuffered && [...this.#cursors.values()].includes(table)) {
      throw new Error(`a buffered write can not change ${table} under its open cursor`);
    }
    if (!this.#before.has(table)) {
      this.#before.set(table, tree.fork());
      this.#touched.add(table);
    }
    return tree;
  }
}

class MemoryEngineImplementation implements MemoryEngine {
  readonly #options: MemoryEngineOptions;
  #working = makeTrees(() => new ByteTree());
  #durable = makeTrees((table) => this.#working[table].fork());
  #queue: WriteQueue;
  /** Counts crashes: work that began before the last one must not touch the new state. */
  #epoch = 0;
  readonly #snapshots: SnapshotRegistry;
  onFailure: ((error: unknown) => void) | undefined;
  readonly latest: Reader = new TreeReader(() => this.#durable);

  constructor(options: MemoryEngineOptions) {
    this.#options = options;
    this.#queue = this.#newQueue();
    this.#snapshots = new SnapshotRegistry(options.maxSnapshots, options.monotonicMs);
  }

  snapshot(): Snapshot {
    this.#snapshots.assertRoom();
    return new TreeSnapshot({ ...this.#durable }, this.#snapshots.add(noop));
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

  assertSpace(): void {}

  backup(): Promise<void> {
    return Promise.reject(new Error('a memory engine has no files to back up'));
  }

  stats(): EngineStats {
    return {
      fileBytes: 0,
      usedBytes: 0,
      freeBytesOnDisk: Number.POSITIVE_INFINITY,
      pinnedSnapshots: this.#snapshots.size,
      oldestSnapshotMs: this.#snapshots.oldestMs,
      openCursors: 0,
      commits: this.#queue.commits,
    };
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  crash({ loseUnsynced }: { readonly loseUnsynced: boolean }): void {
    this.#epoch += 1;
    this.#snapshots.closeOlderThan(0);
    this.#queue.abandon(new Error('the machine crashed'));
    if (loseUnsynced) this.#working = makeTrees((table) => this.#durable[table].fork());
    else this.#durable = makeTrees((table) => this.#working[table].fork());
    this.#queue = this.#newQueue();
  }

  #newQueue(): WriteQueue {
    const touched = new Set<Table>();
    const schedule = () => this.#options.schedule ?? setImmediate;
    let previous: Promise<void> = Promise.resolve();
    const runBatch = async (drain: () => void): Promise<void> => {
      const epoch = this.#epoch;
      await previous;
      await new Promise<void>((resolve) => schedule()(resolve));
      if (epoch !== this.#epoch) return;
      drain();
      const changed = [...touched].map((table) => [table, this.#working[table].fork()] as const);
      touched.clear();
      await this.#options.flush?.();
      if (epoch !== this.#epoch) return;
      this.#durable = { ...this.#durable, ...Object.fromEntries(changed) };
    };
    const runner: BatchRunner = {
      commit: (drain) => {
        const batch = runBatch(drain);
        previous = batch.catch(() => {});
        return batch;
      },
      runBody: (body, isBuffered) => {
        const transaction = new TreeTransaction(this.#working, touched, isBuffered);
        let isDone = false;
        try {
          const result = body(transaction);
          isDone = true;
          return result;
        } finally {
          transaction.end(!isDone);
        }
      },
      onFailure: (error) => this.onFailure?.(error),
    };
    return new WriteQueue(runner, this.#options.monotonicMs);
  }
}

/** Opens an empty engine in memory. */
export function openMemoryEngine(options: MemoryEngineOptions = {}): MemoryEngine {
  return new MemoryEngineImplementation(options);
}
