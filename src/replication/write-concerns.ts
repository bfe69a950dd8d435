/**
 * A client's wait for its write to be held as it asked.
 *
 * Invariants
 * - A client is answered by the tenure that wrote its entry or by a later one of this member whose log still
 *   has the entry, else by an error.
 * - An operation that changed nothing waits for an entry that comes after what it saw (G10).
 * - What can never be met is refused at once, with MongoDB's errors.
 *
 * It deliberately does not count: who holds what is Ark's.
 */
import { type CommitQuorum, entryAt } from '../../storage/index.ts';
import {
  acknowledgedPosition,
  buildVoters,
  canEverBeSatisfied,
  configOf,
  type Gtid,
  type Member,
  type ReplicaSetConfig,
  votersPosition,
  type WriteConcern,
} from '../ark/index.ts';
import { type Database, gtidToBytes } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Timers } from './environment.ts';
import type { NoopEntries } from './noop-entries.ts';
import { WriteConcernWaiters } from './write-concern-waiters.ts';

/** What this room needs to know of a client's operation. */
export interface WaitingOperation {
  readonly signal: AbortSignal;
}

export interface RequestedWriteConcern {
  readonly w: WriteConcern['w'];
  /** Milliseconds; 0 waits without end. */
  readonly wtimeout: number;
}

export interface WriteConcernsOptions {
  readonly database: Database;
  readonly timers: Timers;
  readonly noopEntries: NoopEntries;
  /** Undefined while the member starts. */
  readonly state: () => Member | undefined;
  readonly tenure: () => { readonly isWritable: boolean; readonly term: number };
}

export class WriteConcerns {
  readonly #options: WriteConcernsOptions;
  readonly #waiters: WriteConcernWaiters;
  /** Their concern is a commit quorum of an index build. */
  readonly #buildWaiters: WriteConcernWaiters;

  constructor(options: WriteConcernsOptions) {
    this.#options = options;
    this.#waiters = new WriteConcernWaiters(options.timers, (w) => {
      const state = options.state();
      return state === undefined ? undefined : acknowledgedPosition(state, w);
    });
    this.#buildWaiters = new WriteConcernWaiters(options.timers, (quorum) => {
      const state = options.state();
      return state === undefined ? undefined : builtPosition(state, quorum as CommitQuorum);
    });
  }

  /** `position` undefined: the operation changed nothing. */
  async wait(
    position: Gtid | undefined,
    { w, wtimeout }: RequestedWriteConcern,
    config: ReplicaSetConfig,
    operation: WaitingOperation,
  ): Promise<void> {
    // Visible means durable here, and that is all these two ask for.
    if (w === 0 || w === 1) {
      return;
    }
    throwUnlessPossible(w, config);
    const gtid = position ?? (await this.confirm());
    this.#assertStillOurs(gtid);
    const result = await this.#waiters.wait(gtid, w, {
      signal: operation.signal,
      ...(wtimeout > 0 ? { timeoutMs: wtimeout } : {}),
    });
    if (result === 'timedOut') {
      throw new MongoServerError('WriteConcernFailed', 'waiting for replication timed out', {
        fields: { errInfo: { wtimeout: true } },
      });
    }
  }

  /** Resolves when the members of `quorum` hold the entry at `gtid`; see `BuildVoters`. */
  async hasBuilt(quorum: CommitQuorum, gtid: Gtid, signal: AbortSignal): Promise<void> {
    this.#assertPrimary();
    await this.#buildWaiters.wait(gtid, quorum, { signal });
  }

  /** An entry of this tenure that is written after the call. */
  async confirm(): Promise<Gtid> {
    this.#assertPrimary();
    return this.#options.noopEntries.confirm();
  }

  /** Somebody may hold more than before. */
  progress(): void {
    this.#waiters.progress();
    this.#buildWaiters.progress();
  }

  tenureEnded(): void {
    this.failAll(steppedDown());
  }

  failAll(reason: unknown): void {
    this.#waiters.failAll(reason);
    this.#buildWaiters.failAll(reason);
  }

  /** A position of an earlier tenure is ours to answer for only if it is still in our log. */
  #assertStillOurs(gtid: Gtid): void {
    this.#assertPrimary();
    const { database, tenure } = this.#options;
    if (gtid.term === tenure().term) {
      return;
    }
    if (entryAt(database.engine.latest, gtidToBytes(gtid)) === undefined) {
      throw new MongoServerError(
        'InterruptedDueToReplStateChange',
        'operation was interrupted because the primary has changed',
      );
    }
  }

  #assertPrimary(): void {
    if (!this.#options.tenure().isWritable) {
      throw steppedDown();
    }
  }
}

function builtPosition(state: Member, quorum: CommitQuorum): Gtid | undefined {
  if (typeof quorum === 'number') return votersPosition(state, quorum);
  if (quorum !== 'votingMembers') return acknowledgedPosition(state, quorum);
  return votersPosition(state, buildVoters(configOf(state)).length);
}

/** Throws UnsatisfiableCommitQuorum, UnknownReplWriteConcern. */
export function throwUnlessQuorumPossible(quorum: CommitQuorum, config: ReplicaSetConfig): void {
  if (quorum === 'votingMembers') return;
  if (typeof quorum === 'string') {
    throwUnlessPossible(quorum, config);
    return;
  }
  if (quorum <= buildVoters(config).length) return;
  throw new MongoServerError(
    'UnsatisfiableCommitQuorum',
    'Commit quorum cannot be satisfied with the current replica set configuration',
  );
}

function throwUnlessPossible(w: WriteConcern['w'], config: ReplicaSetConfig): void {
  switch (canEverBeSatisfied(config, { w })) {
    case 'yes':
      return;
    case 'tooFewMembers':
      throw new MongoServerError('UnsatisfiableWriteConcern', 'Not enough data-bearing nodes');
    case 'tooFewTags':
      throw new MongoServerError(
        'UnsatisfiableWriteConcern',
        `Not enough nodes match write concern mode "${typeof w === 'object' ? JSON.stringify(w) : w}"`,
      );
    case 'unknownMode':
      throw new MongoServerError(
        'UnknownReplWriteConcern',
        `No write concern mode named '${w}' found in replica set configuration`,
      );
  }
}

function steppedDown(): MongoServerError {
  return new MongoServerError(
    'PrimarySteppedDown',
    'Primary stepped down while waiting for replication',
  );
}
