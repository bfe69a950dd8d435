/**
 * Eight clients write numbered documents with w: "majority" while the primary is killed, restarted
 * and stopped in turn. What was acknowledged must be there at the end, once, on every member, and
 * the members must be equal.
 *
 * The clients are the official driver with its default options, retryable writes among them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import type { ProcessCluster } from '../../src/cluster/process-cluster.ts';

export const faultKinds = ['kill', 'restart', 'stop'] as const;
export type Fault = (typeof faultKinds)[number];

export interface CampaignOptions {
  readonly cluster: ProcessCluster;
  /** One fault a round, in turn. */
  readonly faults: readonly Fault[];
  readonly clients?: number;
  /** How long the set is left alone between two faults, once it is whole again. */
  readonly calmMs?: number;
  readonly onRound?: (round: number, fault: Fault, gapMs: number) => void;
}

export interface CampaignReport {
  readonly acknowledged: number;
  /** Writes whose outcome the client never learned; they may or may not be there. */
  readonly unknown: number;
  /** What the clients were told instead, and how often. */
  readonly errors: Readonly<Record<string, number>>;
  /** Acknowledged numbers that some member does not have. */
  readonly lost: readonly number[];
  /** Numbers that exist more than once on some member. */
  readonly duplicated: readonly number[];
  /** Retries that the server took for new writes: a duplicate key where there was one write. */
  readonly retriedTwice: number;
  /** Hashes of the database on each member; equal on all of them. */
  readonly hashes: readonly string[];
  /** For each fault the longest time without an acknowledged write, in milliseconds. */
  readonly gaps: readonly { readonly fault: Fault; readonly gapMs: number }[];
}

const databaseName = 'chaos';
const convergenceTimeoutMs = 60_000;
const gapWindowMs = 20_000;
const pauseMs = 500;

/** Runs the campaign on a set that is whole; leaves it whole. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { cluster } = options;
  const writers = new Writers(cluster.uri, options.clients ?? 8);
  const gaps: { fault: Fault; gapMs: number }[] = [];
  await writers.start();
  try {
    for (const [round, fault] of options.faults.entries()) {
      await isWhole(cluster);
      await delay(options.calmMs ?? 500);
      const gapMs = await inflict(cluster, fault, writers);
      gaps.push({ fault, gapMs });
      options.onRound?.(round, fault, gapMs);
    }
    await isWhole(cluster);
  } finally {
    await writers.stop();
  }
  const hashes = await equalHashes(cluster);
  const found = await Promise.all(cluster.hosts.map((host) => numbersOn(host)));
  return {
    acknowledged: writers.acknowledged.size,
    unknown: writers.unknown,
    errors: writers.errors,
    lost: [...writers.acknowledged].filter((n) => found.some((counts) => !counts.has(n))),
    duplicated: [...new Set(found.flatMap((counts) => repeated(counts)))],
    retriedTwice: writers.retriedTwice,
    hashes,
    gaps,
  };
}

class Writers {
  readonly acknowledged = new Set<number>();
  readonly #clients: MongoClient[];
  readonly #acknowledgedAt: number[] = [];
  unknown = 0;
  readonly errors: Record<string, number> = {};
  retriedTwice = 0;
  #isStopping = false;
  #loops: Promise<void>[] = [];

  constructor(uri: string, count: number) {
    this.#clients = Array.from(
      { length: count },
      () => new MongoClient(uri, { serverSelectionTimeoutMS: 15_000 }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.connect()));
    this.#loops = this.#clients.map((client, index) => this.#write(client, index));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#loops);
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** The longest time between two acknowledgements that overlaps the time since `from`. */
  longestGapSince(from: number): number {
    const first = this.#acknowledgedAt.findLastIndex((time) => time <= from);
    let longest = 0;
    for (let i = Math.max(first, 0) + 1; i < this.#acknowledgedAt.length; i++) {
      const gap = (this.#acknowledgedAt[i] as number) - (this.#acknowledgedAt[i - 1] as number);
      longest = Math.max(longest, gap);
    }
    return longest;
  }

  /** Resolves when a write that was begun after this call has been acknowledged. */
  async nextAcknowledged(): Promise<void> {
    const before = this.#acknowledgedAt.length + this.#clients.length;
    const deadline = Date.now() + gapWindowMs;
    while (this.#acknowledgedAt.length <= before) {
      if (Date.now() > deadline) throw new Error('no write was acknowledged for 20 s');
      await delay(5);
    }
  }

  async #write(client: MongoClient, index: number): Promise<void> {
    const numbers = client
      .db(databaseName)
      .collection('numbers', { writeConcern: { w: 'majority' } });
    for (let i = 0; !this.#isStopping; i++) {
      const n = index * 1_000_000_000 + i;
      try {
        await numbers.insertOne({ n, client: index, text: `document ${i} of client ${index}` });
        this.acknowledged.add(n);
        this.#acknowledgedAt.push(performance.now());
      } catch (error) {
        this.unknown++;
        const words = (error as Error).message.replaceAll(/[\d.:]+/g, '#');
        this.errors[words] = (this.errors[words] ?? 0) + 1;
        if ((error as { code?: number }).code === 11000) this.retriedTwice++;
      }
    }
  }
}

/** Does the fault to the primary, mends it, and tells how long nothing was acknowledged. */
async function inflict(cluster: ProcessCluster, fault: Fault, writers: Writers): Promise<number> {
  const primary = await cluster.writable();
  const from = performance.now();
  switch (fault) {
    case 'kill':
      await cluster.signal(primary, 'SIGKILL');
      await writers.nextAcknowledged();
      await cluster.startMember(primary);
      break;
    case 'restart':
      await cluster.signal(primary, 'SIGTERM');
      await cluster.startMember(primary);
      await writers.nextAcknowledged();
      break;
    case 'stop':
      // Clients wait for the stopped member until it goes on: a driver has no time limit of its own.
      // What it answers then, when another has long been primary, is what this round is about.
      await Promise.all([cluster.nextWritable(), cluster.signal(primary, 'SIGSTOP')]);
      await delay(pauseMs);
      await cluster.signal(primary, 'SIGCONT');
      await writers.nextAcknowledged();
      break;
  }
  return writers.longestGapSince(from);
}

interface MemberStatus {
  readonly stateStr: string;
}

/** Waits until one member is primary and all others are secondaries, as the primary sees it. */
async function isWhole(cluster: ProcessCluster): Promise<void> {
  const deadline = Date.now() + convergenceTimeoutMs;
  for (;;) {
    for (const host of cluster.hosts) {
      const states = await statesSeenBy(host);
      const primaries = states.filter((state) => state === 'PRIMARY').length;
      const secondaries = states.filter((state) => state === 'SECONDARY').length;
      if (primaries === 1 && secondaries === cluster.hosts.length - 1) return;
    }
    if (Date.now() > deadline) throw new Error('the set did not become whole in 60 s');
    await delay(50);
  }
}

async function statesSeenBy(host: string): Promise<string[]> {
  try {
    return await withMember(host, async (client) => {
      const status = await client.db('admin').command({ replSetGetStatus: 1 });
      return status.myState === 1
        ? (status.members as MemberStatus[]).map((member) => member.stateStr)
        : [];
    });
  } catch {
    return [];
  }
}

async function equalHashes(cluster: ProcessCluster): Promise<string[]> {
  const deadline = Date.now() + convergenceTimeoutMs;
  for (;;) {
    const hashes = await Promise.all(
      cluster.hosts.map((host) =>
        withMember(host, async (client) => {
          const answer = await client.db(databaseName).command({ dbHash: 1 });
          return String(answer.md5);
        }),
      ),
    );
    if (new Set(hashes).size === 1 || Date.now() > deadline) return hashes;
    await delay(100);
  }
}

async function numbersOn(host: string): Promise<Map<number, number>> {
  return withMember(host, async (client) => {
    const counts = new Map<number, number>();
    const all = client
      .db(databaseName)
      .collection('numbers')
      .find({}, { projection: { _id: 0, n: 1 }, readPreference: 'secondaryPreferred' });
    for await (const { n } of all) counts.set(n, (counts.get(n) ?? 0) + 1);
    return counts;
  });
}

function repeated(counts: Map<number, number>): number[] {
  return [...counts].filter(([, count]) => count > 1).map(([n]) => n);
}

async function withMember<T>(host: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(`mongodb://${host}/`, {
    directConnection: true,
    serverSelectionTimeoutMS: 5_000,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
