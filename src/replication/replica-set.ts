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
import {
  type CatalogState,
  type DurableState,
  entryAt,
  lastEntry,
  loadCatalog,
} from '../../storage/index.ts';
import {
  type CommandOutcome,
  completeConfig,
  configProblem,
  createMember,
  type Gtid,
  initialGtid,
  type Member,
  type MemberStateName,
  type Message,
  memberById,
  type ReplicaSetConfig,
  type ReplicaSetConfigInput,
  type RoleEffect,
  type VoteRecord,
  whyConfigIsNotCommitted,
} from '../ark/index.ts';
import { encodeDocument } from '../bson/index.ts';
import {
  type Database,
  gtidToBytes,
  internalOperation,
  listedCollection,
  type ReadLevel,
  type ReadView,
} from '../database/index.ts';
import { type CodeName, MongoServerError } from '../errors/index.ts';
import { acknowledgedPosition } from './acknowledged-position.ts';
import { ArkLoop, type OutwardEffect, type TimelessCommand } from './ark-loop.ts';
import { CloneSource } from './clone-source.ts';
import { ClusterTimes, fromTimestamp } from './cluster-times.ts';
import { configDocument, readConfigDocument } from './config-document.ts';
import { delay, type Environment } from './environment.ts';
import { Following } from './following.ts';
import { helloDocument } from './hello-document.ts';
import { Housekeeping } from './housekeeping.ts';
import { checkQuorum, findSelf, type ProbeAnswer } from './initiate.ts';
import { ensureIncarnation, isInitialSyncUnfinished, readRollbackId } from './member-local.ts';
import { OplogRing } from './oplog-ring.ts';
import { OplogSource, type SourceFacts } from './oplog-source.ts';
import { Moments, noMoment, toTimestamp } from './optime.ts';
import { MajorityReads } from './read-concern.ts';
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

/** A committed state to read from; `release` once. */
export interface CommittedRead {
  readonly view: ReadView;
  readonly lastGtid: Gtid;
  release(): void;
}

interface PinnedView extends ReadView {
  readonly lastGtid: Gtid;
}

const ringBytesMax = 32 * 1024 * 1024;
const defaultOplogBytesMax = 1024 * 1024 * 1024;
const defaultKeepAliveMs = 500;
const stepDownPollMs = 10;
const reconfigPollMs = 20;
const reconfigWaitMs = 5000;
const configNamespace = 'local.system.replset';
/** Durable fact: which incarnation initiated the set. */
const initiatedByName = 'initiatedBy';

export class ReplicaSet {
  readonly #options: ReplicaSetOptions;
  readonly #environment: Environment;
  readonly #database: Database;
  readonly #topology: Topology;
  readonly #ring = new OplogRing(ringBytesMax);
  readonly #moments: Moments;
  readonly #times: ClusterTimes;
  readonly #waiters: WriteConcernWaiters;
  readonly #majorityReads: MajorityReads<PinnedView>;
  readonly #source: OplogSource;
  readonly #cloneSource: CloneSource;
  readonly #following: Following;
  readonly #housekeeping: Housekeeping;
  readonly #links = new Map<string, PeerLink>();
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
    this.#majorityReads = new MajorityReads<PinnedView>({
      clock,
      pinsMax: 64,
      idlePinsMax: 8,
      idleAfterMs: 10_000,
      idlePinAgeMaxMs: 60_000,
      pinNewest: () => this.#pinNewest(),
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
      send: ({ to, message }) => this.#link(to.host).send(message),
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
      this.#majorityReads.durable();
      this.#ring.wake();
    };
    database.readViews = (level) => this.#viewFor(level);
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
    this.#majorityReads.close(reason);
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
    const own = this.#database.durableClusterTime;
    if (own.t === 0) {
      return undefined;
    }
    return { clusterTime: toTimestamp(this.#times.newest), operationTime: toTimestamp(own) };
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
  async majorityReader(signal?: AbortSignal): Promise<CommittedRead> {
    const { state, release } = await this.#majorityReads.read(signal);
    return { view: { ...viewOf(state), close: release }, lastGtid: state.lastGtid, release };
  }

  /**
   * Makes sure that `database.readView(level)`, called right after, finds a state that contains all
   * that was committed when this was called.
   */
  async prepareRead(level: string, operation: WaitingOperation): Promise<void> {
    if (level === 'majority' || level === 'snapshot') {
      (await this.#majorityReads.read(operation.signal)).release();
    }
  }

  /** Linearizable reads see the newest state and are confirmed afterwards, see `confirmPrimary`. */
  #viewFor(level: ReadLevel): ReadView {
    if (level !== 'majority' && level !== 'snapshot') {
      const { catalog, engine } = this.#database;
      return { reader: engine.latest, catalog, isLatest: true, close() {} };
    }
    const read = this.#majorityReads.tryRead();
    if (read === undefined) {
      throw new MongoServerError(
        'ReadConcernMajorityNotAvailableYet',
        'Read concern majority reads are currently not possible.',
      );
    }
    return { ...viewOf(read.state), close: read.release };
  }

  #pinNewest(): PinnedView {
    const reader = this.#database.engine.snapshot();
    let catalog: CatalogState | undefined;
    const last = lastEntry(reader);
    return {
      reader,
      get catalog() {
        catalog ??= loadCatalog(reader);
        return catalog;
      },
      isLatest: false,
      lastGtid:
        last === undefined
          ? initialGtid
          : { term: readHalf(last.gtid, 0), opid: readHalf(last.gtid, 8) },
      close: () => reader.close(),
    };
  }

  // -- commands of operators ----------------------------------------------------------------------

  /** Makes a set of the members in `document`, or of this member alone. */
  async initiate(document: Record<string, unknown> | undefined): Promise<void> {
    const { setName } = this.#options;
    const host = this.#ownHost();
    const loop = this.#requireLoop();
    if (loop.state.config !== undefined) {
      throw new MongoServerError('AlreadyInitialized', 'already initialized');
    }
    const config = readConfigDocument(
      document ?? { _id: setName, version: 1, members: [{ _id: 0, host }] },
    );
    if (config._id !== setName) {
      throw new MongoServerError(
        'InvalidReplicaSetConfig',
        `Attempting to initiate a replica set with name ${config._id}, but command line reports ${setName}; rejecting`,
      );
    }
    const problem = configProblem(completeConfig(config));
    if (problem !== undefined) {
      throw new MongoServerError('InvalidReplicaSetConfig', problem);
    }
    const self = this.#findSelf(config);
    if (self === undefined) {
      throw new MongoServerError(
        'InvalidReplicaSetConfig',
        `No host described in new configuration with {version: ${config.version ?? 1}, term: 0} for replica set ${setName} maps to this node`,
      );
    }
    const others = config.members.filter((member) => member.host !== self);
    await checkQuorum(
      config,
      others.map((member) => member.host),
      (other) => this.#link(other),
    );
    // A crash before the first entry must not leave a set in which everybody waits for a copy.
    await this.#options.durableState.write({ [initiatedByName]: loop.state.incarnation });
    throwUnlessOk(await loop.command({ kind: 'initiate', config, self: idOf(config, self) }));
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

  async reconfig(
    document: Record<string, unknown>,
    { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    const loop = this.#requireLoop();
    const current = this.#requireConfig();
    const config = readConfigDocument(document);
    if (config._id !== current._id) {
      throw new MongoServerError(
        'NewReplicaSetConfigurationIncompatible',
        `New and old configurations differ in replica set name; old was ${current._id}, and new is ${config._id}`,
      );
    }
    const self = this.#findSelf(config);
    const input = {
      kind: 'reconfig',
      config,
      force,
      ...(self === undefined ? {} : { self: idOf(config, self) }),
    } as const;
    // Right after an election the primary is busy with a configuration of its own for a moment.
    let outcome = await loop.command(input);
    const until = this.#environment.clock.monotonicMs() + reconfigWaitMs;
    while (
      !outcome.ok &&
      outcome.code === 'ConfigurationInProgress' &&
      this.#environment.clock.monotonicMs() < until
    ) {
      await delay(this.#environment.timers, reconfigPollMs, signal);
      outcome = await loop.command(input);
    }
    throwUnlessOk(outcome);
    while (!force && this.#isWritable && !this.isConfigCommitted()) {
      await delay(this.#environment.timers, reconfigPollMs, signal);
    }
  }

  /**
   * Waits up to `catchUpSeconds` for an electable secondary that has everything, then steps down;
   * with `force` also without one.
   */
  async stepDown(
    seconds: number,
    options: {
      readonly force: boolean;
      readonly catchUpSeconds: number;
      readonly signal: AbortSignal;
      readonly exceptOperation?: number;
    },
  ): Promise<void> {
    const { clock, timers } = this.#environment;
    const until = clock.monotonicMs() + options.catchUpSeconds * 1000;
    const freezeMillis = seconds * 1000;
    this.#exceptOperation = options.exceptOperation;
    try {
      for (;;) {
        options.signal.throwIfAborted();
        this.#requireConfig();
        if (!this.#isWritable) {
          throw new MongoServerError('NotWritablePrimary', "not primary so can't step down");
        }
        const isLate = clock.monotonicMs() >= until;
        const force = options.force && isLate;
        const outcome = await this.#requireLoop().command({
          kind: 'stepDown',
          force,
          freezeMillis,
        });
        if (outcome.ok) {
          return;
        }
        if (outcome.code !== 'ExceededTimeLimit' || isLate) {
          throwUnlessOk(outcome);
        }
        await delay(timers, stepDownPollMs, options.signal);
      }
    } finally {
      this.#exceptOperation = undefined;
    }
  }

  /** Before a clean stop: gives the others the chance to go on without an election timeout. */
  async stepDownForShutdown(options: {
    readonly force: boolean;
    readonly catchUpSeconds: number;
    readonly signal: AbortSignal;
    readonly exceptOperation?: number;
  }): Promise<void> {
    const config = this.#requireConfig();
    // Nobody can take over in a set of one.
    const force = options.force || config.members.length === 1;
    await this.stepDown(60, {
      ...options,
      force,
      catchUpSeconds: config.members.length === 1 ? 0 : options.catchUpSeconds,
    });
  }

  async freeze(seconds: number): Promise<void> {
    this.#requireConfig();
    if (this.#stateName === 'PRIMARY') {
      throw new MongoServerError(
        'NotSecondary',
        'cannot freeze node when primary or running for election. state: Primary',
      );
    }
    await this.#command({ kind: 'freeze', millis: seconds * 1000 });
  }

  async syncFrom(host: string): Promise<{ readonly previous: string | undefined }> {
    const config = this.#requireConfig();
    const { self, sync } = this.#state;
    const target = config.members.find((member) => member.host === host);
    if (target === undefined) {
      throw new MongoServerError('NodeNotFound', `Could not find member "${host}" in replica set`);
    }
    if (target._id === self) {
      throw new MongoServerError('InvalidOptions', 'I cannot sync from myself');
    }
    const previous = memberById(config, sync.source)?.host;
    await this.#command({ kind: 'syncFrom', member: target._id });
    return { previous };
  }

  async setMaintenance(on: boolean): Promise<void> {
    await this.#command({ kind: 'maintenance', on });
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

  async #command(input: TimelessCommand): Promise<void> {
    this.#requireConfig();
    throwUnlessOk(await this.#requireLoop().command(input));
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
        this.#majorityReads.commitPointMoved(effect.gtid);
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
    this.#majorityReads.rolledBackTo(this.lastApplied);
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

function viewOf(state: PinnedView): Omit<ReadView, 'close'> {
  return { reader: state.reader, catalog: state.catalog, isLatest: false };
}

function readHalf(gtid: Buffer, at: number): number {
  return Number(gtid.readBigUInt64BE(at));
}

function idOf(config: ReplicaSetConfigInput, host: string): number {
  const member = config.members.find((other) => other.host === host);
  if (member === undefined) {
    throw new Error(`the configuration has no member ${host}`);
  }
  return member._id;
}

function throwUnlessOk(outcome: CommandOutcome): void {
  if (!outcome.ok) {
    throw new MongoServerError(outcome.code as CodeName, outcome.message);
  }
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
