/**
 * A replica set inside this process: the embedding API, and the bed of the tests that cut the
 * network between members. Members are real: sockets, files, elections; only the process is shared.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.ts';
import { silentLog } from '../log.ts';
import { anyFreePorts } from './free-ports.ts';
import { Member } from './member.ts';
import { MemberNetwork } from './network.ts';
import { runCommand } from './run-command.ts';

export interface ClusterOptions {
  /** How many members, or one document per member with the fields of its config (priority, ...). */
  readonly members?: number | readonly Readonly<Record<string, unknown>>[];
  readonly name?: string;
  /** The `settings` of the config: electionTimeoutMillis, heartbeatIntervalMillis, ... */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where the data is kept; left out, it is kept in memory and gone at the end. */
  readonly folder?: string;
  readonly log?: Log;
  /** As arkd's --setParameter: `{ enableTestCommands: '1' }` lets a client set fail points. */
  readonly setParameter?: Readonly<Record<string, string>>;
  /** As arkd's --scripting: the members run JavaScript of clients. */
  readonly javascriptEnabled?: boolean;
  /** Told when a member can not go on (a broken invariant, a failed flush); left out, the process dies of it. */
  readonly onCrash?: (index: number, error: unknown) => void;
}

const writableTimeoutMs = 30_000;

export class Cluster {
  readonly name: string;
  readonly hosts: readonly string[];
  /** The network between the members: partition, cut, heal. */
  readonly network = new MemberNetwork();
  readonly #options: ClusterOptions;
  readonly #members: (Member | undefined)[] = [];

  private constructor(options: ClusterOptions, ports: readonly number[]) {
    this.name = options.name ?? 'rs0';
    this.#options = options;
    this.hosts = ports.map((port) => `127.0.0.1:${port}`);
  }

  /** Starts the members, makes a set of them and resolves when it takes writes. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const members =
      typeof options.members === 'object'
        ? options.members
        : Array.from({ length: options.members ?? 3 }, () => ({}));
    const cluster = new Cluster(options, await anyFreePorts(members.length));
    try {
      for (const index of members.keys()) await cluster.startMember(index);
      await runCommand(cluster.hosts[0] as string, 'admin', {
        replSetInitiate: {
          _id: cluster.name,
          members: members.map((member, _id) => ({ _id, host: cluster.hosts[_id], ...member })),
          ...(options.settings === undefined ? {} : { settings: options.settings }),
        },
      });
      await cluster.writable();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get uri(): string {
    return `mongodb://${this.hosts.join(',')}/?replicaSet=${this.name}`;
  }

  member(index: number): Member {
    const member = this.#members[index];
    if (member === undefined) throw new Error(`member ${index} is not running`);
    return member;
  }

  /** The members that take writes now: at most one, but for the moments Ark is about. */
  get primaries(): readonly number[] {
    return this.#members.flatMap((member, index) =>
      member?.replicaSet?.role === 'primary' ? [index] : [],
    );
  }

  /** Resolves with the index of a member that takes writes. */
  async writable(): Promise<number> {
    const deadline = Date.now() + writableTimeoutMs;
    for (;;) {
      const [primary] = this.primaries;
      if (primary !== undefined) return primary;
      if (Date.now() > deadline) throw new Error('no member takes writes');
      await new Promise((next) => setTimeout(next, 10));
    }
  }

  async startMember(index: number): Promise<void> {
    const host = this.hosts[index];
    if (host === undefined) throw new Error(`there is no member ${index}`);
    const dbPath = this.memberFolder(index);
    if (dbPath !== undefined) mkdirSync(dbPath, { recursive: true });
    const { onCrash, setParameter, javascriptEnabled } = this.#options;
    this.#members[index] = await Member.start({
      port: Number(host.split(':')[1]),
      bindIp: ['127.0.0.1'],
      replSet: this.name,
      storageEngine: dbPath === undefined ? 'inMemory' : 'lmdb',
      dbPath,
      log: this.#options.log ?? silentLog(),
      network: this.network,
      ...(setParameter === undefined ? {} : { setParameter }),
      ...(javascriptEnabled === undefined ? {} : { javascriptEnabled }),
      ...(onCrash === undefined ? {} : { onCrash: (error: unknown) => onCrash(index, error) }),
    });
  }

  /** Ends one member in good order; its data stays, if it is kept in a folder. */
  async stopMember(index: number): Promise<void> {
    const member = this.#members[index];
    this.#members[index] = undefined;
    await member?.stop();
  }

  isRunning(index: number): boolean {
    return this.#members[index] !== undefined;
  }

  memberFolder(index: number): string | undefined {
    return this.#options.folder && join(this.#options.folder, `member-${index}`);
  }

  async stop(): Promise<void> {
    const members = this.#members.splice(0);
    await Promise.all(members.map((member) => member?.stop({ handOver: false })));
  }
}
