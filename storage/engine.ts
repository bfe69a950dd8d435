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
 * A position in a range. `key` and `value` are borrowed: they are valid until the next call of
 * `next` on any cursor or of `borrow` on any reader of the engine; copy what must live longer.
 * `value.length` is right, `value.byteLength` and `value.buffer` are not to be used.
 */
export interface KeyValueCursor {
  /** Moves to the next entry; false at the end, and ever after. */
  next(): boolean;
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
}

export interface WriteTransaction extends Reader {
  put(table: Table, key: Buffer, value: Buffer): void;
  /** `key` must be greater than every other of the table; fills pages to the end. */
  append(table: Table, key: Buffer, value: Buffer): void;
  delete(table: Table, key: Buffer): boolean;
}

export interface EngineStats {
  readonly fileBytes: number;
  readonly usedBytes: number;
  readonly freeBytesOnDisk: number;
  readonly pinnedSnapshots: number;
  readonly commits: number;
}

export interface Engine {
  /** The newest durable state; each call may see a newer one than the call before. */
  readonly latest: Reader;
  /** Pins the newest durable state. Throws when the registry of snapshots is full. */
  snapshot(): Snapshot;
  /**
   * Runs `body` on the main thread inside the next batch. The promise carries what the body
   * returned, once durable; it rejects with what the body threw, of which nothing remains.
   * `onApplied` runs as soon as the body has succeeded, before the flush, still in order.
   */
  write<T>(body: (transaction: WriteTransaction) => T, onApplied?: (result: T) => void): Promise<T>;
  /** Resolves when every write queued so far is durable. */
  flushed(): Promise<void>;
  /** Called once when a commit fails for another reason than its body. */
  onFailure: ((error: unknown) => void) | undefined;
  /** A consistent copy in an existing empty directory. */
  backup(directory: string): Promise<void>;
  stats(): EngineStats;
  /** Waits for queued writes, then closes. */
  close(): Promise<void>;
}
