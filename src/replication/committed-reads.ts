/** Views of committed states for majority reads: `MajorityReads` on the database's snapshots. */

import { type CatalogState, lastEntry, loadCatalog } from '../../storage/index.ts';
import { type Gtid, initialGtid } from '../ark/index.ts';
import { type Database, gtidFromBytes, type ReadLevel, type ReadView } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Clock } from './environment.ts';
import { MajorityReads } from './read-concern.ts';

/** A committed state to read from; `release` once. */
export interface CommittedRead {
  readonly view: ReadView;
  readonly lastGtid: Gtid;
  release(): void;
}

interface PinnedView extends ReadView {
  readonly lastGtid: Gtid;
  expire(): void;
}

export class CommittedReads {
  readonly #database: Database;
  readonly #reads: MajorityReads<PinnedView>;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#reads = new MajorityReads<PinnedView>({
      clock,
      pinsMax: 64,
      idlePinsMax: 8,
      loansMax: 256,
      idleAfterMs: 10_000,
      idlePinAgeMaxMs: 60_000,
      pinNewest: () => this.#pinNewest(),
    });
  }

  async read(signal?: AbortSignal): Promise<CommittedRead> {
    const { state, release } = await this.#reads.read(signal);
    return { view: { ...viewOf(state), close: release }, lastGtid: state.lastGtid, release };
  }

  /**
   * After it `viewFor(level)` finds a state with all that was committed when this was called; with
   * `isCausal`, with all that is durable here now: the time the client named is among it.
   */
  async prepare(level: string, signal: AbortSignal, isCausal: boolean): Promise<void> {
    if (level === 'majority' || level === 'snapshot') {
      const after = isCausal ? this.#database.lastDurable : undefined;
      (await this.#reads.read(signal, after)).release();
    }
  }

  /** Linearizable reads see the newest state; the member is confirmed as primary afterwards. */
  viewFor(level: ReadLevel): ReadView {
    if (level !== 'majority' && level !== 'snapshot') {
      const { catalog, engine } = this.#database;
      return { reader: engine.latest, catalog, isLatest: true, close() {} };
    }
    const read = this.#reads.tryRead();
    if (read === undefined) {
      throw new MongoServerError(
        'ReadConcernMajorityNotAvailableYet',
        'Read concern majority reads are currently not possible.',
      );
    }
    return { ...viewOf(read.state), close: read.release };
  }

  durable(): void {
    this.#reads.durable();
  }

  commitPointMoved(commitPoint: Gtid): void {
    this.#reads.commitPointMoved(commitPoint);
  }

  rolledBackTo(commonPoint: Gtid): void {
    this.#reads.rolledBackTo(commonPoint);
  }

  close(reason: unknown): void {
    this.#reads.close(reason);
  }

  #pinNewest(): PinnedView {
    const reader = this.#database.engine.snapshot();
    const last = lastEntry(reader);
    // Only a pin that is read from pays for its catalog.
    let catalog: CatalogState | undefined;
    return {
      reader,
      get catalog() {
        catalog ??= loadCatalog(reader);
        return catalog;
      },
      isLatest: false,
      lastGtid: last === undefined ? initialGtid : gtidFromBytes(last.gtid),
      close: () => reader.close(),
      expire: () => reader.expire(),
    };
  }
}

function viewOf(state: PinnedView): Omit<ReadView, 'close'> {
  return { reader: state.reader, catalog: state.catalog, isLatest: false };
}
