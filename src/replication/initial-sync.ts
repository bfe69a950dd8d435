/**
 * Copies another member's store when the own one is empty or too old to follow.
 *
 * Invariants
 * - The marker is set before the first byte is thrown away and removed in the transaction of the
 *   last chunk: a crash in between begins again, and nobody ever reads half a copy.
 * - All chunks are of one snapshot of one source. A lost connection goes on inside that snapshot;
 *   a lost snapshot begins again from nothing.
 * - What was held before is noted with the marker; a copy that ends before it is not finished.
 * - Keys local to the member (incarnation, rollback id) survive.
 */

import {
  checksumLength,
  type Engine,
  type Table,
  tables,
  writeStatRow,
} from '../../storage/index.ts';
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import { delay, type Timers } from './environment.ts';
import { isMemberLocal, markInitialSync, unmarkInitialSync } from './member-local.ts';
import type { CloneChunk, CloneRequest, PeerLink } from './transport.ts';

export interface InitialSyncOptions {
  readonly engine: Engine;
  readonly timers: Timers;
  readonly link: PeerLink;
  readonly setName: string;
  readonly memberId: number;
  /** The last entry of the data that is replaced: the copy must reach it. */
  readonly held: Gtid;
  readonly onProgress?: (copied: { keys: number; bytes: number; table: string }) => void;
}

const clearSliceMax = 2000;
const resumeAttemptsMax = 20;
const resumeDelayMs = 250;

/** Resolves with the newest entry of the copy, which is durable then. Throws when it must begin again. */
export async function copyFromSource(
  options: InitialSyncOptions,
  signal: AbortSignal,
): Promise<Gtid> {
  const { engine, link, setName, memberId, timers } = options;
  await markInitialSync(engine, options.held);
  const kept = await clearStore(engine, signal);
  const log = { count: 0, bytes: 0 };
  const copied = { keys: 0, bytes: 0, table: '' };
  let resume: CloneRequest['resume'];
  for (let attempt = 0; ; ) {
    try {
      const request = { setName, memberId, ...(resume === undefined ? {} : { resume }) };
      for await (const chunk of link.clone(request, signal)) {
        signal.throwIfAborted();
        if (chunk.table === 'oplog') {
          log.count += chunk.keys.length;
          log.bytes += sumOf(chunk.values) - chunk.values.length * checksumLength;
        }
        if (chunk.end !== undefined && compareGtids(chunk.end.lastEntry, options.held) < 0) {
          throw new Error('the copy ends before what this member held');
        }
        await writeChunk(engine, chunk, kept.has(chunk.table), log);
        attempt = 0;
        copied.keys += chunk.keys.length;
        copied.bytes += sumOf(chunk.values);
        copied.table = chunk.table;
        options.onProgress?.(copied);
        const after = chunk.keys.at(-1);
        if (after !== undefined) {
          resume = { snapshotId: chunk.snapshotId, table: chunk.table, after };
        }
        if (chunk.end !== undefined) {
          return chunk.end.lastEntry;
        }
      }
      throw new Error('the initial sync source ended the stream early');
    } catch (error) {
      attempt++;
      if (
        signal.aborted ||
        resume === undefined ||
        attempt > resumeAttemptsMax ||
        isRefusal(error)
      ) {
        throw error;
      }
      await delay(timers, resumeDelayMs, signal);
    }
  }
}

/** The source answered no: trying the same again is useless. */
function isRefusal(error: unknown): boolean {
  const code = (error as { codeName?: string }).codeName;
  return code === 'InitialSyncFailure' || code === 'NotPrimaryOrSecondary' || code === 'BadValue';
}

function sumOf(values: readonly Buffer[]): number {
  return values.reduce((sum, value) => sum + value.length, 0);
}

/**
 * Everything goes but the member's own rows, in slices, so that heartbeats run in between. Resolves
 * with the tables that are not empty then.
 */
async function clearStore(engine: Engine, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for (const table of tables) {
    for (;;) {
      signal.throwIfAborted();
      const deleted = await engine.write((transaction) => {
        const keys: Buffer[] = [];
        const cursor = transaction.cursor(table, {});
        try {
          while (keys.length < clearSliceMax && cursor.next()) {
            if (isMemberLocal(table, cursor.key)) {
              kept.add(table);
            } else {
              keys.push(Buffer.from(cursor.key.subarray(0, cursor.key.length)));
            }
          }
        } finally {
          cursor.close();
        }
        for (const key of keys) {
          transaction.delete(table, key);
        }
        return keys.length;
      });
      if (deleted < clearSliceMax) {
        break;
      }
    }
  }
  return kept;
}

/** The log is copied from somewhere in its middle on, so its statistics are counted, not copied. */
const oplogStatKey = Buffer.from('oplog');

function writeChunk(
  engine: Engine,
  chunk: CloneChunk,
  hasOwnRows: boolean,
  log: { readonly count: number; readonly bytes: number },
): Promise<void> {
  const table = chunk.table as Table;
  return engine.write((transaction) => {
    chunk.keys.forEach((key, index) => {
      const value = chunk.values[index] as Buffer;
      // Own rows of the table may sort behind the copied ones; an empty table fills from its start.
      if (hasOwnRows) {
        transaction.put(table, key, value);
      } else {
        transaction.append(table, key, value);
      }
    });
    if (chunk.end !== undefined) {
      writeStatRow(transaction, oplogStatKey, log);
      unmarkInitialSync(transaction);
    }
  });
}
