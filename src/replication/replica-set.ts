/**
 * One member of a replica set: runs Ark against this process's disk, network and clock, and is
 * what commands ask about the set.
 *
 * Invariants
 * - Every fact Ark learns comes through one queue, every effect is performed in the given order.
 * - The write gate opens only by Ark's `role` effect, and its term is that tenure's.
 * - A client waiting for a write concern is answered by the tenure it wrote in, or by an error.
 *
 * What it deliberately does not know: commands, connections of clients, documents.
 */
import type { Timestamp } from 'bson';
import { type DurableState, entryAt, lastEntry } from '../../storage/index.ts';
import {
  createMember,
  type Gtid,
  initialGtid,
  type Member,
  type MemberStateName,
  type Message,
  memberById,
  type ReplicaSetConfig,
  type RoleEffect,
  type SendEffect,
  type VoteRecord,
  whyConfigIsNotCommitted,
} from '../ark/index.ts';
import { encodeDocument } from '../bson/index.ts';
import {
  type Database,
  gtidToBytes,
  internalOperation,
  listedCollection,
} from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { acknowledgedPosition } from './acknowledged-position.ts';
import { ArkLoop, type OutwardEffect } from './ark-loop.ts';
import { CloneSource } from './clone-source.ts';
import { ClusterTimes, fromTimestamp } from './cluster-times.ts';
import { type CommittedRead, CommittedReads } from './committed-reads.ts';
import { configDocument } from './config-document.ts';
import type { Environment } from './environment.ts';
import { Following } from './following.ts';
import { helloDocument } from './hello-document.ts';
import { Housekeeping } from './housekeeping.ts';
import { findSelf, type ProbeAnswer } from './initiate.ts';
import { ensureIncarnation, isInitialSyncUnfinished, readRollbackId } from './member-local.ts';
import {
  initiatedByName,
  OperatorRequests,
  type ReconfigOptions,
  type StepDownOptions,
} from './operator-requests.ts';
import { OplogRing } from './oplog-ring.ts';
import { OplogSource, type SourceFacts } from './oplog-source.ts';
import { Moments, noMoment } from './optime.ts';
import { statusDocument } from './status-document.ts';
import { Topology, type TopologyVersion } from './topology.ts';
import type { CloneChunk, CloneRequest, PeerLink, PullBatch, PullRequest } from './transport.ts';
import { acknowledgementRule } from './write-concern-rule.ts';
import { WriteConcernWaiters } from './write-concern-waiters.ts';

export interface ReplicaSetOptions {
  readonly setName: string;
  /** `name:port` as this member listens; a function when the port is known at `start` only. */
  readonly host: string | (() => string);
  /** Other names of this member: the configuration may call it by one of them. */
  readonly alsoKnownAs?: readonly string[];
  readonly database: Database;
  readonly durableState: DurableState;
  readonly environment: Environment;
  /** Removed documents are saved below it; without it they are not. */
  readonly rollbackFolder?: string | undefined;
  /** The log is cut back to this size when nobody needs more. */
  readonly oplogBytesMax?: number;
  /** How often a silent pull stream says that it lives. */
  readonly keepAliveMs?: number;
  /**
   * Ends what clients have running: writers at a step-down, everybody (`all`) when the member's data
   * goes back or is replaced. `except` names the operation that asked for it.
   */
  readonly killOperations?: (
    reason: MongoServerError,
    scope: 'writers' | 'all',
    except: number | undefined,
  ) => void;
}

/** What this room needs to know of a client's operation. */
export interface WaitingOperation {
  readonly signal: AbortSignal;
}

export interface RequestedWriteConcern {
  readonly w: number | string;
  /** Milliseconds; 0 waits without end. */
  readonly wtimeout: number;
}

const ringBytesMax = 32 * 1024 * 1024;
const defaultOplogBytesMax = 1024 * 1024 * 1024;
const defaultKeepAliveMs = 500;
const shutdownStepDownSecs = 60;
const configNamespace = 'local.system.replset';

export class ReplicaSet {
  readonly #options: ReplicaSetOptions;
  readonly #environment: Environment;
  readonly #database: Database;
  readonly #topology: Topology;
  readonly #ring = new OplogRing(ringBytesMax);
  readonly #moments: Moments;
  readonly #times: ClusterTimes;
  readonly #waiters: WriteConcernWaiters;
  readonly #committedReads: CommittedReads;
  readonly #operator: OperatorRequests;
  readonly #source: OplogSource;
  readonly #cloneSource: CloneSource;
  readonly #following: Following;
  readonly #housekeeping: Housekeeping;
  readonly #links = new Map<string, PeerLink>();
  readonly #calledAt = new WeakMap<PeerLink, number>();
  readonly #processId: string;
  readonly #startedWallMs: number;
  #loop: ArkLoop | undefined;
  #rollbackId = 1;
  #stateName: MemberStateName = 'STARTUP';
  #isWritable = false;
  #term = 0;
  #primary: number | undefined;
  #electedWallMs: number | undefined;
  #exceptOperation: number | undefined;
  #noop: Promise<Gtid> | undefined;
  #isStopped = false;

  constructor(options: ReplicaSetOptions) {
    const { database, environment } = options;
    const { timers, clock, random } = environment;
    const { engine } = database;
    this.#options = options;
    this.#environment = environment;
    this.#database = database;
    this.#topology = new Topology(timers, random);
    this.#processId = random.bytes(8).toString('hex');
    this.#startedWallMs = clock.wallMs();
    this.#moments = new Moments(engine.latest);
    this.#times = new ClusterTimes(database);
    this.#waiters = new WriteConcernWaiters(timers, (rule) =>
      this.#loop === undefined ? undefined : acknowledgedPosition(this.#loop.state, rule),
    );
    this.#committedReads = new CommittedReads(database, clock);
    this.#operator = new OperatorRequests({
      setName: options.setName,
      environment,
      durableState: options.durableState,
      ownHost: () => this.#ownHost(),
      findSelf: (config) => this.#findSelf(config),
      link: (host) => this.#link(host),
      loop: () => this.#requireLoop(),
      config: () => this.#requireConfig(),
      isWritable: () => this.#isWritable,
    });
    const keepAliveMs = options.keepAliveMs ?? defaultKeepAliveMs;
    const facts = () => this.#sourceFacts();
    this.#source = new OplogSource({ engine, ring: this.#ring, timers, facts, keepAliveMs });
    this.#cloneSource = new CloneSource({ engine, timers, random, facts });
    this.#following = new Following({
      setName: options.setName,
      database,
      environment,
      rollbackDirectory: options.rollbackFolder,
      selfId: () => this.#loop?.state.self,
      link: (host) => this.#link(host),
      commitPoint: () => this.commitPoint,
      rollbackId: () => this.#rollbackId,
      setRollbackId: (rollbackId) => {
        this.#rollbackId = rollbackId;
        this.#ring.wake();
      },
      feed: (input) => this.#loop?.feed(input),
      onLogReplaced: () => this.#logReplaced(),
    });
    this.#housekeeping = new Housekeeping({
      database,
      timers,
      oplogBytesMax: options.oplogBytesMax ?? defaultOplogBytesMax,
      state: () => this.#state,
      onFailure: (error) => environment.crash(error),
    });
  }

  /** As the assembly likes to call it; the member does nothing before `start`. */
  static async open(options: ReplicaSetOptions): Promise<ReplicaSet> {
    return new ReplicaSet(options);
  }

  // -- life ---------------------------------------------------------------------------------------

  /** Takes up what the store says; an initiated member goes on by itself. */
  async start(): Promise<void> {
    const { durableState } = this.#options;
    const host = this.#ownHost();
    const database = this.#database;
    const { engine } = database;
    const incarnation = await ensureIncarnation(engine, this.#environment.random);
    this.#rollbackId = readRollbackId(engine);
    const stored = durableState.read();
    const config = stored.config as unknown as ReplicaSetConfig | undefined;
    const vote = stored.vote as unknown as VoteRecord | undefined;
    const lastGtid = isInitialSyncUnfinished(engine) ? undefined : database.lastAppended;
    // Whoever initiated the set has complete data, although it has no entry yet.
    const hasInitiated =
      stored[initiatedByName] === incarnation && !isInitialSyncUnfinished(engine);
    const self = config?.members.find((member) => member.host === this.#findSelf(config))?._id;
    const state = createMember({
      host,
      ...(self === undefined ? {} : { self }),
      incarnation,
      processId: this.#processId,
      now: this.#environment.clock.monotonicMs(),
      ...(vote === undefined ? {} : { vote }),
      ...(config === undefined ? {} : { config }),
      lastEntry: lastGtid ?? initialGtid,
      rollbackId: this.#rollbackId,
      needsInitialSync: lastGtid === undefined && !hasInitiated,
    });
    this.#loop = new ArkLoop({
      state,
      environment: this.#environment,
      durableState,
      send: (effect) => this.#send(effect),
      perform: (effect) => this.#perform(effect),
      onSettled: () => {},
    });
    this.#seedRing();
    database.setWriteGate({
      assertWritable: () => this.assertWritable(),
      term: () => this.#term,
    });
    database.onAppended = (entries) => {
      this.#ring.push(entries);
      const last = entries.at(-1);
      if (last !== undefined) {
        this.#following.applied(last.gtid);
        this.#loop?.feed({ kind: 'appended', gtid: last.gtid });
      }
    };
    database.onDurable = (gtid) => {
      this.#loop?.feed({ kind: 'durable', gtid, rollbackId: this.#rollbackId });
      this.#times.durable();
      this.#committedReads.durable();
      this.#ring.wake();
    };
    database.readViews = (level) => this.#committedReads.viewFor(level);
    // Where tools look for the configuration.
    database.virtualCollections.set(
      configNamespace,
      listedCollection(configNamespace, () => {
        const present = this.#loop?.state.config;
        return present === undefined ? [] : [encodeDocument(configDocument(present))];
      }),
    );
    this.#connectTo(config);
    this.#loop.start();
    this.#housekeeping.start();
  }

  /** Stops following, serving and voting. The store stays open; a primary should step down before. */
  async stop(): Promise<void> {
    if (this.#isStopped) {
      return;
    }
    this.#isStopped = true;
    this.#loop?.stop();
    this.#isWritable = false;
    const reason = new MongoServerError('InterruptedAtShutdown', 'interrupted at shutdown');
    this.#waiters.failAll(reason);
    this.#times.failAll(reason);
    this.#committedReads.close(reason);
    this.#ring.wake();
    for (const link of this.#links.values()) {
      link.close();
    }
    await this.#following.stop();
    await this.#housekeeping.stop();
    this.#cloneSource.close();
  }

  // -- facts --------------------------------------------------------------------------------------

  get setName(): string {
    return this.#options.setName;
  }

  /** How clients may use this member: `other` answers neither reads nor writes. */
  get role(): 'primary' | 'secondary' | 'other' {
    if (this.#isWritable) {
      return 'primary';
    }
    // A new primary that still catches up takes reads like a secondary.
    return this.#stateName === 'SECONDARY' || this.#stateName === 'PRIMARY' ? 'secondary' : 'other';
  }

  get stateName(): MemberStateName {
    return this.#stateName;
  }

  get term(): number {
    return this.#term;
  }

  get rollbackId(): number {
    return this.#rollbackId;
  }

  get lastApplied(): Gtid {
    return this.#database.lastAppended ?? initialGtid;
  }

  get lastDurable(): Gtid {
    return this.#database.lastDurable ?? initialGtid;
  }

  get commitPoint(): Gtid {
    return this.#loop?.state.commitPoint ?? initialGtid;
  }

  /** Ark's state, to look at. */
  get ark(): Readonly<Member> {
    return this.#state;
  }

  get topologyVersion(): TopologyVersion {
    return this.#topology.version;
  }

  awaitTopologyChange(
    counter: bigint,
    options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<void> {
    return this.#topology.awaitChange(counter, options);
  }

  hello(): Record<string, unknown> {
    const state = this.#loop?.state;
    const config = state?.config;
    return helloDocument({
      config,
      self: memberById(config, state?.self),
      isWritable: this.#isWritable,
      isSecondary: this.role === 'secondary',
      primary: this.#primary,
      electionTermId: state?.role.kind === 'primary' ? state.role.term : undefined,
      last: this.#moments.at(this.lastDurable) ?? noMoment,
      majority: this.#moments.at(this.commitPoint) ?? noMoment,
    });
  }

  /** The reply of `replSetGetStatus`. */
  status(): Record<string, unknown> {
    const config = this.#requireConfig();
    return statusDocument({
      state: this.#state,
      config,
      moments: this.#moments,
      wallMs: this.#environment.clock.wallMs(),
      startedWallMs: this.#startedWallMs,
      electedWallMs: this.#electedWallMs,
      memberMessage: '',
    });
  }

  /** The document of `replSetGetConfig`. */
  config(): Record<string, unknown> {
    return configDocument(this.#requireConfig());
  }

  /** On a primary: whether a majority runs the present configuration, and what it was made in is safe. */
  isConfigCommitted(): boolean {
    return whyConfigIsNotCommitted(this.#state) === undefined;
  }

  // -- cluster time -------------------------------------------------------------------------------

  clusterTime(): { clusterTime: Timestamp; operationTime: Timestamp } | undefined {
    return this.#times.forReplies;
  }

  observeClusterTime(time: Timestamp): void {
    this.#times.observe(time);
  }

  async awaitClusterTime(time: Timestamp, operation: WaitingOperation): Promise<void> {
    const wanted = fromTimestamp(time);
    if (!this.#times.hasReached(wanted) && this.#isWritable) {
      // Nobody else writes entries: the time was seen elsewhere, so this log must be moved past it.
      this.#database.observeClusterTime(wanted);
      await this.#writeNoop();
    }
    await this.#times.reached(wanted, operation.signal);
  }

  // -- write concern ------------------------------------------------------------------------------

  /** Throws unless client writes may enter the log now. */
  assertWritable(): void {
    if (!this.#isWritable) {
      throw new MongoServerError('NotWritablePrimary', 'not primary');
    }
  }

  /**
   * Resolves when enough members have acknowledged the entry. Without one (the operation changed
   * nothing), what the operation saw must be as good as acknowledged: a majority confirms, by an
   * entry that follows, that this member was still the primary (reliability notes, G10).
   */
  async awaitWriteConcern(
    position: Gtid | undefined,
    writeConcern: RequestedWriteConcern,
    operation: WaitingOperation,
  ): Promise<void> {
    const config = this.#requireConfig();
    const rule = acknowledgementRule(writeConcern.w, config);
    if (rule === undefined) {
      return;
    }
    const gtid = position ?? (await this.#writeNoop());
    this.#assertStillOurs(gtid);
    const result = await this.#waiters.wait(gtid, rule, {
      signal: operation.signal,
      ...(writeConcern.wtimeout > 0 ? { timeoutMs: writeConcern.wtimeout } : {}),
    });
    if (result === 'timedOut') {
      throw new MongoServerError('WriteConcernFailed', 'waiting for replication timed out', {
        fields: { errInfo: { wtimeout: true } },
      });
    }
  }

  /** For linearizable reads: resolves when a majority has confirmed that this is still the primary. */
  async confirmPrimary(operation: WaitingOperation): Promise<void> {
    this.assertWritable();
    await this.awaitWriteConcern(undefined, { w: 'majority', wtimeout: 0 }, operation);
  }

  /** A position of an earlier tenure is ours to answer for only if it is still in our log. */
  #assertStillOurs(gtid: Gtid): void {
    this.#assertPrimaryForWaiting();
    if (gtid.term !== this.#term) {
      if (entryAt(this.#database.engine.latest, gtidToBytes(gtid)) === undefined) {
        throw new MongoServerError(
          'InterruptedDueToReplStateChange',
          'operation was interrupted because the primary has changed',
        );
      }
    }
  }

  #assertPrimaryForWaiting(): void {
    if (!this.#isWritable) {
      throw new MongoServerError(
        'PrimarySteppedDown',
        'Primary stepped down while waiting for replication',
      );
    }
  }

  // -- reading ------------------------------------------------------------------------------------

  /** The newest committed state; waits when none is at hand that is as new as the commit point. */
  majorityReader(signal?: AbortSignal): Promise<CommittedRead> {
    return this.#committedReads.read(signal);
  }

  /**
   * Makes sure that `database.readView(level)`, called right after, finds a state that contains all
   * that was committed when this was called.
   */
  prepareRead(level: string, operation: WaitingOperation, isCausal: boolean): Promise<void> {
    return this.#committedReads.prepare(level, operation.signal, isCausal);
  }

  // -- commands of operators ----------------------------------------------------------------------

  /** Makes a set of the members in `document`, or of this member alone. */
  initiate(document: Record<string, unknown> | undefined): Promise<void> {
    return this.#operator.initiate(document);
  }

  reconfig(document: Record<string, unknown>, options: ReconfigOptions): Promise<void> {
    return this.#operator.reconfig(document, options);
  }

  /**
   * Waits up to `catchUpSeconds` for an electable secondary that has everything, then steps down;
   * with `force` also without one.
   */
  async stepDown(seconds: number, options: StepDownOptions): Promise<void> {
    this.#exceptOperation = options.exceptOperation;
    try {
      await this.#operator.stepDown(seconds, options);
    } finally {
      this.#exceptOperation = undefined;
    }
  }

  /** Before a clean stop: gives the others the chance to go on without an election timeout. */
  stepDownForShutdown(options: StepDownOptions): Promise<void> {
    // Nobody can take over in a set of one.
    const isAlone = this.#requireConfig().members.length === 1;
    return this.stepDown(shutdownStepDownSecs, {
      ...options,
      force: options.force || isAlone,
      catchUpSeconds: isAlone ? 0 : options.catchUpSeconds,
    });
  }

  freeze(seconds: number): Promise<void> {
    return this.#operator.freeze(seconds);
  }

  syncFrom(host: string): Promise<{ readonly previous: string | undefined }> {
    return this.#operator.syncFrom(host);
  }

  setMaintenance(on: boolean): Promise<void> {
    return this.#operator.setMaintenance(on);
  }

  /** What another member asks before it initiates a set with this one in it. */
  probe(): ProbeAnswer {
    return {
      setName: this.setName,
      hasConfig: this.#loop?.state.config !== undefined,
      hasData: this.#database.lastAppended !== undefined,
      processId: this.#processId,
    };
  }

  /** Writes an entry that changes nothing. */
  async appendNote(data: Record<string, unknown>): Promise<Gtid> {
    const { lastGtid } = await this.#database.write(internalOperation(), 'admin.$cmd', (writer) =>
      writer.note({ op: 'n', ns: '', o: encodeDocument(data) }),
    );
    if (lastGtid === undefined) {
      throw new Error('a note was written but is not in the log');
    }
    return lastGtid;
  }

  // -- other members ------------------------------------------------------------------------------

  receive(message: Message): void {
    const loop = this.#loop;
    if (loop === undefined || this.#isStopped) {
      return;
    }
    const { transport } = this.#environment;
    if (!transport.mayReceive(message.fromHost, this.#ownName(), message)) {
      return;
    }
    loop.feed({ kind: 'message', message });
  }

  openPull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullBatch> {
    this.#assertSameSet(request.setName);
    return this.#source.stream(request, signal);
  }

  openClone(request: CloneRequest, signal: AbortSignal): AsyncIterable<CloneChunk> {
    this.#assertSameSet(request.setName);
    return this.#cloneSource.stream(request, signal);
  }

  #assertSameSet(setName: string): void {
    if (setName !== this.setName) {
      throw new MongoServerError(
        'InvalidReplicaSetConfig',
        `the replica set is called ${this.setName}, not ${setName}`,
      );
    }
  }

  #send({ to, message }: SendEffect): void {
    const link = this.#link(to.host);
    if (message.kind === 'heartbeatRequest') {
      this.#resetWhenSilent(to.member, link);
    }
    link.send(message);
  }

  /**
   * After a long cut TCP tries an old connection more and more rarely, and would go on to do so for
   * minutes after the network has healed: a silent peer is called anew now and then.
   */
  #resetWhenSilent(member: number, link: PeerLink): void {
    const { config, peers, now } = this.#state;
    if (config === undefined) return;
    const calledAt = this.#calledAt.get(link) ?? now;
    const lastSign = Math.max(peers[member]?.answeredAt ?? 0, calledAt);
    const isSilent = now - lastSign > 2 * config.settings.electionTimeoutMillis;
    if (isSilent) link.reset();
    this.#calledAt.set(link, isSilent ? now : calledAt);
  }

  #link(host: string): PeerLink {
    let link = this.#links.get(host);
    if (link === undefined) {
      link = this.#environment.transport.link(this.#ownName(), host, () => {
        const member = this.#state.config?.members.find((other) => other.host === host);
        if (member !== undefined) {
          this.#loop?.feed({ kind: 'peerDisconnected', member: member._id });
        }
      });
      this.#links.set(host, link);
    }
    return link;
  }

  #connectTo(config: ReplicaSetConfig | undefined): void {
    const hosts = new Set(config?.members.map((member) => member.host));
    for (const [host, link] of this.#links) {
      if (config !== undefined && !hosts.has(host)) {
        link.close();
        this.#links.delete(host);
      }
    }
  }

  #sourceFacts(): SourceFacts {
    const state = this.#state;
    return {
      position: this.lastApplied,
      commitPoint: state.commitPoint,
      term: state.maxKnownTermId,
      rollbackId: this.#rollbackId,
      syncSource: state.sync.source,
      isReadable:
        !this.#isStopped && (this.#stateName === 'PRIMARY' || this.#stateName === 'SECONDARY'),
    };
  }

  // -- effects ------------------------------------------------------------------------------------

  #perform(effect: OutwardEffect): void {
    switch (effect.kind) {
      case 'role':
        this.#takeRole(effect);
        break;
      case 'commitPoint':
        this.#committedReads.commitPointMoved(effect.gtid);
        this.#waiters.progress();
        this.#ring.wake();
        break;
      case 'progress':
        this.#waiters.progress();
        break;
      case 'failWaiters':
        this.#waiters.failAll(
          new MongoServerError(
            'PrimarySteppedDown',
            'Primary stepped down while waiting for replication',
          ),
        );
        break;
      case 'writeNoop':
        this.#beginTenure(effect.term);
        break;
      case 'syncFrom':
        this.#following.syncFrom(effect.source);
        break;
      case 'rollback':
        this.#following.rollBack(effect.source);
        break;
      case 'startInitialSync':
        this.#following.initialSync(effect.source);
        break;
      case 'config':
        this.#connectTo(effect.config);
        this.#topology.changed();
        this.#waiters.progress();
        break;
      case 'log':
        this.#environment.log.info(componentOf(effect.mark), effect.mark, effect.fields);
        break;
    }
  }

  #takeRole({ state, writable, term, primary, because }: RoleEffect): void {
    const { log, clock } = this.#environment;
    const before = this.#stateName;
    const wasWritable = this.#isWritable;
    this.#stateName = state;
    this.#isWritable = writable && !this.#isStopped;
    this.#term = term;
    this.#primary = primary;
    if (state !== before) {
      log.info('REPL', `transition to ${state} from ${before}`, {
        newState: state,
        oldState: before,
        reason: because,
        term,
      });
    }
    if (this.#isWritable && !wasWritable) {
      this.#electedWallMs = clock.wallMs();
      log.info('REPL', 'Transition to primary complete; database writes are now permitted', {
        term,
      });
    }
    if (wasWritable && !this.#isWritable) {
      this.#electedWallMs = undefined;
      this.#kill('writers');
    }
    if (state !== before && (state === 'ROLLBACK' || state === 'STARTUP2')) {
      this.#kill('all');
    }
    this.#ring.wake();
    this.#topology.changed();
  }

  #kill(scope: 'writers' | 'all'): void {
    const reason = new MongoServerError(
      'InterruptedDueToReplStateChange',
      'operation was interrupted',
    );
    this.#options.killOperations?.(reason, scope, this.#exceptOperation);
  }

  /** Ark has won: the first entry of the term makes it a tenure. Its `appended` opens the gate. */
  #beginTenure(term: number): void {
    const isFirst = this.#database.lastAppended === undefined;
    const message = encodeDocument({ msg: isFirst ? 'initiating set' : 'new primary' });
    this.#following
      .drained()
      .then(() => this.#database.writeNoop(term, message))
      .catch((error: unknown) => {
        if (!this.#isStopped) {
          this.#environment.log.error('REPL', 'the first entry of the term could not be written', {
            term,
            error: String(error),
          });
          this.#loop?.feed({ kind: 'writeFailed' });
        }
      });
  }

  /** Shared by all who ask before it is written; who asks later needs one that comes later. */
  #writeNoop(): Promise<Gtid> {
    this.#assertPrimaryForWaiting();
    if (this.#noop === undefined) {
      const promise = Promise.resolve().then(() => {
        this.#noop = undefined;
        return this.appendNote({ msg: 'confirming primary' });
      });
      this.#noop = promise;
    }
    return this.#noop;
  }

  #logReplaced(): void {
    this.#moments.forget();
    this.#seedRing();
    this.#committedReads.rolledBackTo(this.lastApplied);
  }

  /** The ring ends where the log ends, so that followers who are up to date never touch the disk. */
  #seedRing(): void {
    this.#ring.clear();
    const last = lastEntry(this.#database.engine.latest);
    const gtid = this.#database.lastAppended;
    if (last !== undefined && gtid !== undefined && gtidToBytes(gtid).equals(last.gtid)) {
      this.#ring.push([{ gtid, bytes: last.entry }]);
    }
  }

  /** As the other members call this one. */
  #ownName(): string {
    const { config, self, host } = this.#state;
    return memberById(config, self)?.host ?? host;
  }

  #ownHost(): string {
    const { host } = this.#options;
    return typeof host === 'string' ? host : host();
  }

  /** What the configuration calls this member. */
  #findSelf(config: {
    readonly members: readonly { readonly host: string }[];
  }): string | undefined {
    const hosts = config.members.map((member) => member.host);
    return findSelf(hosts, this.#ownHost(), this.#options.alsoKnownAs);
  }

  // -- small things -------------------------------------------------------------------------------

  get #state(): Member {
    return this.#requireLoop().state;
  }

  #requireLoop(): ArkLoop {
    if (this.#loop === undefined) {
      throw new MongoServerError('NotYetInitialized', 'the member is starting');
    }
    return this.#loop;
  }

  #requireConfig(): ReplicaSetConfig {
    const config = this.#loop?.state.config;
    if (config === undefined) {
      throw new MongoServerError('NotYetInitialized', 'no replset config has been received');
    }
    return config;
  }
}

/** What a message must have before Ark may read it; the rest is between members. */
export function isMessage(value: unknown): value is Message {
  const { kind, set, fromHost, from } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof kind === 'string' &&
    typeof set === 'string' &&
    typeof fromHost === 'string' &&
    typeof from === 'number'
  );
}

function componentOf(mark: string): 'ELECTION' | 'ROLLBACK' | 'INITSYNC' | 'REPL' {
  if (/elect|vote|candid|stand/i.test(mark)) {
    return 'ELECTION';
  }
  if (/rollback|rolled/i.test(mark)) {
    return 'ROLLBACK';
  }
  return /initialSync/i.test(mark) ? 'INITSYNC' : 'REPL';
}
