/**
 * The serving side of initial sync: one pinned snapshot, table by table in key order.
 *
 * The snapshot outlives a lost connection for a while, so that the copy goes on where it broke
 * off; a copy is of one state of the store, so nothing has to be repeated or reconciled.
 */

import type { Engine, Snapshot, Table } from '../../storage/index.ts';
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import { gtidFromBytes } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type CancelTimer, delay, type Randomness, type Timers } from './environment.ts';
import { isMemberLocal } from './member-local.ts';
import type { SourceFacts } from './oplog-source.ts';
import type { CloneChunk, CloneRequest } from './transport.ts';

/** In the order they are sent. The log goes last: with it the copy becomes a member's store. */
const clonedTables = [
  'catalog',
  'doc',
  'index',
  'session',
  'stat',
  'drop',
  'meta',
  'oplog',
] as const satisfies readonly Table[];

export interface CloneSourceOptions {
  readonly engine: Engine;
  readonly timers: Timers;
  readonly random: Randomness;
  readonly facts: () => SourceFacts;
}

interface HeldSnapshot {
  readonly id: string;
  readonly snapshot: Snapshot;
  readonly commitPoint: Gtid;
  readonly rollbackId: number;
  readers: number;
  cancelExpiry: CancelTimer | undefined;
}

const chunkBytesMax = 1024 * 1024;
/** Small keys are what takes time, not bytes: on this side and where they are put into a table. */
const chunkKeysMax = 1000;
/** Entries of the log looked at before others get their turn, and bytes of them. */
const searchEntries = 200;
const searchBytes = 1024 * 1024;
/** How much of the log goes along beyond what undo needs, so that others can pull from the copy. */
const oplogBytesGoal = 16 * 1024 * 1024;
/** A snapshot nobody reads from pins pages; a reader that lost its connection comes back sooner. */
const unusedSnapshotMs = 30_000;
const snapshotsMax = 4;

export class CloneSource {
  readonly #options: CloneSourceOptions;
  readonly #held = new Map<string, HeldSnapshot>();

  constructor(options: CloneSourceOptions) {
    this.#options = options;
  }

  async *stream(request: CloneRequest, signal: AbortSignal): AsyncGenerator<CloneChunk> {
    if (!this.#options.facts().isReadable) {
      throw new MongoServerError(
        'NotPrimaryOrSecondary',
        'the member can not be an initial sync source in its present state',
      );
    }
    const held = this.#hold(request);
    held.readers++;
    held.cancelExpiry?.();
    try {
      const firstTable = request.resume === undefined ? 0 : tableIndex(request.resume.table);
      for (let index = firstTable; index < clonedTables.length; index++) {
        const table = clonedTables[index] as Table;
        const isResumed = request.resume !== undefined && index === firstTable;
        let lower = isResumed
          ? successor(request.resume.after)
          : await this.#tableStart(held, table, signal);
        for (;;) {
          if (signal.aborted) {
            return;
          }
          if (this.#options.facts().rollbackId !== held.rollbackId) {
            throw new MongoServerError('InitialSyncFailure', 'the sync source has rolled back');
          }
          const chunk = this.#readChunk(held, table, lower);
          const lastKey = chunk.keys.at(-1);
          if (lastKey === undefined) {
            break;
          }
          yield chunk;
          lower = successor(lastKey);
        }
      }
      yield {
        snapshotId: held.id,
        rollbackId: held.rollbackId,
        table: 'oplog',
        keys: [],
        values: [],
        end: { lastEntry: lastEntryOf(held.snapshot), commitPoint: held.commitPoint },
      };
    } finally {
      held.readers--;
      if (held.readers === 0) {
        held.cancelExpiry = this.#options.timers.after(unusedSnapshotMs, () => this.#drop(held));
      }
    }
  }

  close(): void {
    for (const held of [...this.#held.values()]) {
      this.#drop(held);
    }
  }

  #hold(request: CloneRequest): HeldSnapshot {
    if (request.resume !== undefined) {
      const held = this.#held.get(request.resume.snapshotId);
      if (held === undefined) {
        throw new MongoServerError('InitialSyncFailure', 'the snapshot is no longer held');
      }
      return held;
    }
    for (const held of [...this.#held.values()]) {
      if (held.readers === 0) {
        this.#drop(held);
      }
    }
    if (this.#held.size >= snapshotsMax) {
      throw new MongoServerError(
        'InitialSyncFailure',
        `at most ${snapshotsMax} initial syncs at a time from one source`,
      );
    }
    const { commitPoint, rollbackId } = this.#options.facts();
    const held: HeldSnapshot = {
      id: this.#options.random.bytes(12).toString('hex'),
      snapshot: this.#options.engine.snapshot(),
      commitPoint,
      rollbackId,
      readers: 0,
      cancelExpiry: undefined,
    };
    this.#held.set(held.id, held);
    return held;
  }

  #drop(held: HeldSnapshot): void {
    held.cancelExpiry?.();
    if (this.#held.delete(held.id)) {
      held.snapshot.close();
    }
  }

  #readChunk(held: HeldSnapshot, table: Table, lower: Buffer): CloneChunk {
    const keys: Buffer[] = [];
    const values: Buffer[] = [];
    let bytes = 0;
    const cursor = held.snapshot.cursor(table, { lower });
    try {
      while (bytes < chunkBytesMax && keys.length < chunkKeysMax && cursor.next()) {
        const { key, value } = cursor;
        if (isMemberLocal(table, key)) {
          continue;
        }
        keys.push(Buffer.from(key.subarray(0, key.length)));
        values.push(Buffer.from(value.subarray(0, value.length)));
        bytes += key.length + value.length;
      }
    } finally {
      cursor.close();
    }
    return { snapshotId: held.id, rollbackId: held.rollbackId, table, keys, values };
  }

  /** Of the log only the end is sent: all that may yet be undone, and a little more. */
  async #tableStart(held: HeldSnapshot, table: Table, signal: AbortSignal): Promise<Buffer> {
    if (table !== 'oplog') {
      return Buffer.alloc(1, 0).subarray(0, 0);
    }
    let start = Buffer.alloc(0);
    let bytes = 0;
    let pausedAt = 0;
    const cursor = held.snapshot.cursor('oplog', { reverse: true });
    try {
      for (let count = 1; cursor.next(); count++) {
        start = Buffer.from(cursor.key.subarray(0, 16));
        bytes += cursor.value.length;
        if (bytes >= oplogBytesGoal && compareGtids(gtidFromBytes(start), held.commitPoint) <= 0) {
          break;
        }
        if (count % searchEntries === 0 || bytes - pausedAt >= searchBytes) {
          pausedAt = bytes;
          await delay(this.#options.timers, 0, signal);
        }
      }
    } finally {
      cursor.close();
    }
    return start;
  }
}

/** The smallest key after `key`. */
function successor(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.alloc(1)]);
}

function tableIndex(table: string): number {
  const index = (clonedTables as readonly string[]).indexOf(table);
  if (index < 0) {
    throw new MongoServerError('BadValue', `'${table}' is not a table of the store`);
  }
  return index;
}

function lastEntryOf(snapshot: Snapshot): Gtid {
  const cursor = snapshot.cursor('oplog', { reverse: true });
  try {
    return cursor.next() ? gtidFromBytes(cursor.key) : { term: 0, opid: 0 };
  } finally {
    cursor.close();
  }
}
