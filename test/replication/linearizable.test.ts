/** Read concern linearizable through the official driver: a majority is asked after each read, and nothing is written. */
import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClusterMember, MemberCluster, until } from './support/member-cluster.ts';

let cluster: MemberCluster;
let client: MongoClient | undefined;

afterEach(async () => {
  await client?.close();
  await cluster.stop();
});

/** The driver, bound to one member whatever becomes of it. */
async function directTo(member: ClusterMember) {
  client = await new MongoClient(
    `mongodb://${member.host}/?directConnection=true&retryReads=false`,
  ).connect();
  return client.db('test').collection<{ _id: number }>('things', {
    readConcern: { level: 'linearizable' },
  });
}

describe('a linearizable read', () => {
  it('finds what was acknowledged, and writes nothing', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    await cluster.converged();
    const before = primary.replicaSet.lastApplied;
    const things = await directTo(primary);

    expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1 });
    expect(await things.find().toArray()).toEqual([{ _id: 1 }]);
    expect(await things.countDocuments()).toBe(1);

    expect(primary.replicaSet.lastApplied).toEqual(before);
  });

  it('of a primary that no majority hears ends with its time or its tenure, never with data', async () => {
    cluster = await MemberCluster.start(3, { settings: { electionTimeoutMillis: 2000 } });
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    const things = await directTo(primary);
    expect(await things.findOne()).toEqual({ _id: 1 });
    cluster.faults.isolate(
      primary.host,
      cluster.others(primary).map(({ host }) => host),
    );

    await expect(things.findOne({}, { maxTimeMS: 50 })).rejects.toMatchObject({ code: 50 });
    await expect(things.findOne()).rejects.toMatchObject({ code: 189 });
  });

  it('goes on in later batches, and fails there when the primary has changed', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    for (const _id of [1, 2, 3]) await primary.insert({ _id });
    await cluster.converged();
    const things = await directTo(primary);
    const cursor = things.find({}, { batchSize: 1 });
    expect(await cursor.next()).toEqual({ _id: 1 });
    expect(await cursor.next()).toEqual({ _id: 2 });

    const { signal } = new AbortController();
    await primary.replicaSet.stepDown(5, { force: true, catchUpSeconds: 1, signal });
    await until(() => primary.replicaSet.role === 'secondary');

    await expect(cursor.next()).rejects.toMatchObject({ code: 189 });
  });
});
