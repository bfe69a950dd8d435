import type { Gtid } from '../../../src/ark/index.ts';
import { contains, entryWithGtid, type Log, type LogEntry } from './log.ts';

export interface Tenure {
  readonly term: number;
  readonly node: number;
  readonly startedAt: number;
  /** The log it was elected with. */
  readonly log: Log;
}

/** What nobody in the world can know at once, and the invariants must: who led when, and what is committed. */
export class History {
  /** In the order they began. */
  readonly tenures: Tenure[] = [];
  /** The longest log that is committed: all entries of it are. */
  committed: Log;
  /** By term, the newest entry the primary of that term has committed. */
  readonly committedIn = new Map<number, LogEntry>();
  highestTerm = 0;
  /** Entries undone so far, and data directories lost. */
  undone = 0;
  disksLost = 0;

  isCommitted(gtid: Gtid): boolean {
    return entryWithGtid(this.committed, gtid) !== undefined;
  }

  isCommittedEntry(entry: LogEntry): boolean {
    return contains(this.committed, entry);
  }

  tenureOf(term: number): Tenure | undefined {
    return this.tenures.find((tenure) => tenure.term === term);
  }

  begin(tenure: Tenure): void {
    this.tenures.push(tenure);
    this.highestTerm = Math.max(this.highestTerm, tenure.term);
  }

  commit(entry: LogEntry, term: number): void {
    const before = this.committedIn.get(term);
    if (before === undefined || before.index < entry.index) this.committedIn.set(term, entry);
    if (this.committed === undefined || this.committed.index < entry.index) this.committed = entry;
  }
}
