/**
 * The shell around one member's Ark: its parts, wired together, from start to stop. It feeds Ark what
 * happens to this process's disk, network and clock, and has each effect performed by the part it
 * concerns.
 *
 * Invariants
 * - Every fact Ark learns comes through one queue, every effect is performed in the given order.
 * - The write gate opens only by Ark's `role` effect, and its term is that tenure's.
 */
import {
  createMember,
  initialGtid,
  type Member,
  type Message,
  memberById,
  type ReplicaSetConfig,
  stateNameOf,
} from '../ark/index.ts';
import { encodeDocument } from '../bson/index.ts';
import { type Database, defaultOplogBytesMax, listedCollection } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { ArkLoop } from './ark-loop.ts';
import { ClusterTimes } from './cluster-times.ts';
import { CommittedReads } from './committed-reads.ts';
import { configDocument } from './config-document.ts';
import { CurrentRole } from './current-role.ts';
import { performEffect } from './effects.ts';
import { ElectionMetrics } from './election-metrics.ts';
import type { Environment } from './environment.ts';
import { Following } from './following.ts';
import { Housekeeping } from './housekeeping.ts';
import { findSelf } from './initiate.ts';
import { ensureIncarnation, readRollbackId } from './member-local.ts';
import { NoopEntries } from './noop-entries.ts';
import { OperatorRequests } from './operator-requests.ts';
import { OwnLog } from './own-log.ts';
import { PeerLinks } from './peer-links.ts';
import type { ReplicaSetOptions } from './replica-set-options.ts';
import { rollbackFilesBelow } from './rollback-files.ts';
import { ServedMembers } from './served-members.ts';
import { storedMember } from './stored-member.ts';
import { Topology } from './topology.ts';
import { WriteConcerns } from './write-concerns.ts';

const defaultKeepAliveMs = 500;
const configNamespace = 'local.system.replset';

export class MemberShell {
  readonly #options: ReplicaSetOptions;
  readonly #environment: Environment;
  readonly #database: Database;
  readonly topology: Topology;
  readonly log: OwnLog;
  readonly role: CurrentRole;
  readonly elections: ElectionMetrics;
  readonly links: PeerLinks;
  readonly times: ClusterTimes;
  readonly noopEntries: NoopEntries;
  readonly writeConcerns: WriteConcerns;
  readonly committedReads: CommittedReads;
  readonly operator: OperatorRequests;
  readonly served: ServedMembers;
  readonly following: Following;
  readonly #housekeeping: Housekeeping;
  readonly processId: string;
  readonly startedWallMs: number;
  #loop: ArkLoop | undefined;
  #isStopped = false;

  constructor(options: ReplicaSetOptions) {
    const { setName, database, environment, durableState } = options;
    const { timers, clock, random, transport } = environment;
    const state = () => this.state;
    this.#options = options;
    this.#environment = environment;
    this.#database = database;
    this.topology = new Topology(timers, random);
    this.processId = random.bytes(8).toString('hex');
    this.startedWallMs = clock.wallMs();
    this.log = new OwnLog(database);
    this.role = new CurrentRole(environment, options.killOperations);
    this.elections = new ElectionMetrics(clock);
    this.links = new PeerLinks({ transport, state, feed: (input) => this.#loop?.feed(input) });
    this.times = new ClusterTimes(database);
    this.noopEntries = new NoopEntries(database);
    this.writeConcerns = new WriteConcerns({
      database,
      timers,
      noopEntries: this.noopEntries,
      state: () => this.#loop?.state,
      tenure: () => this.role,
    });
    this.committedReads = new CommittedReads(database, clock);
    this.operator = new OperatorRequests({
      setName,
      environment,
      durableState,
      ownHost: () => this.#ownHost(),
      findSelf: (config) => this.#findSelf(config),
      link: (host) => this.links.to(host),
      loop: () => this.#requireLoop(),
      config: () => this.config,
      isWritable: () => this.role.isWritable,
    });
    this.served = new ServedMembers({
      setName,
      database,
      environment,
      log: this.log,
      keepAliveMs: options.keepAliveMs ?? defaultKeepAliveMs,
      state,
      isReadable: () => !this.#isStopped && this.role.isReadable,
    });
    this.following = new Following({
      setName,
      database,
      environment,
      openRollbackFiles: options.openRollbackFiles ?? rollbackFilesBelow(options.rollbackFolder),
      selfId: () => this.#loop?.state.self,
      delaySecs: () =>
        memberById(this.present?.config, this.present?.self)?.secondaryDelaySecs ?? 0,
      link: (host) => this.links.to(host),
      commitPoint: () => this.#loop?.state.commitPoint ?? initialGtid,
      rollbackId: () => this.log.rollbackId,
      setRollbackId: (rollbackId) => {
        this.log.rollbackId = rollbackId;
      },
      feed: (input) => this.#loop?.feed(input),
      onLogReplaced: () => {
        this.log.replaced();
        this.committedReads.rolledBackTo(this.log.lastApplied);
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

  /** Ark's state; undefined until the member is started. */
  get present(): Member | undefined {
    return this.#loop?.state;
  }

  /** Throws NotYetInitialized while the member starts. */
  get state(): Member {
    return this.#requireLoop().state;
  }

  /** Throws NotYetInitialized without one. */
  get config(): ReplicaSetConfig {
    const config = this.#loop?.state.config;
    if (config === undefined) {
      throw new MongoServerError('NotYetInitialized', 'no replset config has been received');
    }
    return config;
  }

  /** A message of another member for Ark. */
  receive(message: Message): void {
    if (!this.#isStopped && this.links.mayReceive(message)) {
      this.#loop?.feed({ kind: 'message', message });
    }
  }

  /** Takes up what the store says; an initiated member goes on by itself. */
  async start(): Promise<void> {
    const { durableState } = this.#options;
    const { clock, random, log } = this.#environment;
    const database = this.#database;
    const incarnation = await ensureIncarnation(database.engine, random);
    this.log.rollbackId = readRollbackId(database.engine);
    const state = createMember(
      storedMember(database, durableState, {
        host: this.#ownHost(),
        incarnation,
        processId: this.processId,
        now: clock.monotonicMs(),
        findSelf: (config) => this.#findSelf(config),
        rules: this.#options.rules,
      }),
    );
    const concerned = {
      role: this.role,
      elections: this.elections,
      state: () => this.state,
      writeConcerns: this.writeConcerns,
      committedReads: this.committedReads,
      following: this.following,
      links: this.links,
      topology: this.topology,
      ring: this.log.ring,
      log,
      openTenure: (term: number) => this.#openTenure(term),
    };
    this.#loop = new ArkLoop({
      state,
      environment: this.#environment,
      durableState,
      send: (effect) => this.links.send(effect),
      perform: (effect) => performEffect(effect, concerned),
      onSettled: () => {},
    });
    this.log.replaced();
    // Ark says what changes; what the store makes of this member at once is said here.
    this.role.take({
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
      assertWritable: () => this.role.assertWritable(),
      term: () => this.role.term,
    });
    database.onAppended = (entries) => {
      this.log.ring.push(entries);
      const last = entries.at(-1);
      if (last !== undefined) {
        this.following.applied(last.gtid);
        this.#loop?.feed({ kind: 'appended', gtid: last.gtid });
      }
    };
    database.onDurable = (gtid) => {
      this.#loop?.feed({ kind: 'durable', gtid, rollbackId: this.log.rollbackId });
      this.times.durable();
      this.committedReads.durable();
      this.log.ring.wake();
    };
    database.readViews = (level) => this.committedReads.viewFor(level);
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
    this.role.stop();
    const reason = new MongoServerError('InterruptedAtShutdown', 'interrupted at shutdown');
    this.writeConcerns.failAll(reason);
    this.times.failAll(reason);
    this.committedReads.close(reason);
    this.log.ring.wake();
    this.links.close();
    await this.following.stop();
    await this.#housekeeping.stop();
    this.served.close();
  }

  /** Ark has won: the first entry of the term makes it a tenure. Its `appended` opens the gate. */
  #openTenure(term: number): void {
    const isOurs = () => {
      const role = this.#loop?.state.role;
      return role?.kind === 'primary' && role.term === term;
    };
    const drained = this.following.drained();
    this.noopEntries.openTenure(term, drained, isOurs).catch((error: unknown) => {
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

  #requireLoop(): ArkLoop {
    if (this.#loop === undefined) {
      throw new MongoServerError('NotYetInitialized', 'the member is starting');
    }
    return this.#loop;
  }
}
