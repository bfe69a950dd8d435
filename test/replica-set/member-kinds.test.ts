/** Hidden members, members without a vote, and who pulls from whom, through the official driver. */
import { MongoClient, type WriteConcern } from 'mongodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';

const settings = { heartbeatIntervalMillis: 100, electionTimeoutMillis: 600 };

let set: Cluster;
const clients: MongoClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await set.stop();
});

async function start(
  members: readonly Record<string, unknown>[],
  more: Record<string, unknown> = {},
): Promise<MongoClient> {
  set = await Cluster.start({ members, settings: { ...settings, ...more } });
  await until(() => {
    expect(set.primaries).toEqual([0]);
    for (const id of members.keys())
      expect(replicaSet(id).stateName).toMatch(/^(PRIMARY|SECONDARY)$/);
  });
  return clientOf(set.uri);
}

async function clientOf(uri: string): Promise<MongoClient> {
  const client = await new MongoClient(uri).connect();
  clients.push(client);
  return client;
}

async function admin(member: number, command: Record<string, unknown>) {
  const client = await clientOf(`mongodb://${set.hosts[member]}/?directConnection=true`);
  return client.db('admin').command(command);
}

function replicaSet(member: number) {
  const found = set.member(member).replicaSet;
  if (found === undefined) throw new Error(`member ${member} is of no set`);
  return found;
}

function sourceOf(member: number): number | undefined {
  return replicaSet(member).ark.sync.source;
}

function until(claim: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(claim, { timeout: 15_000, interval: 10 });
}

function insert(client: MongoClient, writeConcern: { w: number | string; wtimeoutMS?: number }) {
  return client
    .db('test')
    .collection('things')
    .insertOne({}, { writeConcern: writeConcern as WriteConcern });
}

/** Everybody else is cut off from these. */
function cutOff(...members: readonly number[]): void {
  const hosts = (wanted: (id: number) => boolean) => set.hosts.filter((_, id) => wanted(id));
  set.network.partition([
    hosts((id) => members.includes(id)),
    hosts((id) => !members.includes(id)),
  ]);
}

describe('a hidden member', () => {
  it('is unknown to drivers, and copies, votes and acknowledges like the others', async () => {
    const client = await start([{ priority: 2 }, {}, { priority: 0, hidden: true }]);
    const hello = await client.db('admin').command({ hello: 1 });
    expect(hello.hosts).toEqual([set.hosts[0], set.hosts[1]]);
    expect(hello).not.toHaveProperty('passives');
    expect(await admin(2, { hello: 1 })).toMatchObject({
      secondary: true,
      hidden: true,
      passive: true,
      me: set.hosts[2],
    });
    const status = await admin(0, { replSetGetStatus: 1 });
    expect(status.members.map((one: { stateStr: string }) => one.stateStr)).toEqual([
      'PRIMARY',
      'SECONDARY',
      'SECONDARY',
    ]);

    await insert(client, { w: 3 });
    cutOff(1);
    await insert(client, { w: 'majority' });
    set.network.heal();
    await until(() => expect(replicaSet(1).role).toBe('secondary'));
    cutOff(0);
    await until(() => expect(replicaSet(1).role).toBe('primary'));
    expect(replicaSet(2).ark.vote).toMatchObject({ candidate: 1 });
  });
});

describe('a member of priority 0', () => {
  it('is passive, and does not become primary although it is the only one left with a majority', async () => {
    await start([{}, { priority: 0 }, { priority: 0 }]);
    expect(await admin(1, { hello: 1 })).toMatchObject({
      hosts: [set.hosts[0]],
      passives: [set.hosts[1], set.hosts[2]],
      passive: true,
    });

    cutOff(0);
    await until(() => expect(replicaSet(0).role).toBe('secondary'));
    for (const id of [1, 2]) {
      await until(() => expect(replicaSet(id).ark.primary).toBeUndefined());
      await until(async () => expect(await admin(id, { hello: 1 })).not.toHaveProperty('primary'));
    }
    set.network.heal();
    await until(() => expect(set.primaries).toEqual([0]));
  });
});

describe('a member without a vote', () => {
  const members = [{}, { priority: 0 }, { priority: 0 }, { priority: 0, votes: 0 }];

  it('counts for w: N and tags, never for w: "majority"', async () => {
    const client = await start(
      members.map((one, id) => ({ ...one, tags: { place: `${id}` } })),
      {
        electionTimeoutMillis: 5000,
        getLastErrorModes: { twoPlaces: { place: 2 } },
      },
    );
    expect(await admin(0, { replSetGetStatus: 1 })).toMatchObject({
      votingMembersCount: 3,
      writableVotingMembersCount: 3,
      majorityVoteCount: 2,
      writeMajorityCount: 2,
    });
    await insert(client, { w: 4 });

    // Its copy is with it and the primary alone; the primary keeps no majority for long.
    cutOff(0, 3);
    await insert(client, { w: 2 });
    await insert(client, { w: 'twoPlaces' });
    await expect(insert(client, { w: 'majority', wtimeoutMS: 50 })).rejects.toMatchObject({
      code: 64,
    });
  });

  it('does not elect: one voter and it are no majority', async () => {
    await start(members);
    cutOff(0, 3);

    await until(() => expect(replicaSet(0).role).toBe('secondary'));
  });
});

describe('chainingAllowed', () => {
  it('lets a member pull from another secondary when it is told to', async () => {
    const client = await start([{ priority: 2 }, {}, {}]);

    expect(await admin(2, { replSetSyncFrom: set.hosts[1] })).toMatchObject({
      syncFromRequested: set.hosts[1],
    });
    await insert(client, { w: 3 });
    await until(() => expect(sourceOf(2)).toBe(1));
    await insert(client, { w: 3 });
    expect(sourceOf(2)).toBe(1);
  });

  it('does not help a member that is told to pull from one that is down', async () => {
    await start([{ priority: 2 }, {}, {}]);
    await set.stopMember(1);
    await until(() => expect(replicaSet(2).ark.peers[1]?.connected).toBe(false));

    await expect(admin(2, { replSetSyncFrom: set.hosts[1] })).rejects.toMatchObject({
      codeName: 'HostUnreachable',
      message: `I cannot reach the requested member: ${set.hosts[1]}`,
    });
  });

  it('false keeps everybody at the primary, whoever that is, also one that is told otherwise', async () => {
    const client = await start([{ priority: 2 }, {}, {}], { chainingAllowed: false });
    await insert(client, { w: 3 });
    await until(() => expect([sourceOf(1), sourceOf(2)]).toEqual([0, 0]));

    await admin(2, { replSetSyncFrom: set.hosts[1] });
    await insert(client, { w: 3 });
    await until(() => expect(sourceOf(2)).toBe(0));

    cutOff(0);
    await until(() => expect(set.primaries.some((id) => id !== 0)).toBe(true));
    await until(() => {
      const elected = set.primaries.find((id) => id !== 0) ?? -1;
      expect(sourceOf(3 - elected)).toBe(elected);
    });
  });

  it('is obeyed when a reconfiguration changes it', async () => {
    const client = await start([{ priority: 2 }, {}, {}]);
    await admin(2, { replSetSyncFrom: set.hosts[1] });
    await insert(client, { w: 3 });
    await until(() => expect(sourceOf(2)).toBe(1));

    const { config } = await admin(0, { replSetGetConfig: 1 });
    const next = { ...config.settings, chainingAllowed: false };
    await admin(0, {
      replSetReconfig: { ...config, version: config.version + 1, settings: next },
    });

    await until(() => expect(sourceOf(2)).toBe(0));
    await insert(client, { w: 3 });
  });
});
