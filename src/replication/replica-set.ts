/**
 * One member of a replica set: runs Ark against this process's disk, network and clock, and is
 * what commands ask about the set. The front door: it wires its parts together and hands each
 * question to the part that knows.
 *
 * Invariants
 * - Every fact Ark learns comes through one queue, every effect is performed in the given order.
 * - The write gate opens only by Ark's `role` effect, and its term is that tenure's.
 * - A client waiting for a write concern is answered by the tenure it wrote in, or by an error.
 *
 * What it deliberately does not know: commands, connections of clients, documents.
 */
import type { Timestamp } from 'bson';
import {
  createMember,
  type Gtid,
  initialGtid,
  type Member,
  type MemberStateName,
  type Message,
  memberById,
  type ReplicaSetConfig,
  stateNameOf,
  whyConfigIsNotCommitted,
} from '../ark/index.ts';
import { encodeDocument } from '../bson/index.ts';
import { type Database, defaultOplogBytesMax, listedCollection } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { ArkLoop } from './ark-loop.ts';
import { ClusterTimes, fromTimestamp } from './cluster-times.ts';
import { type CommittedRead, CommittedReads } from './committed-reads.ts';
import { configDocument } from './config-document.ts';
import { CurrentRole } from './current-role.ts';
import { performEffect } from './effects.ts';
import { ElectionMetrics } from './election-metrics.ts';
import type { Environment } from './environment.ts';
import { Following } from './following.ts';
import { helloDocument } from './hello-document.ts';
import { Housekeeping } from './housekeeping.ts';
import { findSelf, type ProbeAnswer } from './initiate.ts';
import { ensureIncarnation, readRollbackId } from './member-local.ts';
import { NoopEntries } from './noop-entries.ts';
import {
  OperatorRequests,
  type ReconfigOptions,
  type StepDownOptions,
} from './operator-requests.ts';
import { noMoment } from './optime.ts';
import { OwnLog } from './own-log.ts';
import { PeerLinks } from './peer-links.ts';
import type { ReplicaSetOptions } from './replica-set-options.ts';
import { ServedMembers } from './served-members.ts';
import { statusDocument } from './status-document.ts';
import { storedMember } from './stored-member.ts';
import { Topology, type TopologyVersion } from './topology.ts';
import type { CloneChunk, CloneRequest, PullBatch, PullRequest } from './transport.ts';
import {
  type RequestedWriteConcern,
  type WaitingOperation,
  WriteConcerns,
} from './write-concerns.ts';

const defaultKeepAliveMs = 500;
const shutdownStepDownSecs = 60;
const configNamespace = 'local.system.replset';

export class ReplicaSet {
  readonly #options: ReplicaSetOptions;
  readonly #environment: Environment;
  readonly #database: Database;
  readonly #topology: Topology;
  readonly #log: OwnLog;
  readonly #role: CurrentRole;
  readonly #elections: ElectionMetrics;
  readonly #links: PeerLinks;
  readonly #times: ClusterTimes;
  readonly #noopEntries: NoopEntries;
  readonly #writeConcerns: WriteConcerns;
  readonly #committedReads: CommittedReads;
  readonly #operator: OperatorRequests;
  readonly #served: ServedMembers;
  readonly #following: Following;
  readonly #housekeeping: Housekeeping;
  readonly #processId: string;
  readonly #startedWallMs: number;
  #loop: ArkLoop | undefined;
  #isStopped = false;

  constructor(options: ReplicaSetOptions) {
    const { setName, database, environment, durableState } = options;
    const { timers, clock, random, transport } = environment;
    const state = () => this.#state;
    this.#options = options;
    this.#environment = environment;
    this.#database = database;
    this.#topology = new Topology(timers, random);
    this.#processId = random.bytes(8).toString('hex');
    this.#startedWallMs = clock.wallMs();
    this.#log = new OwnLog(database);
    this.#role = new CurrentRole(environment, options.killOperations);
    this.#elections = new ElectionMetrics(clock);
    this.#links = new PeerLinks({ transport, state, feed: (input) => this.#loop?.feed(input) });
    this.#times = new ClusterTimes(database);
    this.#noopEntries = new NoopEntries(database);
    this.#writeConcerns = new WriteConcerns({
      database,
      timers,
      noopEntries: this.#noopEntries,
      state: () => this.#loop?.state,
      tenure: () => this.#role,
    });
    this.#committedReads = new CommittedReads(database, clock);
    this.#operator = new OperatorRequests({
      setName,
      environment,
      durableState,
      ownHost: () => this.#ownHost(),
      findSelf: (config) => this.#findSelf(config),
      link: (host) => this.#links.to(host),
      loop: () => this.#requireLoop(),
      config: () => this.#requireConfig(),
      isWritable: () => this.#role.isWritable,
    });
    this.#served = new ServedMembers({
      setName,
      database,
      environment,
      log: this.#log,
      keepAliveMs: options.keepAliveMs ?? defaultKeepAliveMs,
      state,
      isReadable: () => !this.#isStopped && this.#role.isReadable,
    });
    this.#following = new Following({
      setName,
      database,
      environment,
      rollbackDirectory: options.rollbackFolder,
      selfId: () => this.#loop?.state.self,
      link: (host) => this.#links.to(host),
      commitPoint: () => this.commitPoint,
      rollbackId: () => this.#log.rollbackId,
      setRollbackId: (rollbackId) => {
        this.#log.rollbackId = rollbackId;
      },
      feed: (input) => this.#loop?.feed(input),
      onLogReplaced: () => {
        this.#log.replaced();
        this.#committedReads.rolledBackTo(this.lastApplied);
      },
    });
    this.#housekeeping = new Housekeeping({
      database,
      timers,
      oplogBytesMax: options.oplogBytesMax ?? defaultOplogBytesMax,
      state,
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
    const { clock, random, log } = this.#environment;
    const database = this.#database;
    const incarnation = await ensureIncarnation(database.engine, random);
    this.#log.rollbackId = readRollbackId(database.engine);
    const state = createMember(
      storedMember(database, durableState, {
        host: this.#ownHost(),
        incarnation,
        processId: this.#processId,
        now: clock.monotonicMs(),
        findSelf: (config) => this.#findSelf(config),
      }),
    );
    const concerned = {
      role: this.#role,
      elections: this.#elections,
      state: () => this.#state,
      writeConcerns: this.#writeConcerns,
      committedReads: this.#committedReads,
      following: this.#following,
      links: this.#links,
      topology: this.#topology,
      ring: this.#log.ring,
      log,
      openTenure: (term: number) => this.#openTenure(term),
    };
    this.#loop = new ArkLoop({
      state,
      environment: this.#environment,
      durableState,
      send: (effect) => this.#links.send(effect),
      perform: (effect) => performEffect(effect, concerned),
      onSettled: () => {},
    });
    this.#log.replaced();
    // Ark says what changes; what the store makes of this member at once is said here.
    this.#role.take({
      kind: 'role',
      state: stateNameOf(state.role),
      writable: false,
      term: state.maxKnownTermId,
      primary: undefined,
      because: 'started',
    });
    this.#listen();
    this.#loop.start();
    this.#housekeeping.start();
  }

  /** Hears what the database does, and gives it what it asks this room for. */
  #listen(): void {
    const database = this.#database;
    database.setWriteGate({
      assertWritable: () => this.assertWritable(),
      term: () => this.#role.term,
    });
    database.onAppended = (entries) => {
      this.#log.ring.push(entries);
      const last = entries.at(-1);
      if (last !== undefined) {
        this.#following.applied(last.gtid);
        this.#loop?.feed({ kind: 'appended', gtid: last.gtid });
      }
    };
    database.onDurable = (gtid) => {
      this.#loop?.feed({ kind: 'durable', gtid, rollbackId: this.#log.rollbackId });
      this.#times.durable();
      this.#committedReads.durable();
      this.#log.ring.wake();
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
  }

  /** Stops following, serving and voting. The store stays open; a primary should step down before. */
  async stop(): Promise<void> {
    if (this.#isStopped) {
      return;
    }
    this.#isStopped = true;
    this.#loop?.stop();
    this.#role.stop();
    const reason = new MongoServerError('InterruptedAtShutdown', 'interrupted at shutdown');
    this.#writeConcerns.failAll(reason);
    this.#times.failAll(reason);
    this.#committedReads.close(reason);
    this.#log.ring.wake();
    this.#links.close();
    await this.#following.stop();
    await this.#housekeeping.stop();
    this.#served.close();
  }

  // -- facts --------------------------------------------------------------------------------------

  get setName(): string {
    return this.#options.setName;
  }

  /** How clients may use this member: `other` answers neither reads nor writes. */
  get role(): 'primary' | 'secondary' | 'other' {
    if (this.#role.isWritable) {
      return 'primary';
    }
    return this.#role.isReadable ? 'secondary' : 'other';
  }

  get stateName(): MemberStateName {
    return this.#role.stateName;
  }

  get term(): number {
    return this.#role.term;
  }

  get rollbackId(): number {
    return this.#log.rollbackId;
  }

  get lastApplied(): Gtid {
    return this.#log.lastApplied;
  }

  get lastDurable(): Gtid {
    return this.#log.lastDurable;
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
    const { moments } = this.#log;
    return helloDocument({
      config,
      self: memberById(config, state?.self),
      isWritable: this.#role.isWritable,
      isSecondary: this.role === 'secondary',
      primary: this.#role.primary,
      electionTermId: state?.role.kind === 'primary' ? state.role.term : undefined,
      last: moments.at(this.lastDurable) ?? noMoment,
      majority: moments.at(this.commitPoint) ?? noMoment,
    });
  }

  /** The reply of `replSetGetStatus`. */
  status(): Record<string, unknown> {
    const config = this.#requireConfig();
    return statusDocument({
      state: this.#state,
      config,
      moments: this.#log.moments,
      wallMs: this.#environment.clock.wallMs(),
      startedWallMs: this.#startedWallMs,
      electedWallMs: this.#role.electedWallMs,
      memberMessage: '',
      election: this.#elections.document(),
      initialSync: this.#following.initialSyncStatus(),
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
    if (!this.#times.hasReached(wanted) && this.#role.isWritable) {
      // Nobody else writes entries: the time was seen elsewhere, so this log must be moved past it.
      this.#database.observeClusterTime(wanted);
      await this.#writeConcerns.confirm();
    }
    await this.#times.reached(wanted, operation.signal);
  }

  // -- reading and writing ------------------------------------------------------------------------

  /** Throws unless client writes may enter the log now. */
  assertWritable(): void {
    this.#role.assertWritable();
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
    await this.#writeConcerns.wait(position, writeConcern, this.#requireConfig(), operation);
  }

  /** For linearizable reads: resolves when a majority has confirmed that this is still the primary. */
  async confirmPrimary(operation: WaitingOperation): Promise<void> {
    this.assertWritable();
    await this.awaitWriteConcern(undefined, { w: 'majority', wtimeout: 0 }, operation);
  }

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
    this.#role.exceptOperation = options.exceptOperation;
    try {
      await this.#operator.stepDown(seconds, options);
    } finally {
      this.#role.exceptOperation = undefined;
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

  /** Writes an entry that changes nothing. */
  appendNote(data: Record<string, unknown>): Promise<Gtid> {
    return this.#noopEntries.append(data);
  }

  // -- other members ------------------------------------------------------------------------------

  /** What another member asks before it initiates a set with this one in it. */
  probe(): ProbeAnswer {
    return {
      setName: this.setName,
      hasConfig: this.#loop?.state.config !== undefined,
      hasData: this.#database.lastAppended !== undefined,
      processId: this.#processId,
    };
  }

  receive(message: Message): void {
    const loop = this.#loop;
    if (loop !== undefined && !this.#isStopped && this.#links.mayReceive(message)) {
      loop.feed({ kind: 'message', message });
    }
  }

  openPull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullBatch> {
    return this.#served.openPull(request, signal);
  }

  openClone(request: CloneRequest, signal: AbortSignal): AsyncIterable<CloneChunk> {
    return this.#served.openClone(request, signal);
  }

  // -- small things -------------------------------------------------------------------------------

  /** Ark has won: the first entry of the term makes it a tenure. Its `appended` opens the gate. */
  #openTenure(term: number): void {
    const isOurs = () => {
      const role = this.#loop?.state.role;
      return role?.kind === 'primary' && role.term === term;
    };
    const drained = this.#following.drained();
    this.#noopEntries.openTenure(term, drained, isOurs).catch((error: unknown) => {
      if (!this.#isStopped && isOurs()) {
        this.#environment.log.error('REPL', 'the first entry of the term could not be written', {
          term,
          error: String(error),
        });
        this.#loop?.feed({ kind: 'writeFailed' });
      }
    });
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
