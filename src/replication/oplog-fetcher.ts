/**
 * Pulls the log of one sync source and hands it on, batch by batch, in order.
 *
 * Invariants
 * - The first entry that comes must be our own newest, by GTID and hash; only then do the two logs
 *   agree. If the source is ahead and it is not, the logs have parted: `diverged`.
 * - Every later entry must continue the running hash, which `append` checks. A break there is a fault of
 *   the stream, never a reason to roll back: the stream is opened again and the first entry decides.
 * - A source with nothing at or after our position is not ahead of us: `nothing`, never a rollback.
 * - Once the signal is aborted no further entry is handed on.
 *
 * It deliberately does not choose sources and does not roll back: it reports.
 */
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import { entryGtid, entryHash } from '../database/index.ts';
import type { EntryHash, PeerLink, PullBatch } from './transport.ts';

/** The newest entry of the own log, as applied in memory. */
export interface LogEnd {
  readonly gtid: Gtid;
  readonly hash: EntryHash;
}

export type FetchOutcome =
  /** The source has no entry at or after ours. */
  | { readonly kind: 'nothing'; readonly position: Gtid }
  /** The source is ahead, and our newest entry is not in its log. */
  | { readonly kind: 'diverged'; readonly position: Gtid }
  /** The source no longer has entries as old as our newest. */
  | { readonly kind: 'tooStale'; readonly position: Gtid; readonly oldest: Gtid }
  | { readonly kind: 'sourceRolledBack' }
  /** All that was asked for has come: see `untilWallMs`. */
  | { readonly kind: 'upToDate' }
  /** The stream ended or broke; the same source may be tried again. */
  | { readonly kind: 'lost'; readonly error: unknown };

export interface FetcherOptions {
  readonly setName: string;
  readonly memberId: number;
  readonly link: PeerLink;
  readonly logEnd: () => LogEnd;
  /** For a delayed member: no younger entries, milliseconds since 1970. Without it the stream has no end. */
  readonly untilWallMs?: number | undefined;
  /** Every batch, also empty ones, when its entries have been applied. */
  readonly onBatch: (batch: PullBatch) => void;
  /**
   * Writes the entries; resolves when they are applied in memory, before the flush. Rejects, and has
   * written none, when they do not continue the log.
   */
  readonly append: (entries: readonly Buffer[]) => Promise<void>;
}

/** Follows the source until the signal says stop (then the outcome means nothing) or it cannot go on. */
export async function followSource(
  options: FetcherOptions,
  signal: AbortSignal,
): Promise<FetchOutcome> {
  try {
    return await follow(options, signal);
  } catch (error) {
    return { kind: 'lost', error };
  }
}

async function follow(options: FetcherOptions, signal: AbortSignal): Promise<FetchOutcome> {
  const { setName, memberId, link, logEnd, append, onBatch, untilWallMs } = options;
  const begin = logEnd();
  let rollbackId: number | undefined;
  const request = {
    setName,
    memberId,
    from: begin.gtid,
    reverse: false,
    ...(untilWallMs === undefined ? {} : { untilWallMs }),
  };
  for await (const batch of link.pull(request, signal)) {
    if (signal.aborted) {
      break;
    }
    let { entries } = batch;
    if (rollbackId === undefined) {
      const outcome = judgeFirst(batch, begin);
      if (outcome !== undefined) {
        return outcome;
      }
      rollbackId = batch.rollbackId;
      entries = entries.slice(1);
    }
    if (batch.rollbackId !== rollbackId) {
      return { kind: 'sourceRolledBack' };
    }
    if (entries.length > 0) {
      // One batch at a time is applied, the next ones wait in the socket: that is the flow control.
      await append(entries);
    }
    if (!signal.aborted) {
      onBatch(batch);
    }
  }
  return untilWallMs !== undefined && rollbackId !== undefined
    ? { kind: 'upToDate' }
    : { kind: 'lost', error: new Error('the sync source ended the stream') };
}

/** Undefined when the two logs agree at our newest entry. */
function judgeFirst(batch: PullBatch, own: LogEnd): FetchOutcome | undefined {
  const [first] = batch.entries;
  if (first === undefined) {
    return { kind: 'nothing', position: batch.position };
  }
  const gtid = entryGtid(first);
  if (compareGtids(gtid, own.gtid) === 0 && entryHash(first) === own.hash) {
    return undefined;
  }
  if (compareGtids(batch.position, own.gtid) <= 0) {
    return { kind: 'nothing', position: batch.position };
  }
  // The source's own oldest entry is newer than ours: whether the logs agree can not be seen there.
  return compareGtids(batch.oldest, own.gtid) > 0
    ? { kind: 'tooStale', position: batch.position, oldest: batch.oldest }
    : { kind: 'diverged', position: batch.position };
}
