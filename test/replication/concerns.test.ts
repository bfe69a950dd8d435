import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { compareGtids } from '../../src/ark/index.ts';
import { MemberCluster, until } from './support/member-cluster.ts';

let cluster: MemberCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

const never = { signal: new AbortController().signal };

describe('write concern', () => {
  it('waits for a majority, times out without one, and is met when it is back', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    cluster.faults.lose('pull');
    const gtid = await primary.insert({ _id: 2 });
    await expect(primary.majority(gtid, 40)).rejects.toMatchObject({
      codeName: 'WriteConcernFailed',
      fields: { errInfo: { wtimeout: true } },
    });
    const waiting = primary.majority(gtid);
    cluster.faults.heal();
    await waiting;
    expect(compareGtids(primary.replicaSet.commitPoint, gtid)).toBeGreaterThanOrEqual(0);
  });

  it('fails when the primary loses its majority while a client waits', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    cluster.faults.isolate(
      primary.host,
      cluster.others(primary).map(({ host }) => host),
    );
    await expect(primary.majority(await primary.insert({ _id: 2 }))).rejects.toMatchObject({
      codeName: 'PrimarySteppedDown',
    });
    await expect(primary.insert({ _id: 3 })).rejects.toMatchObject({
      codeName: 'NotWritablePrimary',
    });
  });

  it('counts members, knows tags, and refuses what can never be met', async () => {
    cluster = await MemberCluster.start(3, {
      members: (_host, id) => ({ tags: { rack: id === 2 ? 'b' : 'a' } }),
      settings: { getLastErrorModes: { twoRacks: { rack: 2 }, threeRacks: { rack: 3 } } },
    });
    const primary = await cluster.primary();
    const gtid = await primary.insert({ _id: 1 });
    const { replicaSet } = primary;
    await replicaSet.awaitWriteConcern(gtid, { w: 3, wtimeout: 0 }, never);
    await replicaSet.awaitWriteConcern(gtid, { w: 'twoRacks', wtimeout: 0 }, never);
    await replicaSet.awaitWriteConcern(gtid, { w: { rack: 2 }, wtimeout: 0 }, never);
    await expect(
      replicaSet.awaitWriteConcern(gtid, { w: 4, wtimeout: 0 }, never),
    ).rejects.toMatchObject({ codeName: 'UnsatisfiableWriteConcern' });
    await expect(
      replicaSet.awaitWriteConcern(gtid, { w: 'threeRacks', wtimeout: 0 }, never),
    ).rejects.toMatchObject({ codeName: 'UnsatisfiableWriteConcern' });
    await expect(
      replicaSet.awaitWriteConcern(gtid, { w: { rack: 3 }, wtimeout: 0 }, never),
    ).rejects.toMatchObject({
      codeName: 'UnsatisfiableWriteConcern',
      message: 'Not enough nodes match write concern mode "{"rack":3}"',
    });
    await expect(
      replicaSet.awaitWriteConcern(gtid, { w: 'moon', wtimeout: 0 }, never),
    ).rejects.toMatchObject({ codeName: 'UnknownReplWriteConcern' });
  });

  it('with tags comes from a client as a document, and is refused when that is none of tags', async () => {
    cluster = await MemberCluster.start(2, {
      members: (_host, id) => ({ tags: { dc: `${id}` } }),
    });
    const primary = await cluster.primary();
    await cluster.converged();
    const client = new MongoClient(`mongodb://${primary.host}/?directConnection=true`);
    const insert = (w: unknown) =>
      client
        .db('test')
        .command({ insert: 'tagged', documents: [{}], writeConcern: { w, wtimeout: 40 } } as never)
        .then(
          (reply) => reply.writeConcernError ?? 'acknowledged',
          (error) => ({
            code: error.code,
            errmsg: error.message,
            ...error.result?.writeConcernError,
          }),
        );
    try {
      expect(await insert({ dc: 2 })).toBe('acknowledged');
      expect(await insert({ dc: 3 })).toMatchObject({ code: 100 });
      expect(await insert({})).toMatchObject({ code: 9 });
      expect(await insert({ dc: 'two' })).toMatchObject({ code: 9 });
      cluster.faults.lose('pull');
      expect(await insert({ dc: 1 })).toBe('acknowledged');
      expect(await insert({ dc: 2 })).toMatchObject({ code: 64 });
    } finally {
      await client.close();
    }
  });

  it('is acknowledged through a chain', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await cluster.converged();
    const [near, far] = cluster.others(primary);
    if (near === undefined || far === undefined) {
      throw new Error('there are three members');
    }
    cluster.faults.cut(far.host, primary.host, 'pull');
    const gtid = await primary.insert({ _id: 1 });
    await primary.replicaSet.awaitWriteConcern(gtid, { w: 3, wtimeout: 0 }, never);
    expect(far.replicaSet.ark.sync.source).toBe(near.replicaSet.ark.self);
    expect(compareGtids(far.replicaSet.lastDurable, gtid)).toBeGreaterThanOrEqual(0);
  });

  it('of an operation that changed nothing is a round that proves the primary', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    const before = primary.replicaSet.lastApplied;
    await primary.majority(undefined);
    expect(compareGtids(primary.replicaSet.commitPoint, before)).toBeGreaterThan(0);
    cluster.faults.isolate(
      primary.host,
      cluster.others(primary).map(({ host }) => host),
    );
    await expect(primary.majority(undefined)).rejects.toMatchObject({
      codeName: 'PrimarySteppedDown',
    });
  });
});

describe('read concern majority', () => {
  it('shows a write when a majority has it, on every member', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    const first = await primary.insert({ _id: 1 });
    await primary.majority(first);
    cluster.faults.lose('pull');
    const second = await primary.insert({ _id: 2 });
    const early = await primary.replicaSet.majorityReader();
    expect(compareGtids(early.lastGtid, first)).toBeGreaterThanOrEqual(0);
    expect(compareGtids(early.lastGtid, second)).toBeLessThan(0);
    early.release();
    cluster.faults.heal();
    await primary.majority(second);
    const late = await primary.replicaSet.majorityReader();
    expect(compareGtids(late.lastGtid, second)).toBeGreaterThanOrEqual(0);
    late.release();
    for (const member of cluster.members) {
      await until(async () => {
        const read = await member.replicaSet.majorityReader();
        read.release();
        return compareGtids(read.lastGtid, second) >= 0;
      });
    }
  });
});
