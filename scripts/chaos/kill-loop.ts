/**
 * One member alone, killed with SIGKILL under load, again and again. After each kill its store is
 * opened and checked: what was acknowledged is there, documents, indexes and oplog tell one story.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { storeFolder } from '../../src/cluster/member-store.ts';
import { ProcessCluster } from '../../src/cluster/process-cluster.ts';
import { foldDifferences } from './fold.ts';

export interface KillLoopOptions {
  readonly folder: string;
  readonly port: number;
  readonly rounds: number;
  readonly clients?: number;
  readonly onRound?: (round: number, acknowledged: number) => void;
}

export interface KillLoopReport {
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly differences: readonly string[];
}

const loadMs = 250;

export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  const acknowledged = new Set<string>();
  const differences: string[] = [];
  const cluster = await ProcessCluster.start({ folder: options.folder, ports: [options.port] });
  try {
    for (let round = 0; round < options.rounds; round++) {
      await cluster.writable();
      await writeUntilKilled(cluster, round, options.clients ?? 16, acknowledged);
      const found = await foldDifferences(join(cluster.dataPath(0), storeFolder));
      differences.push(...found.map((difference) => `round ${round}: ${difference}`));
      options.onRound?.(round, acknowledged.size);
      await cluster.startMember(0);
    }
    await cluster.writable();
    const present = await presentIds(cluster);
    return {
      acknowledged: acknowledged.size,
      lost: [...acknowledged].filter((id) => !present.has(id)),
      differences,
    };
  } finally {
    await cluster.stop();
  }
}

/** Inserts, updates and deletes from all clients; the member is killed in the middle of it. */
async function writeUntilKilled(
  cluster: ProcessCluster,
  round: number,
  clients: number,
  acknowledged: Set<string>,
): Promise<void> {
  const client = new MongoClient(cluster.uri, {
    maxPoolSize: clients,
    retryWrites: false,
    serverSelectionTimeoutMS: 2_000,
  });
  await client.connect();
  const kept = client.db('kill_loop').collection<{ _id: string }>('kept');
  const churned = client.db('kill_loop').collection<{ _id: string; n: number }>('churned');
  await churned.createIndex({ n: 1 });
  let isAlive = true;
  const loops = Array.from({ length: clients }, async (_, index) => {
    for (let i = 0; isAlive; i++) {
      const id = `${round}.${index}.${i}`;
      try {
        await kept.insertOne({ _id: id });
        acknowledged.add(id);
        await churned.insertOne({ _id: id, n: i });
        await churned.updateOne({ _id: id }, { $inc: { n: 1 }, $set: { [`f${i % 7}`]: id } });
        if (i % 3 === 0) await churned.deleteOne({ _id: id });
      } catch {
        return;
      }
    }
  });
  await delay(loadMs + Math.random() * loadMs);
  await cluster.signal(0, 'SIGKILL');
  isAlive = false;
  await Promise.all(loops);
  await client.close();
}

async function presentIds(cluster: ProcessCluster): Promise<Set<string>> {
  const client = new MongoClient(cluster.uri);
  try {
    const kept = client.db('kill_loop').collection<{ _id: string }>('kept');
    const ids = new Set<string>();
    for await (const { _id } of kept.find({})) ids.add(_id);
    return ids;
  } finally {
    await client.close();
  }
}
