/**
 * What a member that follows a primary does to its log, a storage transaction at a time: takes entries
 * over, and takes back those that turn out not to be part of the set's history.
 */
import type { WriteTransaction } from '../../../storage/index.ts';
import type { Gtid } from '../../ark/gtid.ts';
import type { RemovedDocument } from './apply.ts';
import type { Changes } from './changes.ts';
import { appendFollowingEntry, undoEntriesAfter } from './following-entries.ts';
import type { AppendedEntry } from './oplog-entry.ts';

export interface UndoneSlice {
  readonly removed: readonly RemovedDocument[];
  /** The newest entry left. */
  readonly last: Gtid | undefined;
}

export interface UndoRequest {
  /** The newest entry that is to stay. */
  readonly target: Gtid;
  readonly maxEntries: number;
  /** Gets what will be removed, and has it safe when it resolves. */
  readonly save?: ((removed: readonly RemovedDocument[]) => Promise<void> | void) | undefined;
  /** About how long the transaction may take. */
  readonly budgetMs: number;
}

/** See `Database.appendReplicated`. */
export async function appendReplicated(
  changes: Changes,
  entries: readonly Buffer[],
): Promise<Gtid> {
  const outcome = await changes.run((transaction) => {
    // Another member hands out record ids now: what this one would give next is out of date.
    changes.nextRecordIds.clear();
    const touched = new Set<string>();
    const appended: AppendedEntry[] = [];
    for (const bytes of entries) {
      const gtid = appendFollowingEntry(transaction, changes.newest, bytes, touched);
      appended.push({ gtid, bytes });
    }
    return { result: undefined, appended, touched };
  });
  const last = outcome.appended.at(-1);
  if (last === undefined) throw new Error('there are no entries to append');
  return last.gtid;
}

/** See `Database.undoSlice`. */
export async function undoSlice(
  changes: Changes,
  monotonicMs: () => number,
  { target, maxEntries, save, budgetMs }: UndoRequest,
): Promise<UndoneSlice> {
  const undo = (transaction: WriteTransaction, entries: number, until: number) => {
    changes.nextRecordIds.clear();
    const isLate = () => monotonicMs() >= until;
    return undoEntriesAfter(transaction, changes.newest, { target, entries, isLate });
  };
  let entries = maxEntries;
  if (save !== undefined) {
    // Saving waits for the disk, which no write body may: a rehearsal tells what there is to save.
    const rehearsed = await changes.rehearse((transaction) =>
      undo(transaction, maxEntries, monotonicMs() + budgetMs),
    );
    if (rehearsed.removed.length > 0) await save(rehearsed.removed);
    entries = rehearsed.entries;
  }
  const until = save === undefined ? monotonicMs() + budgetMs : Number.POSITIVE_INFINITY;
  const { result } = await changes.run((transaction) => ({
    result: undo(transaction, entries, until),
    appended: [],
    touched: new Set<string>(),
  }));
  changes.logShortened();
  return { removed: result.removed, last: changes.newest.lastGtid };
}
