/** The TTL monitor of a set, through the official driver. */
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';

let set: Cluster;
let client: MongoClient;

beforeEach(async () => {
  set = await Cluster.start({ members: 3 });
  client = await new MongoClient(set.uri).connect();
});
afterEach(async () => {
  await client.close();
  await set.stop();
});

function until(claim: () => Promise<void>): Promise<void> {
  return vi.waitFor(claim, { timeout: 15_000, interval: 20 });
}

async function ttlOf(host: string): Promise<Record<string, number>> {
  const direct = new MongoClient(`mongodb://${host}/?directConnection=true`);
  try {
    const { metrics } = await direct.db('admin').command({ serverStatus: 1 });
    return metrics.ttl;
  } finally {
    await direct.close();
  }
}

test('deletes what is over, on the primary, while it is enabled', async () => {
  const admin = client.db('admin');
  expect(await admin.command({ setParameter: 1, ttlMonitorEnabled: false })).toMatchObject({
    was: true,
  });
  expect(await admin.command({ setParameter: 1, ttlMonitorSleepSecs: 1 })).toMatchObject({
    was: 60,
  });
  await expect(admin.command({ setParameter: 1, ttlMonitorSleepSecs: 0 })).rejects.toMatchObject({
    code: 2,
  });
  const sessions = client.db('shop').collection('sessions');
  await sessions.createIndex({ at: 1 }, { expireAfterSeconds: 3600 });
  await sessions.insertMany([{ at: new Date(0) }, { at: new Date() }, { at: 'never' }]);

  await admin.command({ setParameter: 1, ttlMonitorEnabled: true });
  await until(async () => expect(await sessions.countDocuments()).toBe(2));

  const [primary] = set.primaries;
  await until(async () => {
    const { deletedDocuments, passes } = await ttlOf(set.hosts[primary!]!);
    expect(deletedDocuments).toBe(1);
    expect(passes).toBeGreaterThan(0);
  });
  for (const [at, host] of set.hosts.entries()) {
    if (at !== primary) expect((await ttlOf(host)).passes).toBe(0);
  }
});
