/**
 * Takes back what no majority has: undoes own entries, newest first, down to the newest one that
 * the sync source has too.
 *
 * Invariants
 * - Entries are undone only to follow a source that is ahead, by the very log that shows the common point.
 * - Nothing at or below the commit point is ever undone: that would be lost data, so the member
 *   crashes instead.
 * - After every slice the store is a consistent prefix of the own log: a crash needs no recovery.
 * - The rollback id is durable before the first entry goes, so that whoever pulled from here notices.
 * - A removed document is in a file before the transaction that removes it commits.
 */

import { type Engine, entryAt } from '../../storage/index.ts';
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import { entryGtid, entryHash, gtidToBytes } from '../database/index.ts';
import type { PeerLink } from './transport.ts';

export interface CommonPointOptions {
  readonly engine: Engine;
  readonly link: PeerLink;
  readonly setName: string;
  readonly memberId: number;
  /** Own newest entry. */
  readonly from: Gtid;
}

/** What two logs share, or how far back the source's log was read without finding anything. */
export type CommonPoint =
  | { readonly commonPoint: Gtid }
  | { readonly commonPoint: undefined; readonly oldest: Gtid };

/**
 * None when the source's log, seen to its very beginning, holds no entry of ours: it must be
 * copied instead. Throws when the stream ends before that: the source stopped, or rolls back itself; and
 * when the source is no longer ahead of us.
 */
export async function findCommonPoint(
  options: CommonPointOptions,
  signal: AbortSignal,
): Promise<CommonPoint> {
  const { engine, link, setName, memberId, from } = options;
  await engine.flushed();
  const request = { setName, memberId, from, reverse: true };
  for await (const batch of link.pull(request, signal)) {
    // Since it was found to be ahead it may have crashed and lost the end of its log, or its whole disk: what
    // it does not have then says nothing about what was committed.
    if (compareGtids(batch.position, from) <= 0) {
      throw new Error('the sync source is no longer ahead');
    }
    for (const entry of batch.entries) {
      const gtid = entryGtid(entry);
      const own = entryAt(engine.latest, gtidToBytes(gtid));
      if (own !== undefined && entryHash(own.entry) === entryHash(entry)) {
        return { commonPoint: gtid };
      }
    }
    signal.throwIfAborted();
    const last = batch.entries.at(-1);
    if (last !== undefined && compareGtids(entryGtid(last), batch.oldest) <= 0) {
      return { commonPoint: undefined, oldest: batch.oldest };
    }
  }
  throw new Error('the sync source ended the stream before the common point was found');
}

export interface UndoOptions {
  readonly commonPoint: Gtid;
  /** Undoes at most so many entries above `downTo` in one transaction; resolves with the new end. */
  readonly undoSlice: (downTo: Gtid, entriesMax: number) => Promise<Gtid>;
}

/** Few enough that a slice stays short, many enough that a flush is shared. */
const undoSliceMax = 64;

export async function undoDownTo(options: UndoOptions): Promise<void> {
  const { commonPoint, undoSlice } = options;
  let end: Gtid;
  do {
    end = await undoSlice(commonPoint, undoSliceMax);
  } while (compareGtids(end, commonPoint) > 0);
}

/** The member, or the one it follows, has lost acknowledged writes: ours to crash on, never to hide. */
export class RollbackBelowCommitPoint extends Error {
  constructor(commonPoint: Gtid, commitPoint: Gtid) {
    super(
      `the common point ${JSON.stringify(commonPoint)} with the sync source is below the commit point ${JSON.stringify(commitPoint)}`,
    );
    this.name = 'RollbackBelowCommitPoint';
  }
}
