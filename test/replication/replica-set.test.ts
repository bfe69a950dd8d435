import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { oplogSize } from '../../storage/index.ts';
import { MemberCluster, storeContents, until } from './support/member-cluster.ts';

let cluster: MemberCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

describe('a replica set of three', () => {
  it('elects a primary after initiate and replicates to equal stores', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    for (let index = 0; index < 20; index++) {
      await primary.insert({ _id: index, text: `document ${index}` });
    }
    await primary.majority(await primary.insert({ _id: 'last' }));
    await cluster.converged();
    const contents = cluster.members.map(storeContents);
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]).toEqual(contents[0]);
    expect(contents[0]?.length).toBeGreaterThan(40);
  });

  it('has a member that answers reads when it comes back alone', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    await cluster.converged();
    for (const member of cluster.members) {
      await member.stop();
    }
    const alone = await cluster.member(1).restart();
    cluster.members[1] = alone;

    expect(alone.replicaSet.role).toBe('secondary');
    expect(alone.replicaSet.stateName).toBe('SECONDARY');
  });

  it('elects another primary when the first is gone, which follows when it is back', async () => {
    cluster = await MemberCluster.start(3);
    const first = await cluster.primary();
    await first.majority(await first.insert({ _id: 1 }));
    await cluster.converged();
    const index = cluster.members.indexOf(first);
    await first.stop();
    const second = await cluster.primary(cluster.others(first));
    await second.majority(await second.insert({ _id: 2 }));
    expect(second.replicaSet.term).toBeGreaterThan(first.replicaSet.term - 1);
    cluster.members[index] = await first.restart();
    await cluster.converged();
    expect(storeContents(cluster.member(0))).toEqual(storeContents(cluster.member(1)));
    expect(storeContents(cluster.member(1))).toEqual(storeContents(cluster.member(2)));
  });
});

describe('the oplog', () => {
  it('is cut back to its size while everybody follows', async () => {
    const oplogBytesMax = 20_000;
    cluster = await MemberCluster.start(3, { oplogBytesMax });
    const primary = await cluster.primary();
    await cluster.converged();
    const bytesOf = () =>
      cluster?.members.map(({ engine }) => oplogSize(engine.latest).bytes) ?? [];
    for (let index = 0; index < 60; index++) {
      await primary.insert({ _id: index, filler: 'x'.repeat(500) });
    }
    await until(() => bytesOf().every((bytes) => bytes <= oplogBytesMax));
    await primary.majority(await primary.insert({ _id: 'after' }));
    await cluster.converged();
  });
});

describe('a driver', () => {
  it('finds the primary, writes and reads with majority, and goes on after a failover', async () => {
    cluster = await MemberCluster.start(3);
    const first = await cluster.primary();
    const hosts = cluster.members.map(({ host }) => host).join(',');
    const client = new MongoClient(`mongodb://${hosts}/?replicaSet=rs0`, {
      serverSelectionTimeoutMS: 5000,
      heartbeatFrequencyMS: 500,
    });
    try {
      const things = client.db('test').collection<{ _id: number }>('things', {
        writeConcern: { w: 'majority' },
        readConcern: { level: 'majority' },
      });
      await things.insertOne({ _id: 1 });
      expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1 });
      const admin = client.db('admin');
      expect(await admin.command({ replSetGetStatus: 1 })).toMatchObject({ set: 'rs0', ok: 1 });
      expect(await admin.command({ replSetGetConfig: 1 })).toMatchObject({
        config: { _id: 'rs0' },
      });
      expect(await client.db('local').collection('system.replset').findOne()).toMatchObject({
        version: 1,
      });
      await cluster.converged();
      // The driver retries no write that it sends in the very moment in which it notices.
      const isNoticed = new Promise<void>((resolve) => {
        client.on('serverDescriptionChanged', ({ address, newDescription }) => {
          if (address === first.host && newDescription.type === 'Unknown') resolve();
        });
      });
      await first.stop();
      await isNoticed;
      await things.insertOne({ _id: 2 });
      const everything = things.find({}, { readConcern: { level: 'linearizable' } });
      expect(await everything.toArray()).toEqual([{ _id: 1 }, { _id: 2 }]);
      const secondary = client.db('test').collection('things', {
        readPreference: 'secondary',
        readConcern: { level: 'majority' },
      });
      await until(async () => (await secondary.countDocuments()) === 2);
    } finally {
      await client.close();
    }
  });
});

describe('a set of one', () => {
  it('elects itself in a new term at each start', async () => {
    cluster = await MemberCluster.start(1);
    const first = await cluster.primary();
    const { term } = first.replicaSet;
    await first.majority(await first.insert({ _id: 1 }));
    await first.stop();
    cluster.members[0] = await first.restart();
    const again = await cluster.primary();
    expect(again.replicaSet.term).toBe(term + 1);
    await until(() => again.replicaSet.hello().isWritablePrimary === true);
  });
});
