/** A set of primary, secondary and arbiter, through the official driver. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';

const [first, second, arbiter] = [0, 1, 2];

let set: Cluster;
let client: MongoClient;
let others: MongoClient[];

beforeEach(async () => {
  others = [];
  set = await Cluster.start({
    members: [{ priority: 2 }, {}, { arbiterOnly: true }],
    settings: { heartbeatIntervalMillis: 100, electionTimeoutMillis: 600 },
  });
  client = await new MongoClient(set.uri).connect();
  await until(() => {
    expect(set.primaries).toEqual([first]);
    expect(stateOf(second)).toBe('SECONDARY');
    expect(stateOf(arbiter)).toBe('ARBITER');
  });
});
afterEach(async () => {
  await Promise.all([client, ...others].map((one) => one.close()));
  await set.stop();
});

function stateOf(member: number): string | undefined {
  return set.member(member).replicaSet?.stateName;
}

function until(claim: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(claim, { timeout: 15_000, interval: 10 });
}

/** The driver, bound to one member. */
function directTo(member: number): MongoClient {
  const options = { directConnection: true, retryReads: false, retryWrites: false };
  const direct = new MongoClient(`mongodb://${set.hosts[member]}/`, options);
  others.push(direct);
  return direct;
}

function admin(member: number, command: Record<string, unknown>) {
  return directTo(member).db('admin').command(command);
}

function things(options: { w?: number | 'majority'; wtimeoutMS?: number } = {}) {
  return client
    .db('test')
    .collection<{ _id: string }>(
      'things',
      options.w === undefined ? {} : { writeConcern: options },
    );
}

describe('an arbiter', () => {
  it('says what it is, to the driver and to operators', async () => {
    await things().insertOne({ _id: 'a' });

    expect(await admin(arbiter, { hello: 1 })).toMatchObject({
      setName: 'rs0',
      isWritablePrimary: false,
      secondary: false,
      arbiterOnly: true,
      hosts: [set.hosts[first], set.hosts[second]],
      arbiters: [set.hosts[arbiter]],
      primary: set.hosts[first],
      me: set.hosts[arbiter],
    });
    const status = await admin(first, { replSetGetStatus: 1 });
    expect(status).toMatchObject({
      votingMembersCount: 3,
      writableVotingMembersCount: 2,
      majorityVoteCount: 2,
      writeMajorityCount: 2,
    });
    expect(status.members[arbiter]).toMatchObject({ state: 7, stateStr: 'ARBITER', health: 1 });
    expect(status.members[arbiter]).not.toHaveProperty('optime');
    expect((await admin(arbiter, { replSetGetStatus: 1 })).myState).toBe(7);
  });

  it('holds no data, and answers neither reads nor writes', async () => {
    await things({ w: 2 }).insertOne({ _id: 'a' });
    const direct = directTo(arbiter).db('test').collection('things');

    await expect(direct.findOne({}, { readPreference: 'nearest' })).rejects.toMatchObject({
      code: 13436,
      message: 'node is not in primary or recovering state',
    });
    await expect(direct.insertOne({})).rejects.toMatchObject({ code: 10107 });
    await expect(admin(arbiter, { replSetSyncFrom: set.hosts[first] })).rejects.toMatchObject({
      codeName: 'NotSecondary',
      message: "arbiters don't sync",
    });
    await expect(admin(second, { replSetSyncFrom: set.hosts[arbiter] })).rejects.toMatchObject({
      codeName: 'InvalidOptions',
    });
    expect(set.member(arbiter).database.lastAppended).toBeUndefined();
    expect(set.member(second).database.lastAppended).toBeDefined();
  });

  it('never counts as a holder of a write, and the default write concern does not fall for it', async () => {
    await expect(things({ w: 3 }).insertOne({ _id: 'three' })).rejects.toMatchObject({
      code: 100,
    });
    set.network.partition([
      [set.hosts[first], set.hosts[arbiter]] as string[],
      [set.hosts[second] as string],
    ]);

    await expect(
      things({ w: 'majority', wtimeoutMS: 100 }).insertOne({ _id: 'majority' }),
    ).rejects.toMatchObject({ code: 64 });
    await things({ w: 1 }).insertOne({ _id: 'one' });
    let isAcknowledged = false;
    const byDefault = things()
      .insertOne({ _id: 'default' })
      .then(() => {
        isAcknowledged = true;
      });
    // A later write of less concern is answered first: the default waits for the majority.
    await things({ w: 1 }).insertOne({ _id: 'two' });
    expect(isAcknowledged).toBe(false);

    set.network.heal();
    await byDefault;
  });

  it('gives a majority to the secondary when the primary is cut off, and nothing acknowledged is lost', async () => {
    await things().insertOne({ _id: 'kept' });
    const { term } = set.member(first).replicaSet!;

    set.network.partition([
      [set.hosts[first] as string],
      [set.hosts[second], set.hosts[arbiter]] as string[],
    ]);
    await until(() => expect(set.member(second).replicaSet?.role).toBe('primary'));
    expect(set.member(second).replicaSet?.term).toBeGreaterThan(term);
    // Its vote is on its disk: the term it promised.
    expect(set.member(arbiter).replicaSet?.ark.vote).toMatchObject({ candidate: second });
    await until(() => expect(stateOf(first)).toBe('SECONDARY'));
    const alone = directTo(second).db('test').collection<{ _id: string }>('things');
    expect(await alone.findOne({ _id: 'kept' })).toEqual({ _id: 'kept' });

    set.network.heal();
    await until(() => expect(set.primaries).toEqual([first]));
    await things().insertOne({ _id: 'after' });
    expect(await things().countDocuments()).toBe(2);
  });

  it('that lost its disk is mute until it is removed and added again', async () => {
    const counted = () => set.member(first).replicaSet?.ark.config?.members[arbiter]?.incarnation;
    await until(() => expect(counted()).toBeDefined());
    await set.stopMember(arbiter);
    await set.startMember(arbiter);
    await until(() => expect(stateOf(arbiter)).toBe('ARBITER'));
    const { incarnation } = set.member(arbiter).replicaSet!.ark;
    expect(counted()).not.toBe(incarnation);

    const { config } = await admin(first, { replSetGetConfig: 1 });
    const without = { ...config, version: config.version + 1, members: config.members.slice(0, 2) };
    await admin(first, { replSetReconfig: without });
    await admin(first, { replSetReconfig: { ...config, version: config.version + 2 } });

    await until(() => expect(counted()).toBe(incarnation));
  });
});

describe('an arbiter that keeps its folder', () => {
  it('is the same after a restart, bound by the votes of before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arkset-arbiter-'));
    const kept = await Cluster.start({ folder, members: [{}, {}, { arbiterOnly: true }] });
    try {
      const before = await vi.waitFor(() => {
        const { ark, stateName } = kept.member(arbiter).replicaSet!;
        expect(stateName).toBe('ARBITER');
        expect(ark.vote?.term).toBeGreaterThan(0);
        return { ...ark };
      });
      await kept.stopMember(arbiter);
      await kept.startMember(arbiter);

      const { ark } = kept.member(arbiter).replicaSet!;
      expect(ark.vote).toEqual(before.vote);
      expect(ark.incarnation).toBe(before.incarnation);
      expect(ark.maxVotedTermId).toBe(before.maxVotedTermId);
    } finally {
      await kept.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a configuration', () => {
  it('is refused when it asks of an arbiter what only data can give, or makes one of a member', async () => {
    const { config } = await admin(first, { replSetGetConfig: 1 });
    const reconfig = (member: number, change: Record<string, unknown>) =>
      admin(first, {
        replSetReconfig: {
          ...config,
          version: config.version + 1,
          members: config.members.map((one: { _id: number }) =>
            one._id === member ? { ...one, ...change } : one,
          ),
        },
      });

    await expect(reconfig(arbiter, { tags: { dc: 'a' } })).rejects.toMatchObject({ code: 103 });
    await expect(reconfig(arbiter, { votes: 0 })).rejects.toMatchObject({ code: 103 });
    await expect(reconfig(arbiter, { priority: 1 })).rejects.toMatchObject({ code: 103 });
    await expect(reconfig(second, { priority: 0, arbiterOnly: true })).rejects.toMatchObject({
      code: 103,
      message: expect.stringContaining('remove then re-add the member'),
    });
  });
});
