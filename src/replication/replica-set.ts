/**
 * One member of a replica set, as commands and other members know it. The front door: it hands
 * each question to the part that knows.
 *
 * Invariants
 * - A client waiting for a write concern is answered by the tenure it wrote in, or by an error.
 *
 * What it deliberately does not know: commands, connections of clients, documents.
 */
import type { Timestamp } from 'bson';
import {
  type Gtid,
  initialGtid,
  type Member,
  type MemberStateName,
  type Message,
  memberById,
  whyConfigIsNotCommitted,
} from '../ark/index.ts';
import { fromTimestamp } from './cluster-times.ts';
import type { CommittedRead } from './committed-reads.ts';
import { configDocument } from './config-document.ts';
import { helloDocument } from './hello-document.ts';
import type { ProbeAnswer } from './initiate.ts';
import { MemberShell } from './member-shell.ts';
import type { ReconfigOptions, StepDownOptions } from './operator-requests.ts';
import { noMoment } from './optime.ts';
import type { ReplicaSetOptions } from './replica-set-options.ts';
import { statusDocument } from './status-document.ts';
import type { TopologyVersion } from './topology.ts';
import type { CloneChunk, CloneRequest, PullBatch, PullRequest } from './transport.ts';
import {
  type RequestedWriteConcern,
  throwUnlessQuorumPossible,
  type WaitingOperation,
} from './write-concerns.ts';

const shutdownStepDownSecs = 60;

export class ReplicaSet {
  readonly #options: ReplicaSetOptions;
  readonly #shell: MemberShell;

  constructor(options: ReplicaSetOptions) {
    this.#options = options;
    this.#shell = new MemberShell(options);
    options.database.buildVoters = {
      check: (quorum) => throwUnlessQuorumPossible(quorum, this.#shell.config),
      hold: (quorum, gtid, signal) => this.#shell.writeConcerns.hasBuilt(quorum, gtid, signal),
    };
  }

  /** As the assembly likes to call it; the member does nothing before `start`. */
  static async open(options: ReplicaSetOptions): Promise<ReplicaSet> {
    return new ReplicaSet(options);
  }

  /** Takes up what the store says; an initiated member goes on by itself. */
  start(): Promise<void> {
    return this.#shell.start();
  }

  /** Stops following, serving and voting. The store stays open; a primary should step down before. */
  stop(): Promise<void> {
    return this.#shell.stop();
  }

  // -- facts --------------------------------------------------------------------------------------

  get setName(): string {
    return this.#options.setName;
  }

  /** How clients may use this member: `other` answers neither reads nor writes. */
  get role(): 'primary' | 'secondary' | 'other' {
    if (this.#shell.role.isWritable) {
      return 'primary';
    }
    return this.#shell.role.isReadable ? 'secondary' : 'other';
  }

  get stateName(): MemberStateName {
    return this.#shell.role.stateName;
  }

  get term(): number {
    return this.#shell.role.term;
  }

  get rollbackId(): number {
    return this.#shell.log.rollbackId;
  }

  get lastApplied(): Gtid {
    return this.#shell.log.lastApplied;
  }

  get lastDurable(): Gtid {
    return this.#shell.log.lastDurable;
  }

  get commitPoint(): Gtid {
    return this.#shell.present?.commitPoint ?? initialGtid;
  }

  /** Ark's state, to look at. */
  get ark(): Readonly<Member> {
    return this.#shell.state;
  }

  get topologyVersion(): TopologyVersion {
    return this.#shell.topology.version;
  }

  awaitTopologyChange(
    counter: bigint,
    options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<void> {
    return this.#shell.topology.awaitChange(counter, options);
  }

  hello(): Record<string, unknown> {
    const state = this.#shell.present;
    const config = state?.config;
    const { moments } = this.#shell.log;
    return helloDocument({
      config,
      self: memberById(config, state?.self),
      isWritable: this.#shell.role.isWritable,
      isSecondary: this.role === 'secondary',
      primary: this.#shell.role.primary,
      electionTermId: state?.role.kind === 'primary' ? state.role.term : undefined,
      last: moments.at(this.lastDurable) ?? noMoment,
      majority: moments.at(this.commitPoint) ?? noMoment,
    });
  }

  /** The reply of `replSetGetStatus`. */
  status(): Record<string, unknown> {
    const config = this.#shell.config;
    return statusDocument({
      state: this.#shell.state,
      config,
      moments: this.#shell.log.moments,
      wallMs: this.#options.environment.clock.wallMs(),
      startedWallMs: this.#shell.startedWallMs,
      electedWallMs: this.#shell.role.electedWallMs,
      memberMessage: '',
      election: this.#shell.elections.document(),
      initialSync: this.#shell.following.initialSyncStatus(),
    });
  }

  /** The document of `replSetGetConfig`. */
  config(): Record<string, unknown> {
    return configDocument(this.#shell.config);
  }

  /** On a primary: whether a majority runs the present configuration, and what it was made in is safe. */
  isConfigCommitted(): boolean {
    return whyConfigIsNotCommitted(this.#shell.state) === undefined;
  }

  // -- cluster time -------------------------------------------------------------------------------

  clusterTime(): { clusterTime: Timestamp; operationTime: Timestamp } | undefined {
    return this.#shell.times.forReplies;
  }

  observeClusterTime(time: Timestamp): void {
    this.#shell.times.observe(time);
  }

  async awaitClusterTime(time: Timestamp, operation: WaitingOperation): Promise<void> {
    const wanted = fromTimestamp(time);
    if (!this.#shell.times.hasReached(wanted) && this.#shell.role.isWritable) {
      // Nobody else writes entries: the time was seen elsewhere, so this log must be moved past it.
      this.#options.database.observeClusterTime(wanted);
      await this.#shell.writeConcerns.confirm();
    }
    await this.#shell.times.reached(wanted, operation.signal);
  }

  // -- reading and writing ------------------------------------------------------------------------

  /** Throws unless client writes may enter the log now. */
  assertWritable(): void {
    this.#shell.role.assertWritable();
  }

  /**
   * Resolves when enough members have acknowledged the entry. Without one (the operation changed
   * nothing), what the operation saw must be as good as acknowledged: a majority confirms, by an
   * entry that follows, that this member was still the primary.
   */
  async awaitWriteConcern(
    position: Gtid | undefined,
    writeConcern: RequestedWriteConcern,
    operation: WaitingOperation,
  ): Promise<void> {
    await this.#shell.writeConcerns.wait(position, writeConcern, this.#shell.config, operation);
  }

  /**
   * After a linearizable read in the tenure `term`: resolves when a majority has proved that this member led still, and what it
   * held is committed (Ark's rule G11). Throws PrimarySteppedDown when the tenure is over.
   */
  confirmLead(term: number, operation: WaitingOperation): Promise<void> {
    return this.#shell.operator.confirmLead(term, operation.signal);
  }

  /** The newest committed state; waits when none is at hand that is as new as the commit point. */
  majorityReader(signal?: AbortSignal): Promise<CommittedRead> {
    return this.#shell.committedReads.read(signal);
  }

  /**
   * Makes sure that `database.readView(level)`, called right after, finds a state that contains all
   * that was committed when this was called.
   */
  prepareRead(level: string, operation: WaitingOperation, isCausal: boolean): Promise<void> {
    return this.#shell.committedReads.prepare(level, operation.signal, isCausal);
  }

  // -- commands of operators ----------------------------------------------------------------------

  /** Makes a set of the members in `document`, or of this member alone. */
  initiate(document: Record<string, unknown> | undefined): Promise<void> {
    return this.#shell.operator.initiate(document);
  }

  reconfig(document: Record<string, unknown>, options: ReconfigOptions): Promise<void> {
    return this.#shell.operator.reconfig(document, options);
  }

  /**
   * Waits up to `catchUpSeconds` for an electable secondary that has everything, then steps down;
   * with `force` also without one.
   */
  async stepDown(seconds: number, options: StepDownOptions): Promise<void> {
    this.#shell.role.exceptOperation = options.exceptOperation;
    try {
      await this.#shell.operator.stepDown(seconds, options);
    } finally {
      this.#shell.role.exceptOperation = undefined;
    }
  }

  /** Before a clean stop: gives the others the chance to go on without an election timeout. */
  stepDownForShutdown(options: StepDownOptions): Promise<void> {
    // Nobody can take over in a set of one.
    const isAlone = this.#shell.config.members.length === 1;
    return this.stepDown(shutdownStepDownSecs, {
      ...options,
      force: options.force || isAlone,
      catchUpSeconds: isAlone ? 0 : options.catchUpSeconds,
    });
  }

  freeze(seconds: number): Promise<void> {
    return this.#shell.operator.freeze(seconds);
  }

  syncFrom(host: string): Promise<{ readonly previous: string | undefined }> {
    return this.#shell.operator.syncFrom(host);
  }

  setMaintenance(on: boolean): Promise<void> {
    return this.#shell.operator.setMaintenance(on);
  }

  /** Writes an entry that changes nothing. */
  appendNote(data: Record<string, unknown>): Promise<Gtid> {
    return this.#shell.noopEntries.append(data);
  }

  // -- other members ------------------------------------------------------------------------------

  /** What another member asks before it initiates a set with this one in it. */
  probe(): ProbeAnswer {
    return {
      setName: this.setName,
      hasConfig: this.#shell.present?.config !== undefined,
      hasData: this.#options.database.lastAppended !== undefined,
      processId: this.#shell.processId,
    };
  }

  receive(message: Message): void {
    this.#shell.receive(message);
  }

  openPull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullBatch> {
    return this.#shell.served.openPull(request, signal);
  }

  openClone(request: CloneRequest, signal: AbortSignal): AsyncIterable<CloneChunk> {
    return this.#shell.served.openClone(request, signal);
  }
}
