/**
 * What a member does to get another member's log: pull it, roll back towards it, or copy it whole.
 * One of these at a time, the newest order counts.
 *
 * Invariants
 * - A new task begins only when the one before it has ended: nothing it handed to the database is
 *   still unapplied.
 * - A rollback, once begun, is finished or fails; only stopping the member ends it early, and then
 *   the store is a shorter prefix of its own log.
 */
import { type Address, compareGtids, type Gtid, initialGtid } from '../ark/index.ts';
import {
  type Database,
  EntryDoesNotFit,
  entryGtid,
  type RemovedDocument,
} from '../database/index.ts';
import type { TimelessInput } from './ark-loop.ts';
import type { Environment } from './environment.ts';
import { copyFromSource } from './initial-sync.ts';
import { putRollbackId } from './member-local.ts';
import { pullFrom } from './oplog-puller.ts';
import {
  type CommonPoint,
  findCommonPoint,
  RollbackBelowCommitPoint,
  undoDownTo,
} from './rollback.ts';
import type { RollbackFiles } from './rollback-files.ts';
import type { PeerLink } from './transport.ts';

/** How long one transaction of a rollback may work. */
const undoSliceMs = 4;

export interface FollowingOptions {
  readonly setName: string;
  readonly database: Database;
  readonly environment: Environment;
  /** Opens what the removed documents of one rollback are saved in. */
  readonly openRollbackFiles: (startedMs: number) => RollbackFiles;
  readonly selfId: () => number | undefined;
  /** `secondaryDelaySecs` of this member in the present configuration. */
  readonly delaySecs: () => number;
  readonly link: (host: string) => PeerLink;
  readonly commitPoint: () => Gtid;
  readonly rollbackId: () => number;
  readonly setRollbackId: (rollbackId: number) => void;
  readonly feed: (input: TimelessInput) => void;
  /** The log's end has moved by other means than appending. */
  readonly onLogReplaced: () => void;
}

type TaskKind = 'idle' | 'fetch' | 'rollback' | 'initialSync';

interface CopyProgress {
  readonly source: string;
  readonly startedWallMs: number;
  bytes: number;
}

interface AppliedWaiter {
  readonly gtid: Gtid;
  readonly resolve: () => void;
}

export class Following {
  readonly #options: FollowingOptions;
  #kind: TaskKind = 'idle';
  #source: Address | undefined;
  /** What the fetch under way was begun with. */
  #delayMs = 0;
  #abort = new AbortController();
  #current: Promise<void> = Promise.resolve();
  #appliedWaiters: AppliedWaiter[] = [];
  #isStopped = false;
  #copy: CopyProgress | undefined;
  #failedCopies = 0;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  get kind(): TaskKind {
    return this.#kind;
  }

  /** `initialSyncStatus` of `replSetGetStatus`; undefined while nothing is copied. */
  initialSyncStatus(): Record<string, unknown> | undefined {
    const { clock } = this.#options.environment;
    return (
      this.#copy && {
        failedInitialSyncAttempts: this.#failedCopies,
        initialSyncStart: new Date(this.#copy.startedWallMs),
        totalInitialSyncElapsedMillis: BigInt(
          Math.max(0, Math.round(clock.wallMs() - this.#copy.startedWallMs)),
        ),
        approxTotalBytesCopied: BigInt(this.#copy.bytes),
        syncSourceHost: this.#copy.source,
      }
    );
  }

  /** Pull from there; undefined ends pulling, and nothing else. */
  syncFrom(source: Address | undefined): void {
    if (source === undefined) {
      if (this.#kind === 'fetch') {
        this.#switch('idle', undefined, async () => {});
      }
      return;
    }
    if (this.#kind === 'fetch' && this.#source?.member === source.member) {
      return;
    }
    this.#beginFetch(source);
  }

  /** The configuration has changed: a stream without end is not what a delayed member wants, nor the other way round. */
  delayMayHaveChanged(): void {
    if (this.#kind === 'fetch' && this.#delayMs !== this.#options.delaySecs() * 1000) {
      this.#beginFetch(this.#source as Address);
    }
  }

  rollBack(source: Address): void {
    this.#switch('rollback', source, (signal) => this.#rollBack(source, signal));
  }

  /** `held`: the last entry of what is replaced. */
  initialSync(source: Address, held: Gtid): void {
    this.#switch('initialSync', source, (signal) => this.#initialSync(source, held, signal));
  }

  /** Resolves when nothing is being pulled and all that was has been applied. */
  drained(): Promise<void> {
    return this.#current;
  }

  /** The database has these entries in memory now. */
  applied(gtid: Gtid): void {
    const ready = this.#appliedWaiters.filter((waiter) => compareGtids(waiter.gtid, gtid) <= 0);
    if (ready.length > 0) {
      this.#appliedWaiters = this.#appliedWaiters.filter((waiter) => !ready.includes(waiter));
      for (const waiter of ready) {
        waiter.resolve();
      }
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#abort.abort(new Error('the member is stopping'));
    await this.#current;
  }

  #switch(
    kind: TaskKind,
    source: Address | undefined,
    run: (signal: AbortSignal) => Promise<void>,
  ): void {
    if (this.#isStopped) {
      return;
    }
    this.#abort.abort(new Error('another order has come'));
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#kind = kind;
    this.#source = source;
    this.#current = this.#current.then(async () => {
      if (signal.aborted) {
        return;
      }
      try {
        await run(signal);
      } catch (error) {
        if (!signal.aborted) {
          this.#options.environment.crash(error);
        }
      }
    });
  }

  /** The task is over; what it found is Ark's to judge. */
  #finish(signal: AbortSignal, input: TimelessInput): void {
    if (!signal.aborted) {
      this.#kind = 'idle';
      this.#source = undefined;
      this.#options.feed(input);
    }
  }

  // -- pulling ------------------------------------------------------------------------------------

  #beginFetch(source: Address): void {
    this.#delayMs = this.#options.delaySecs() * 1000;
    this.#switch('fetch', source, (signal) => this.#fetch(source, signal));
  }

  async #fetch(source: Address, signal: AbortSignal): Promise<void> {
    const append = (entries: readonly Buffer[]) => this.#append(entries);
    const input = await pullFrom(source, { ...this.#options, append }, signal);
    if (input !== undefined) {
      this.#finish(signal, input);
    }
  }

  async #append(entries: readonly Buffer[]): Promise<void> {
    const last = entryGtid(entries.at(-1) as Buffer);
    let waiter: AppliedWaiter | undefined;
    const applied = new Promise<void>((resolve) => {
      waiter = { gtid: last, resolve };
      this.#appliedWaiters.push(waiter);
    });
    const durable = this.#options.database.appendReplicated(entries);
    durable.catch((error: unknown) => {
      this.#appliedWaiters = this.#appliedWaiters.filter((other) => other !== waiter);
      if (!(error instanceof EntryDoesNotFit) && !this.#isStopped) {
        // Trying again would fail again: this member's data is not what its log says.
        this.#options.environment.crash(error);
      }
    });
    // Applied comes first; a refusal, which never applies, comes by the promise of the flush.
    await Promise.race([applied, durable]);
  }

  // -- rollback -----------------------------------------------------------------------------------

  async #rollBack(source: Address, signal: AbortSignal): Promise<void> {
    const { database, environment, link, setName, selfId, rollbackId, commitPoint, feed } =
      this.#options;
    const { log, clock } = environment;
    const from = database.lastAppended ?? initialGtid;
    let found: CommonPoint;
    try {
      found = await findCommonPoint(
        {
          engine: database.engine,
          link: link(source.host),
          setName,
          memberId: selfId() ?? -1,
          from,
        },
        signal,
      );
    } catch (error) {
      log.warning('ROLLBACK', 'Rollback could not find the common point', {
        syncSource: source.host,
        error: String(error),
      });
      const unchanged = { to: from, rollbackId: rollbackId(), finished: true };
      this.#finish(signal, { kind: 'rolledBack', ...unchanged });
      return;
    }
    const { commonPoint } = found;
    // Of a source that remembers our commit point and does not have it, the oldest entry is already below.
    if (compareGtids(commonPoint ?? found.oldest, commitPoint()) < 0) {
      throw new RollbackBelowCommitPoint(commonPoint ?? found.oldest, commitPoint());
    }
    if (commonPoint === undefined) {
      log.warning('ROLLBACK', 'No common point: all data is copied anew', {
        syncSource: source.host,
        from,
        oldestOfSource: found.oldest,
        note: 'documents that only this member had are removed and cannot be listed',
      });
      this.#finish(signal, { kind: 'noCommonPoint', source: source.member });
      return;
    }
    log.info('ROLLBACK', 'Rollback common point', { commonPoint, from, syncSource: source.host });
    const nextId = rollbackId() + 1;
    await database.engine.write((transaction) => putRollbackId(transaction, nextId));
    this.#options.setRollbackId(nextId);
    const files = this.#options.openRollbackFiles(clock.wallMs());
    let removed = 0;
    try {
      await undoDownTo({
        commonPoint,
        undoSlice: async (downTo, entriesMax) => {
          const save = async (documents: readonly RemovedDocument[]) => {
            await files.save(documents);
            removed += documents.length;
          };
          const undone = await database.undoSlice(downTo, entriesMax, save, undoSliceMs);
          const to = undone.last ?? initialGtid;
          this.#options.onLogReplaced();
          if (compareGtids(to, downTo) > 0) {
            feed({ kind: 'rolledBack', to, rollbackId: nextId, finished: false });
          }
          return to;
        },
      });
    } finally {
      await files.close();
    }
    log.info('ROLLBACK', 'Rollback complete', {
      commonPoint,
      rbid: nextId,
      removedDocuments: removed,
      files: Object.fromEntries(files.files),
    });
    this.#finish(signal, {
      kind: 'rolledBack',
      to: commonPoint,
      rollbackId: nextId,
      finished: true,
    });
  }

  // -- initial sync -------------------------------------------------------------------------------

  async #initialSync(source: Address, held: Gtid, signal: AbortSignal): Promise<void> {
    const { database, environment, link, setName, selfId } = this.#options;
    const { log, timers } = environment;
    log.info('INITSYNC', 'Starting initial sync', { syncSource: source.host });
    const copy = { source: source.host, startedWallMs: environment.clock.wallMs(), bytes: 0 };
    this.#copy = copy;
    let lastEntry: Gtid = initialGtid;
    let outcome: 'ok' | 'failed' = 'ok';
    try {
      lastEntry = await copyFromSource(
        {
          engine: database.engine,
          timers,
          link: link(source.host),
          setName,
          memberId: selfId() ?? -1,
          held,
          onProgress: ({ bytes }) => {
            copy.bytes = bytes;
          },
        },
        signal,
      );
      database.reload();
      log.info('INITSYNC', 'Initial sync done', { syncSource: source.host, lastEntry });
    } catch (error) {
      outcome = 'failed';
      log.warning('INITSYNC', 'Initial sync attempt failed', {
        syncSource: source.host,
        error: String(error),
      });
    }
    this.#copy = undefined;
    this.#failedCopies = outcome === 'ok' ? 0 : this.#failedCopies + 1;
    if (outcome === 'ok') {
      this.#options.onLogReplaced();
    }
    this.#finish(signal, {
      kind: 'initialSyncFinished',
      outcome,
      source: source.member,
      lastEntry,
    });
  }
}
