/**
 * Everything at once, in one process: clients that write, change, delete, define and drop, while
 * members are cut off, stopped, emptied and told to step down. Afterwards the set is healed, and what
 * was acknowledged, what the members hold and what their logs say must be one story.
 */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { Cluster } from '../../src/cluster/index.ts';
import type { Log } from '../../src/log.ts';
import { checkMixed } from './mixed-checks.ts';
import { Ledger } from './mixed-ledger.ts';
import { databaseName, LoadClient } from './mixed-load.ts';
import { Dice } from './random.ts';

export interface MixedOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly members: number;
  /** Left out: the data is in memory, and a member that stops comes back empty. */
  readonly folder?: string;
  readonly clients?: number;
  /** Most milliseconds between two operations of one client. */
  readonly pauseMs?: number;
  /** Whether members lose their data now and then. */
  readonly wipes?: boolean;
  readonly onRound?: (round: number, fault: string) => void;
  readonly onLog?: (level: string, message: string, attributes: unknown) => void;
}

export interface MixedReport {
  readonly acknowledged: number;
  readonly unknown: number;
  readonly rollbacks: number;
  readonly initialSyncs: number;
  readonly elections: number;
  readonly entries: number;
  /** Everything that is not as it must be; empty after a good run. */
  readonly wrong: readonly string[];
}

const settings = { electionTimeoutMillis: 900, heartbeatIntervalMillis: 150 };

export async function runMixed(options: MixedOptions): Promise<MixedReport> {
  const campaign = new Campaign(options);
  return campaign.run();
}

class Campaign {
  readonly #options: MixedOptions;
  readonly #dice: Dice;
  readonly #ledger = new Ledger();
  readonly #wrong: string[] = [];
  readonly #counts = new Map<string, number>();
  #wipes = 0;

  constructor(options: MixedOptions) {
    this.#options = options;
    this.#dice = new Dice(options.seed);
  }

  async run(): Promise<MixedReport> {
    const { members, folder, rounds, clients = 6, pauseMs = 6, seed } = this.#options;
    const cluster = await Cluster.start({
      members,
      settings,
      log: this.#log(),
      ...(folder === undefined ? {} : { folder }),
      onCrash: (index, error) =>
        this.#wrong.push(`member ${index} crashed: ${(error as Error)?.stack ?? String(error)}`),
    });
    const load = Array.from(
      { length: clients },
      (_, index) =>
        new LoadClient(cluster.uri, `c${index}`, new Dice(seed * 1000 + index), this.#ledger),
    );
    try {
      for (const client of load) client.start(pauseMs);
      for (let round = 0; round < rounds && this.#wrong.length === 0; round++) {
        await this.#round(cluster, round);
      }
      await Promise.all(load.map((client) => client.stop()));
      await this.#whole(cluster);
      this.#wrong.push(...this.#ledger.wrong.slice(0, 10));
      const checked = await checkMixed(cluster, this.#ledger, {
        wasWiped: this.#wipes > 0 || folder === undefined,
        folder,
      });
      this.#wrong.push(...checked.wrong);
      return {
        acknowledged: this.#ledger.acknowledged,
        unknown: this.#ledger.unknown,
        rollbacks: this.#counts.get('Rollback complete') ?? 0,
        initialSyncs: this.#counts.get('Initial sync done') ?? 0,
        elections: this.#counts.get('transition') ?? 0,
        entries: checked.entries,
        wrong: this.#wrong,
      };
    } finally {
      await Promise.all(load.map((client) => client.stop()));
      cluster.network.heal();
      await cluster.stop();
    }
  }

  #log(): Log {
    const write =
      (level: string) =>
      (_component: string, message: string, attributes: unknown = {}) => {
        const name = /^Transition to primary/.test(message) ? 'transition' : message;
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
        this.#options.onLog?.(level, message, attributes);
      };
    return {
      debug() {},
      info: write('info'),
      warning: write('warning'),
      error: write('error'),
      recent: () => [],
      startupWarning() {},
    };
  }

  // -- faults -------------------------------------------------------------------------------------

  async #round(cluster: Cluster, round: number): Promise<void> {
    const dice = this.#dice;
    const { folder, wipes = true } = this.#options;
    const faults = ['isolatePrimary', 'isolatePrimary', 'partition', 'oneWay', 'lose', 'stepDown'];
    faults.push('isolateAndStop');
    if (folder !== undefined) faults.push('stop', 'stopTwo');
    if (wipes) faults.push('wipe');
    const fault = dice.pick(faults);
    this.#options.onRound?.(round, fault);
    const lastsMs = 300 + dice.below(1700);
    const [primary = dice.below(cluster.hosts.length)] = cluster.primaries;
    const others = dice.shuffled([...cluster.hosts.keys()].filter((index) => index !== primary));
    const hostsOf = (indexes: readonly number[]) =>
      indexes.map((index) => cluster.hosts[index] as string);
    switch (fault) {
      case 'isolatePrimary':
        cluster.network.partition([hostsOf([primary]), hostsOf(others)]);
        await Promise.all([delay(lastsMs), this.#stray(cluster.hosts[primary] as string, lastsMs)]);
        break;
      case 'partition': {
        const all = dice.shuffled(cluster.hosts);
        const at = 1 + dice.below(all.length - 1);
        cluster.network.partition([all.slice(0, at), all.slice(at)]);
        await delay(lastsMs);
        break;
      }
      case 'oneWay':
        for (let count = 1 + dice.below(3); count > 0; count--) {
          const [from, to] = dice.shuffled(cluster.hosts);
          cluster.network.cut(from as string, to as string);
        }
        await delay(lastsMs);
        break;
      case 'lose':
        for (let count = 1 + dice.below(4); count > 0; count--) {
          const [from, to] = dice.shuffled(cluster.hosts);
          const kinds = ['positionReport', 'heartbeatAnswer', 'heartbeatRequest', 'voteAnswer'];
          cluster.network.drop(from as string, to as string, dice.pick([...kinds, 'pull']));
        }
        await delay(lastsMs);
        break;
      case 'stepDown':
        await this.#stepDown(cluster.hosts[primary] as string);
        await delay(lastsMs / 4);
        break;
      case 'stop':
        await this.#restart(cluster, [dice.pick([primary, ...others])], lastsMs);
        break;
      case 'stopTwo':
        await this.#restart(cluster, [primary, others[0] as number], lastsMs);
        break;
      case 'isolateAndStop':
        cluster.network.partition([hostsOf([primary]), hostsOf(others)]);
        await Promise.all([delay(300), this.#stray(cluster.hosts[primary] as string, 300)]);
        if (folder !== undefined) await this.#restart(cluster, [primary], lastsMs);
        break;
      case 'wipe':
        // Two that lost their data at a time are a majority that has forgotten: the set rightly refuses.
        await this.#whole(cluster);
        await this.#admitted(cluster);
        await this.#wipe(cluster, dice.pick([primary, ...others]), lastsMs);
        break;
    }
    cluster.network.heal();
    if (dice.chance(0.5)) await this.#whole(cluster);
    else await delay(dice.below(800));
  }

  /** Somebody who goes on writing to a member that may be alone: what is then rolled back is of all kinds. */
  async #stray(host: string, lastsMs: number): Promise<void> {
    const until = performance.now() + lastsMs;
    const uri = `mongodb://${host}/?directConnection=true&retryWrites=false`;
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: 500, socketTimeoutMS: 2_000 });
    const db = client.db(databaseName);
    const dice = this.#dice;
    const writeConcern = { w: 1 } as const;
    const name = () => `ddl_${dice.below(6)}`;
    const tasks: (() => Promise<unknown>)[] = [
      () => db.createCollection(name(), { writeConcern }),
      () => db.dropCollection(name(), { writeConcern }),
      () => db.renameCollection(name(), name(), { dropTarget: true, writeConcern }),
      () => db.collection('kept').createIndex({ stray: 1, n: 1 }, { writeConcern } as never),
      () => db.collection('kept').dropIndexes({ writeConcern } as never),
      () => db.collection('kept').updateMany({}, { $inc: { stray: 1 } }, { writeConcern }),
      () => db.collection('churned').createIndex({ tags: 1 }, { writeConcern } as never),
      () =>
        db.collection(name()).insertMany(
          Array.from({ length: 700 }, (_, n) => ({ n, list: [n, n + 1] })),
          { writeConcern },
        ),
      () => db.collection(name()).createIndex({ list: 1, n: 1 }, { writeConcern } as never),
    ];
    try {
      while (performance.now() < until) {
        try {
          await dice.pick(tasks)();
        } catch (error) {
          if (/NotWritable|not primary/.test(String((error as Error).message))) break;
        }
      }
    } finally {
      await client.close();
    }
  }

  async #stepDown(host: string): Promise<void> {
    const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
      serverSelectionTimeoutMS: 500,
      socketTimeoutMS: 5_000,
    });
    try {
      const force = this.#dice.chance(0.5);
      await client
        .db('admin')
        .command({ replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0, force })
        .catch(() => {});
    } finally {
      await client.close();
    }
  }

  async #restart(cluster: Cluster, indexes: readonly number[], lastsMs: number): Promise<void> {
    await Promise.all(indexes.map((index) => cluster.stopMember(index)));
    await delay(lastsMs);
    for (const index of indexes) await cluster.startMember(index);
  }

  async #wipe(cluster: Cluster, index: number, lastsMs: number): Promise<void> {
    this.#wipes += 1;
    await cluster.stopMember(index);
    const folder = cluster.memberFolder(index);
    if (folder !== undefined) rmSync(folder, { recursive: true });
    if (this.#dice.chance(0.5)) await delay(lastsMs);
    await cluster.startMember(index);
  }

  /** Every member knows of every other which data directory counts, and it is the present one. */
  async #admitted(cluster: Cluster): Promise<void> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const states = [...cluster.hosts.keys()].map(
        (index) => cluster.member(index).replicaSet?.ark,
      );
      const isAdmitted = states.every((state) =>
        state?.config?.members.every(
          ({ _id, incarnation }) => incarnation === states[_id]?.incarnation,
        ),
      );
      if (isAdmitted) return;
      if (performance.now() > deadline) throw new Error('a member was not admitted in 30 s');
      await delay(20);
    }
  }

  /** One primary, all others secondaries and with it. */
  async #whole(cluster: Cluster): Promise<void> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const states = [...cluster.hosts.keys()].map((index) =>
        cluster.isRunning(index) ? cluster.member(index).replicaSet?.stateName : 'DOWN',
      );
      const primaries = states.filter((state) => state === 'PRIMARY').length;
      const secondaries = states.filter((state) => state === 'SECONDARY').length;
      const isWritable = cluster.primaries.length === 1;
      if (primaries === 1 && isWritable && secondaries === states.length - 1) return;
      if (this.#wrong.length > 0) throw new Error(this.#wrong.join('\n'));
      if (performance.now() > deadline) {
        throw new Error(`the set did not become whole in 30 s: ${states.join(', ')}`);
      }
      await delay(20);
    }
  }
}
