/**
 * What this member gives to those who pull from it or copy it.
 *
 * Invariants
 * - Only members of the same set are served.
 * - Only a primary or a secondary that is not stopping gives anything: streams ask for the facts before each batch.
 */
import type { Member } from '../ark/index.ts';
import type { Database } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { CloneSource } from './clone-source.ts';
import type { Environment } from './environment.ts';
import { OplogSource, type SourceFacts } from './oplog-source.ts';
import type { OwnLog } from './own-log.ts';
import type { CloneChunk, CloneRequest, PullBatch, PullRequest } from './transport.ts';

export interface ServedMembersOptions {
  readonly setName: string;
  readonly database: Database;
  readonly environment: Environment;
  readonly log: OwnLog;
  readonly keepAliveMs: number;
  /** Throws NotYetInitialized while the member starts. */
  readonly state: () => Member;
  /** Primary or secondary, and running. */
  readonly isReadable: () => boolean;
}

export class ServedMembers {
  readonly #options: ServedMembersOptions;
  readonly #source: OplogSource;
  readonly #cloneSource: CloneSource;

  constructor(options: ServedMembersOptions) {
    const { database, environment, log, keepAliveMs } = options;
    const { timers, random } = environment;
    const { engine } = database;
    const facts = () => this.#facts();
    this.#options = options;
    this.#source = new OplogSource({ engine, ring: log.ring, timers, facts, keepAliveMs });
    this.#cloneSource = new CloneSource({ engine, timers, random, facts });
  }

  openPull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullBatch> {
    this.#assertSameSet(request.setName);
    return this.#source.stream(request, signal);
  }

  openClone(request: CloneRequest, signal: AbortSignal): AsyncIterable<CloneChunk> {
    this.#assertSameSet(request.setName);
    return this.#cloneSource.stream(request, signal);
  }

  close(): void {
    this.#cloneSource.close();
  }

  #assertSameSet(setName: string): void {
    if (setName !== this.#options.setName) {
      throw new MongoServerError(
        'InvalidReplicaSetConfig',
        `the replica set is called ${this.#options.setName}, not ${setName}`,
      );
    }
  }

  #facts(): SourceFacts {
    const { log, state, isReadable } = this.#options;
    const { commitPoint, maxKnownTermId, sync } = state();
    return {
      position: log.lastApplied,
      commitPoint,
      term: maxKnownTermId,
      rollbackId: log.rollbackId,
      syncSource: sync.source,
      isReadable: isReadable(),
    };
  }
}
