/**
 * The engine contract: ordered bytes in a fixed set of tables, snapshots, atomic durable writes.
 *
 * Every upper room works on this contract alone, so a statement inside a transaction (an overlay
 * over a snapshot) is the same code as one outside. Implementations: lmdb-engine, memory-engine.
 *
 * What it promises
 * - A write is atomic: a body that throws leaves nothing behind.
 * - Bodies run one at a time, in call order, and see what earlier bodies wrote.
 * - The promise of a write resolves when the write is durable, and in commit order.
 * - Outside a write body only durable data is visible.
 * - A failed commit rejects every write of the batch and calls `onFailure`: the owner must stop.
 *
 * What it deliberately does not know: documents, indexes, GTIDs, replica sets.
 */

export const tables = [
  'meta',
  'catalog',
  'doc',
  'index',
  'oplog',
  'session',
  'stat',
  'drop',
] as const;

export type Table = (typeof tables)[number];

/** Keys from `lower` (inclusive) to `upper` (exclusive); a missing end is open. */
export interface KeyRange {
  readonly lower?: Buffer;
  readonly upper?: Buffer;
  readonly reverse?: boolean;
}

/**
 * A position in a range. Starts before the first entry.
 *
 * `key` is borrowed until the next call on this cursor. `value` is borrowed until the next read of
 * any kind from the engine (`next`, `get`, `borrow`, `has`); copy what must live longer. Neither may
 * be modified.
 *
 * A cursor of `latest` keeps the state it was opened on, over awaits too, until it is closed: an open one
 * pins that state like a snapshot, so close it in a `finally`. A cursor of a write transaction sees the
 * transaction's own changes ahead of it and ends with the body.
 */
export interface KeyValueCursor {
  /** Moves to the next entry; false at the end, and ever after (but for `seek`). */
  next(): boolean;
  /**
   * Moves to just before the first entry at or after `key` (reverse: at or before it), still within
   * the range. Costs about as much as opening the cursor.
   */
  seek(key: Buffer): void;
  readonly key: Buffer;
  readonly value: Buffer;
  close(): void;
}

export interface Reader {
  /** A copy of the value: safe to keep. */
  get(table: Table, key: Buffer): Buffer | undefined;
  /** The value without a copy, valid until the next read from the engine. */
  borrow(table: Table, key: Buffer): Buffer | undefined;
  has(table: Table, key: Buffer): boolean;
  cursor(table: Table, range: KeyRange): KeyValueCursor;
}

/** A pinned state of the store. Counted and aged by the engine; must be closed. */
export interface Snapshot extends Reader {
  close(): void;
  /** Closes it under its user's hands: the next read throws `SnapshotTooOld`. */
  expire(): void;
}

export interface WriteTransaction extends Reader {
  put(table: Table, key: Buffer, value: Buffer): void;
  /** `key` must be greater than every other of the table; fills pages to the end. */
  append(table: Table, key: Buffer, value: Buffer): void;
  delete(table: Table, key: Buffer): boolean;
}

/** Bytes, unless it says otherwise. */
export interface EngineStats {
  /** Size of the data file, which never shrinks. */
  readonly fileBytes: number;
  /** Pages the tables hold now. */
  readonly usedBytes: number;
  /** As of the last look, at most about a second ago; Infinity where there is no disk. */
  readonly freeBytesOnDisk: number;
  readonly pinnedSnapshots: number;
  /** Milliseconds; 0 when there is none. An old one makes the file grow with every write. */
  readonly oldestSnapshotMs: number;
  readonly openCursors: number;
  readonly commits: number;
}

/** No room for client writes: the disk is nearly full, or the byte quota is used up. */
export class OutOfSpace extends Error {
  override readonly name = 'OutOfSpace';
  readonly reason: 'disk' | 'quota';

  constructor(reason: 'disk' | 'quota', message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The snapshot was closed under its user's hands because it had grown too old. */
export class SnapshotTooOld extends Error {
  override readonly name = 'SnapshotTooOld';
}

/** The registry of snapshots or cursors is full; a limit of ours, not of the store. */
export class TooManyReaders extends Error {
  override readonly name = 'TooManyReaders';
}

/**
 * Told once per batch about the writes it was given with, so that what follows from them (telling
 * other members, waking who waits) is done once for all. Results are those of bodies that
 * succeeded, in order.
 */
export interface BatchObserver<T> {
  /** As soon as the bodies of a batch have run, before the flush. */
  applied?(results: readonly T[]): void;
  /** When they are durable, before their promises settle. */
  durable?(results: readonly T[]): void;
}

/** Whether a body is buffered: see `Engine.write`. */
export type Buffering = boolean | (() => boolean);

export interface Engine {
  /** The newest durable state, inside a write body too; each call may see a newer one than the call before. */
  readonly latest: Reader;
  /** Pins the newest durable state. Throws `TooManyReaders` when the registry of snapshots is full. */
  snapshot(): Snapshot;
  /** Closes snapshots by age; their next read throws `SnapshotTooOld`. Returns how many. */
  closeSnapshotsOlderThan(milliseconds: number): number;
  /**
   * Runs `body` on the main thread inside the next batch. The promise carries what the body
   * returned, once durable; it rejects with what the body threw, of which nothing remains. The body
   * must be synchronous, must not call `write`, and must not keep its transaction.
   *
   * A buffered body is cheaper, for small writes: its changes stay in memory until it has succeeded. It
   * must leave the keys and values it puts as they are, must open no cursor on a table it has changed,
   * and change none under an open cursor: that throws. Whether a body is one may hang on what earlier
   * bodies wrote, so a function is asked when the body is about to run.
   */
  write<T>(
    body: (transaction: WriteTransaction) => T,
    observer?: BatchObserver<T>,
    isBuffered?: Buffering,
  ): Promise<T>;
  /**
   * Throws `OutOfSpace` while client writes must be refused. The engine itself refuses nothing, so
   * that truncation, reaping and votes go on.
   */
  assertSpace(): void;
  /** Resolves when every write queued so far is durable (or was refused). */
  flushed(): Promise<void>;
  /** Called once when a commit fails for another reason than its body. */
  onFailure: ((error: unknown) => void) | undefined;
  /** A consistent copy in an existing empty directory. */
  backup(directory: string): Promise<void>;
  stats(): EngineStats;
  /** Waits for queued writes, then closes. */
  close(): Promise<void>;
}
