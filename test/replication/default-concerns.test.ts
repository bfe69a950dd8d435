/** setDefaultRWConcern: what commands that name no concern get, on every member, through the official driver. */
import { MongoClient, Timestamp } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClusterMember, MemberCluster, until } from './support/member-cluster.ts';

let cluster: MemberCluster;
let primary: ClusterMember;
let clients: MongoClient[];

beforeEach(async () => {
  clients = [];
  cluster = await MemberCluster.start(3, { settings: { electionTimeoutMillis: 4000 } });
  primary = await cluster.primary();
  await cluster.converged();
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await cluster.stop();
});

function directTo(member: ClusterMember): MongoClient {
  const client = new MongoClient(
    `mongodb://${member.host}/?directConnection=true&retryReads=false&retryWrites=false`,
  );
  clients.push(client);
  return client;
}

function admin(member: ClusterMember, command: Record<string, unknown>) {
  return directTo(member).db('admin').command(command);
}

function cutOffPrimary(): void {
  cluster.faults.isolate(
    primary.host,
    cluster.others(primary).map(({ host }) => host),
  );
}

describe('the defaults of a set', () => {
  it('are majority and local, and say that nobody has set them', async () => {
    expect(await admin(primary, { getDefaultRWConcern: 1, inMemory: true })).toMatchObject({
      defaultReadConcern: { level: 'local' },
      defaultWriteConcern: { w: 'majority', wtimeout: 0 },
      defaultWriteConcernSource: 'implicit',
      defaultReadConcernSource: 'implicit',
      inMemory: true,
    });
  });

  it('are what was set, on every member, each for itself', async () => {
    const set = await admin(primary, {
      setDefaultRWConcern: 1,
      defaultWriteConcern: { w: 2, wtimeout: 700 },
    });
    expect(set).toMatchObject({
      defaultWriteConcern: { w: 2, wtimeout: 700 },
      defaultWriteConcernSource: 'global',
      defaultReadConcern: { level: 'local' },
      defaultReadConcernSource: 'implicit',
      updateOpTime: expect.any(Timestamp),
    });
    await admin(primary, { setDefaultRWConcern: 1, defaultReadConcern: { level: 'majority' } });
    await cluster.converged();

    for (const member of cluster.members) {
      expect(await admin(member, { getDefaultRWConcern: 1 })).toMatchObject({
        defaultReadConcern: { level: 'majority' },
        defaultReadConcernSource: 'global',
        defaultWriteConcern: { w: 2, wtimeout: 700 },
      });
    }
    await admin(primary, { setDefaultRWConcern: 1, defaultReadConcern: {} });
    expect(await admin(primary, { getDefaultRWConcern: 1 })).toMatchObject({
      defaultReadConcern: { level: 'local' },
      defaultReadConcernSource: 'implicit',
      defaultWriteConcernSource: 'global',
    });
  });

  it('hold for writes that name none, and for no others', async () => {
    await admin(primary, { setDefaultRWConcern: 1, defaultWriteConcern: { w: 1 } });
    const things = directTo(primary).db('test').collection('things');
    await things.insertOne({ x: 0 }, { writeConcern: { w: 'majority' } });
    cutOffPrimary();

    await things.insertOne({ x: 1 });
    await expect(
      things.insertOne({ x: 2 }, { writeConcern: { w: 'majority', wtimeoutMS: 50 } }),
    ).rejects.toMatchObject({ code: 64 });
  });

  it('hold for reads that name none, and for no others', async () => {
    await admin(primary, { setDefaultRWConcern: 1, defaultReadConcern: { level: 'majority' } });
    const things = directTo(primary).db('test').collection<{ _id: string }>('things');
    await things.insertOne({ _id: 'committed' });
    cutOffPrimary();
    await things.insertOne({ _id: 'not yet' }, { writeConcern: { w: 1 } });

    expect(await things.find().toArray()).toEqual([{ _id: 'committed' }]);
    expect(await things.find({}, { readConcern: { level: 'local' } }).toArray()).toHaveLength(2);
  });

  it('outlive the primary that set them', async () => {
    await admin(primary, { setDefaultRWConcern: 1, defaultWriteConcern: { w: 1 } });
    await cluster.converged();
    const { signal } = new AbortController();
    await primary.replicaSet.stepDown(10, { force: false, catchUpSeconds: 2, signal });
    const next = await until(() =>
      cluster.others(primary).find(({ replicaSet }) => replicaSet.role === 'primary'),
    );

    expect(await admin(next, { getDefaultRWConcern: 1 })).toMatchObject({
      defaultWriteConcern: { w: 1 },
      defaultWriteConcernSource: 'global',
    });
  });
});

describe('defaults that would promise nothing, or too much', () => {
  it.each<[Record<string, unknown>, string]>([
    [{}, 'BadValue'],
    [{ defaultReadConcern: { level: 'linearizable' } }, 'BadValue'],
    [{ defaultReadConcern: { level: 'snapshot' } }, 'BadValue'],
    [{ defaultWriteConcern: { w: 0 } }, 'BadValue'],
    [{ defaultWriteConcern: { x: 1 } }, 'Location40415'],
  ])('are refused: %j', async (fields, codeName) => {
    await expect(admin(primary, { setDefaultRWConcern: 1, ...fields })).rejects.toMatchObject({
      codeName,
    });
  });

  it('are not read from what somebody has written in their place', async () => {
    const settings = directTo(primary)
      .db('config')
      .collection<{ _id: string; defaultReadConcern: unknown; defaultWriteConcern: unknown }>(
        'settings',
      );
    await settings.insertOne({
      _id: 'ReadWriteConcernDefaults',
      defaultReadConcern: { level: 'linearizable' },
      defaultWriteConcern: 'none',
    });

    expect(await admin(primary, { getDefaultRWConcern: 1 })).toMatchObject({
      defaultReadConcernSource: 'implicit',
      defaultWriteConcernSource: 'implicit',
    });
    await settings.deleteMany({});
  });

  it('are refused: to unset a write concern, and to set one on a secondary', async () => {
    await admin(primary, { setDefaultRWConcern: 1, defaultWriteConcern: { w: 2 } });
    await expect(
      admin(primary, { setDefaultRWConcern: 1, defaultWriteConcern: {} }),
    ).rejects.toMatchObject({ codeName: 'IllegalOperation' });
    const [secondary] = cluster.others(primary);
    await expect(
      admin(secondary as ClusterMember, { setDefaultRWConcern: 1, defaultWriteConcern: { w: 1 } }),
    ).rejects.toMatchObject({ code: 10107 });
  });
});
