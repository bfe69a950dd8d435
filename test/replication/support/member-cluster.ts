/** A replica set inside the test's process: real shells and sockets, stores in memory. */

import { compareGtids, type Gtid, type Message } from '../../../src/ark/index.ts';
import { encodeDocument } from '../../../src/bson/index.ts';
import {
  createCollection,
  Database,
  insertMany,
  internalOperation,
} from '../../../src/database/index.ts';
import {
  type Clock,
  type LinkFaults,
  ReplicaSet,
  systemClock,
  systemRandomness,
  systemTimers,
  TcpTransport,
} from '../../../src/replication/index.ts';
import { CommandServer } from '../../../src/server/index.ts';
import {
  type MemoryDurableState,
  type MemoryEngine,
  openMemoryDurableState,
  openMemoryEngine,
  tables,
} from '../../../storage/index.ts';

const fastSettings = {
  heartbeatIntervalMillis: 40,
  electionTimeoutMillis: 400,
  catchUpTimeoutMillis: 300,
  tieSleepMinMillis: 5,
  tieSleepMaxMillis: 40,
};

/** Cuts between members that a test can make and heal. */
export class Faults implements LinkFaults {
  readonly #cuts = new Set<string>();
  readonly #listeners = new Set<() => void>();
  /** Kinds of messages that are lost everywhere. */
  readonly lostKinds = new Set<string>();

  isCut(from: string, to: string, kind: Message['kind'] | string): boolean {
    return (
      this.#cuts.has(`${from} ${to}`) ||
      this.#cuts.has(`${from} ${to} ${kind}`) ||
      this.lostKinds.has(kind)
    );
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  cut(from: string, to: string, kind?: string): void {
    this.#cuts.add(kind === undefined ? `${from} ${to}` : `${from} ${to} ${kind}`);
    this.changed();
  }

  /** Messages or streams of this kind are lost everywhere. */
  lose(kind: string): void {
    this.lostKinds.add(kind);
    this.changed();
  }

  /** Nothing goes in or out between `member` and `others`. */
  isolate(member: string, others: readonly string[]): void {
    for (const other of others) {
      this.#cuts.add(`${member} ${other}`);
      this.#cuts.add(`${other} ${member}`);
    }
    this.changed();
  }

  heal(): void {
    this.#cuts.clear();
    this.lostKinds.clear();
    this.changed();
  }

  changed(): void {
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }
}

export interface MemberOptions {
  readonly setName: string;
  readonly faults: Faults;
  readonly rollbackFolder?: string;
  readonly oplogBytesMax?: number;
  readonly port?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly engine?: MemoryEngine;
  readonly durableState?: MemoryDurableState;
}

/** One running member, and what remains of it when it is stopped. */
export class ClusterMember {
  readonly options: MemberOptions;
  readonly engine: MemoryEngine;
  readonly durableState: MemoryDurableState;
  readonly database: Database;
  readonly replicaSet: ReplicaSet;
  readonly server: CommandServer;
  readonly lines: string[] = [];
  crashed: unknown;

  private constructor(
    options: MemberOptions,
    engine: MemoryEngine,
    durableState: MemoryDurableState,
    database: Database,
  ) {
    this.options = options;
    this.engine = engine;
    this.durableState = durableState;
    this.database = database;
    const write = (component: string, message: string, attributes?: object) => {
      this.lines.push(`${component} ${message} ${JSON.stringify(attributes ?? {})}`);
    };
    const log = { info: write, warning: write, error: write };
    this.replicaSet = new ReplicaSet({
      setName: options.setName,
      host: () => this.host,
      database,
      durableState,
      rollbackFolder: options.rollbackFolder,
      ...(options.oplogBytesMax === undefined ? {} : { oplogBytesMax: options.oplogBytesMax }),
      keepAliveMs: 50,
      environment: {
        clock: options.clock ?? systemClock,
        timers: systemTimers,
        random: systemRandomness,
        transport: new TcpTransport({ faults: options.faults, streamSilenceMs: 1000 }),
        log,
        crash: (error) => {
          this.crashed ??= error;
          this.lines.push(`CRASH ${(error as Error).stack ?? error}`);
          void this.replicaSet.stop();
          throw error;
        },
      },
    });
    this.server = new CommandServer({
      database: database as never,
      replicaSet: this.replicaSet,
      log: { ...log, debug: () => {} } as never,
      hostName: '127.0.0.1',
      port: options.port ?? 0,
      compressors: [],
    });
  }

  static async start(options: MemberOptions): Promise<ClusterMember> {
    const engine = options.engine ?? openMemoryEngine();
    const durableState = options.durableState ?? openMemoryDurableState();
    const database = await Database.open({ engine, replicated: true });
    const member = new ClusterMember(options, engine, durableState, database);
    await member.server.listen();
    await member.replicaSet.start();
    return member;
  }

  get host(): string {
    return `127.0.0.1:${this.server.port}`;
  }

  async stop(): Promise<void> {
    await this.replicaSet.stop();
    await this.server.stop();
  }

  /** The same member again, on the same port, with the same store. */
  async restart(): Promise<ClusterMember> {
    return ClusterMember.start({
      ...this.options,
      port: this.server.port,
      engine: this.engine,
      durableState: this.durableState,
    });
  }

  /** A member of the same name with nothing in its store. */
  async restartWiped(): Promise<ClusterMember> {
    const { engine: _engine, durableState: _state, ...options } = this.options;
    return ClusterMember.start({ ...options, port: this.server.port });
  }

  /** Inserts as a client would, without waiting for other members; resolves with the position. */
  async insert(document: Record<string, unknown>, namespace = 'test.things'): Promise<Gtid> {
    if (this.database.catalog.byNamespace(namespace) === undefined) {
      await createCollection(
        this.database,
        internalOperation(),
        namespace,
        encodeDocument({}),
      ).catch(() => {});
    }
    const operation = internalOperation();
    const bytes = encodeDocument(document);
    const { writeErrors } = await insertMany(this.database, operation, {
      namespace,
      documents: [{ buffer: bytes, type: 3, start: 0, end: bytes.length }],
      ordered: true,
    });
    if (writeErrors.length > 0) {
      throw new Error(JSON.stringify(writeErrors));
    }
    return operation.lastGtid as Gtid;
  }

  majority(gtid: Gtid | undefined, wtimeout = 0): Promise<void> {
    return this.replicaSet.awaitWriteConcern(
      gtid,
      { w: 'majority', wtimeout },
      { signal: new AbortController().signal },
    );
  }
}

export class MemberCluster {
  readonly faults = new Faults();
  readonly setName = 'rs0';
  members: ClusterMember[] = [];

  static async start(
    count: number,
    options: {
      readonly rollbackFolder?: string;
      readonly oplogBytesMax?: number;
      readonly settings?: Record<string, unknown>;
      readonly members?: (host: string, id: number) => Record<string, unknown>;
      readonly clocks?: readonly (Clock | undefined)[];
    } = {},
  ): Promise<MemberCluster> {
    const cluster = new MemberCluster();
    const { rollbackFolder, oplogBytesMax } = options;
    for (let index = 0; index < count; index++) {
      const clock = options.clocks?.[index];
      cluster.members.push(
        await ClusterMember.start({
          setName: cluster.setName,
          faults: cluster.faults,
          ...(rollbackFolder === undefined ? {} : { rollbackFolder }),
          ...(oplogBytesMax === undefined ? {} : { oplogBytesMax }),
          ...(clock === undefined ? {} : { clock }),
        }),
      );
    }
    await cluster.member(0).replicaSet.initiate({
      _id: cluster.setName,
      members: cluster.members.map(({ host }, id) => ({
        _id: id,
        host,
        ...options.members?.(host, id),
      })),
      settings: { ...fastSettings, ...options.settings },
    });
    return cluster;
  }

  member(index: number): ClusterMember {
    return this.members[index] as ClusterMember;
  }

  others(member: ClusterMember): ClusterMember[] {
    return this.members.filter((other) => other !== member);
  }

  async primary(among: readonly ClusterMember[] = this.members): Promise<ClusterMember> {
    return until(
      () => among.find(({ replicaSet }) => replicaSet.role === 'primary'),
      () => this.describe(),
    );
  }

  /** All members are in service and their stores hold the same bytes. */
  async converged(): Promise<void> {
    await until(
      () => {
        const roles = this.members.map(({ replicaSet }) => replicaSet.role);
        const [first, ...rest] = this.members.map(({ replicaSet }) => replicaSet.lastDurable);
        return (
          roles.filter((role) => role === 'primary').length === 1 &&
          !roles.includes('other') &&
          rest.every((gtid) => compareGtids(gtid, first as Gtid) === 0)
        );
      },
      () => this.describe(),
    );
  }

  describe(): string {
    return this.members
      .map(({ host, replicaSet, lines, crashed }) =>
        [
          `${host} ${replicaSet.stateName} term ${replicaSet.term} applied ${JSON.stringify(replicaSet.lastApplied)} commit ${JSON.stringify(replicaSet.commitPoint)} ${crashed ?? ''}`,
          ...lines.slice(-25),
        ].join('\n  '),
      )
      .join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }
}

/** Everything in the replicated tables, as text, to compare members. */
export function storeContents(member: ClusterMember): string[] {
  const rows: string[] = [];
  for (const table of tables) {
    const cursor = member.engine.latest.cursor(table, {});
    while (cursor.next()) {
      // Ids of a branch that was rolled back are never used again, so the counters may differ.
      const isLocal =
        table === 'meta'
          ? cursor.key.toString() === 'nextCatalogId' ||
            cursor.key.toString().startsWith('local.') ||
            cursor.key.toString().startsWith('nextLocal')
          : table !== 'oplog' &&
            table !== 'session' &&
            table !== 'drop' &&
            cursor.key.readUInt32BE(0) >= 0x8000_0000;
      if (!isLocal) {
        rows.push(`${table} ${cursor.key.toString('hex')} ${cursor.value.toString('hex')}`);
      }
    }
    cursor.close();
  }
  return rows;
}

const conditionTimeoutMs = 8000;

/** Polls until the condition gives something truthy, and says what was there instead. */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  describe: () => string = () => '',
): Promise<T> {
  const deadline = performance.now() + conditionTimeoutMs;
  for (;;) {
    const found = await condition();
    if (found) {
      return found as T;
    }
    if (performance.now() > deadline) {
      throw new Error(`the condition did not come true\n${describe()}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
