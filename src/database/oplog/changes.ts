/**
 * From a write body to what readers see. Bodies run one after the other against the newest state,
 * which is ahead of the disk; those of one batch share a flush, and what they did shows when it
 * is over.
 *
 * Invariants
 * - A body that throws leaves the newest state as it found it.
 * - `durable` moves with flushes, in order, and never shows what a crash could take back, but for
 *   multikey flags, which are shown before the keys they are about.
 */
import type {
  BatchObserver,
  Buffering,
  CatalogState,
  Engine,
  WriteTransaction,
} from '../../../storage/index.ts';
import { withMultikeyOf } from '../indexes/multikey.ts';
import { NextRecordIds } from '../writes/next-record-ids.ts';
import type { WriterState } from '../writes/writer.ts';
import { readState } from './following-entries.ts';
import { type AppendedEntry, entryClusterTime } from './oplog-entry.ts';

/** What one body did, carried from the body to the moment it is durable. */
export interface Change<T = unknown> {
  readonly result: T;
  readonly appended: readonly AppendedEntry[];
  readonly touched: ReadonlySet<string>;
}

interface Outcome<T = unknown> extends Change<T> {
  readonly catalog: CatalogState;
}

/** Told once for all bodies that share a flush. */
export interface ChangeObserver {
  /** In the log, not yet durable. */
  appended(entries: readonly AppendedEntry[]): void;
  /** `last` is the newest entry that became durable; `touched` the namespaces of documents that did. */
  durable(last: AppendedEntry | undefined, touched: ReadonlySet<string>): void;
  /** Readers see another catalog from now on. */
  catalogChanged(before: CatalogState, now: CatalogState): void;
}

type DurableState = Pick<WriterState, 'catalog' | 'lastGtid' | 'lastClusterTime'>;

export class Changes {
  readonly newest: WriterState;
  readonly nextRecordIds = new NextRecordIds();
  readonly #engine: Engine;
  readonly #observer: ChangeObserver;
  readonly #batches: BatchObserver<Outcome> = {
    applied: (outcomes) => this.#applied(outcomes),
    durable: (outcomes) => this.#becameDurable(outcomes),
  };
  #durable: DurableState;

  /** The engine must have flushed what it holds. */
  constructor(engine: Engine, observer: ChangeObserver) {
    this.#engine = engine;
    this.#observer = observer;
    this.newest = readState(engine.latest);
    this.#durable = { ...this.newest };
  }

  get durable(): Readonly<DurableState> {
    return this.#durable;
  }

  /** The store was given other contents: nothing of the old is remembered. */
  reload(): void {
    Object.assign(this.newest, readState(this.#engine.latest));
    this.nextRecordIds.clear();
    this.#durable = { ...this.newest };
  }

  /** Entries were undone durably: the newest one left is the newest durable one. */
  logShortened(): void {
    const { lastGtid, lastClusterTime } = this.newest;
    this.#durable = { ...this.#durable, lastGtid, lastClusterTime };
  }

  /** Runs `body` in one storage transaction; resolves when it is durable. */
  run<T>(
    body: (transaction: WriteTransaction) => Change<T>,
    isBuffered: Buffering = false,
  ): Promise<Change<T>> {
    const change = (transaction: WriteTransaction): Outcome<T> => {
      const saved = { ...this.newest };
      this.nextRecordIds.begin();
      try {
        const done = body(transaction);
        const { result, appended, touched } = done;
        return { result, appended, touched, catalog: this.newest.catalog };
      } catch (error) {
        Object.assign(this.newest, saved);
        this.nextRecordIds.undo();
        throw error;
      }
    };
    return this.#engine.write(change, this.#batches as BatchObserver<Outcome<T>>, isBuffered);
  }

  /** What `body` would give: runs it in a storage transaction of which nothing remains. */
  async rehearse<T>(body: (transaction: WriteTransaction) => T): Promise<T> {
    const told: T[] = [];
    const rehearsal = new Error('a rehearsal leaves nothing behind');
    try {
      await this.run((transaction) => {
        told.push(body(transaction));
        throw rehearsal;
      });
    } catch (error) {
      if (error !== rehearsal) throw error;
    }
    return told[0] as T;
  }

  #applied(outcomes: readonly Outcome[]): void {
    this.#show(this.#durable.catalog);
    const appended = outcomes.flatMap((outcome) => outcome.appended);
    if (appended.length > 0) this.#observer.appended(appended);
  }

  /** Readers plan by `catalog` from now on, and by the multikey flags that are on their way. */
  #show(catalog: CatalogState): void {
    const before = this.#durable.catalog;
    const shown = withMultikeyOf(catalog, this.newest.catalog);
    if (shown === before) return;
    this.#durable = { ...this.#durable, catalog: shown };
    this.#observer.catalogChanged(before, shown);
  }

  #becameDurable(outcomes: readonly Outcome[]): void {
    const touched = new Set<string>();
    let last: AppendedEntry | undefined;
    for (const outcome of outcomes) {
      last = outcome.appended.at(-1) ?? last;
      for (const namespace of outcome.touched) touched.add(namespace);
    }
    const before = this.#durable;
    this.#durable = {
      ...before,
      lastGtid: last?.gtid ?? before.lastGtid,
      lastClusterTime: last === undefined ? before.lastClusterTime : entryClusterTime(last.bytes),
    };
    this.#show(outcomes.at(-1)?.catalog ?? before.catalog);
    this.#observer.durable(last, touched);
  }
}
