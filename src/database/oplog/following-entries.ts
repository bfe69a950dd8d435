/**
 * The end of the log on a member that does not write it: entries of another member are put there
 * and applied, or, when they turn out not to be part of the set's history, undone and taken away.
 */
import {
  appendEntry,
  deleteEntry,
  lastEntry,
  loadCatalog,
  type Reader,
  type WriteTransaction,
} from '../../../storage/index.ts';
import { compareGtids, type Gtid } from '../../ark/gtid.ts';
import type { WriterState } from '../writes/writer.ts';
import { applyEntry, type RemovedDocument, type Touched, undoEntry } from './apply.ts';
import { gtidToBytes } from './gtid-bytes.ts';
import {
  entryClusterTime,
  entryFollows,
  entryGtid,
  entryHash,
  laterClusterTime,
} from './oplog-entry.ts';

/** Entries that are not the ones after the log's newest: a fault of where they come from. */
export class EntryDoesNotFit extends Error {
  override readonly name = 'EntryDoesNotFit';
}

/**
 * Puts an entry after the newest one and applies it. Throws EntryDoesNotFit, before anything is
 * written, when it is not the one that follows.
 */
export function appendFollowingEntry(
  transaction: WriteTransaction,
  state: WriterState,
  bytes: Buffer,
  touched: Touched,
): Gtid {
  const gtid = entryGtid(bytes);
  const { lastGtid, lastHash } = state;
  if (lastGtid !== undefined && !isAfter(gtid, lastGtid)) {
    throw new EntryDoesNotFit(`entry ${textOf(gtid)} does not come after the newest one`);
  }
  if (!entryFollows(bytes, lastHash)) {
    throw new EntryDoesNotFit(`entry ${textOf(gtid)} does not continue this log`);
  }
  appendEntry(transaction, gtidToBytes(gtid), bytes);
  applyEntry(transaction, state, bytes, touched);
  state.lastGtid = gtid;
  state.lastHash = entryHash(bytes);
  state.lastClusterTime = laterClusterTime(state.lastClusterTime, entryClusterTime(bytes));
  return gtid;
}

/** How far an undo goes: to `target`, or until it has undone `entries`, or is late. */
export interface UndoExtent {
  readonly target: Gtid;
  readonly entries: number;
  readonly isLate: () => boolean;
}

/** Undoes the newest entries, at least one of those after the target, and takes them out of the log. */
export function undoEntriesAfter(
  transaction: WriteTransaction,
  state: WriterState,
  { target, entries, isLate }: UndoExtent,
): { readonly removed: RemovedDocument[]; readonly entries: number } {
  const removed: RemovedDocument[] = [];
  let count = 0;
  while (count < entries && state.lastGtid !== undefined && isAfter(state.lastGtid, target)) {
    for (const each of undoNewestEntry(transaction, state)) removed.push(each);
    count += 1;
    if (isLate()) break;
  }
  return { removed, entries: count };
}

function undoNewestEntry(transaction: WriteTransaction, state: WriterState): RemovedDocument[] {
  const last = lastEntry(transaction);
  if (last === undefined) throw new Error('the log is empty');
  const removed = undoEntry(transaction, state, last.entry);
  deleteEntry(transaction, last.gtid);
  Object.assign(state, endOfLog(transaction));
  return removed;
}

/** What the store says of where the next entry goes. */
export function readState(reader: Reader): WriterState {
  return { catalog: loadCatalog(reader), ...endOfLog(reader) };
}

/** What the newest entry says; of an empty log, the beginning. */
function endOfLog(reader: Reader): Omit<WriterState, 'catalog'> {
  const last = lastEntry(reader);
  if (last === undefined) {
    return { lastGtid: undefined, lastHash: 0n, lastClusterTime: { t: 0, i: 0 } };
  }
  return {
    lastGtid: entryGtid(last.entry),
    lastHash: entryHash(last.entry),
    lastClusterTime: entryClusterTime(last.entry),
  };
}

function isAfter(a: Gtid, b: Gtid): boolean {
  return compareGtids(a, b) > 0;
}

function textOf({ term, opid }: Gtid): string {
  return `(${term}, ${opid})`;
}
