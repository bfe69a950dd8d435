/** secondaryDelaySecs: a member that is late on purpose, by its own wall clock. */
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareGtids, type Gtid } from '../../src/ark/index.ts';
import { systemClock } from '../../src/replication/index.ts';
import { type ClusterMember, MemberCluster, until } from './support/member-cluster.ts';

const delaySecs = 3600;
const never = { signal: new AbortController().signal };

let cluster: MemberCluster;
/** How far the delayed member's wall clock is put forward. */
let aheadMs: number;

const clock = {
  monotonicMs: systemClock.monotonicMs,
  wallMs: () => systemClock.wallMs() + aheadMs,
};

beforeEach(() => {
  aheadMs = 0;
});
afterEach(async () => {
  await cluster.stop();
});

/** The last member is delayed and votes, unless `fields` say something else. */
async function start(count: number, fields: Record<string, unknown> = {}): Promise<ClusterMember> {
  cluster = await MemberCluster.start(count, {
    clocks: Array.from({ length: count }, (_, id) => (id === count - 1 ? clock : undefined)),
    members: (_host, id) =>
      id === count - 1
        ? { priority: 0, hidden: true, secondaryDelaySecs: delaySecs, ...fields }
        : {},
  });
  const primary = await cluster.primary();
  await until(
    () => cluster.members.every(({ replicaSet }) => replicaSet.role !== 'other'),
    () => cluster.describe(),
  );
  return primary;
}

function delayed(): ClusterMember {
  return cluster.members.at(-1) as ClusterMember;
}

function has(member: ClusterMember, gtid: Gtid): boolean {
  return compareGtids(member.replicaSet.lastDurable, gtid) >= 0;
}

/** Resolves when the delayed member has asked its source once more, and got what it may have. */
async function asksAgain(): Promise<void> {
  const source = cluster.members.find(
    ({ host }) => host === hostOf(delayed().replicaSet.ark.sync.source),
  ) as ClusterMember;
  const pulls = () => source.server.dispatcher.counters.commands.get('_replSetPull')?.total ?? 0;
  const seen = pulls();
  await until(() => pulls() >= seen + 2);
}

function hostOf(id: number | undefined): string | undefined {
  return delayed().replicaSet.ark.config?.members.find(({ _id }) => _id === id)?.host;
}

async function setDelay(primary: ClusterMember, secondaryDelaySecs: number): Promise<void> {
  const config = primary.replicaSet.config() as { version: number; members: object[] };
  const members = config.members.map((one) =>
    'hidden' in one && one.hidden === true ? { ...one, secondaryDelaySecs } : one,
  );
  const next = { ...config, version: config.version + 1, members };
  await primary.replicaSet.reconfig(next, { force: false, ...never });
}

describe('a delayed member', () => {
  it('has an entry only when that is old enough by its clock, and counts from then on', async () => {
    const primary = await start(3);
    const gtid = await primary.insert({ _id: 1 });
    await primary.majority(gtid);
    await asksAgain();

    expect(has(delayed(), gtid)).toBe(false);
    await expect(
      primary.replicaSet.awaitWriteConcern(gtid, { w: 3, wtimeout: 1 }, never),
    ).rejects.toMatchObject({ codeName: 'WriteConcernFailed' });

    aheadMs = delaySecs * 1000 + 1000;
    await primary.replicaSet.awaitWriteConcern(gtid, { w: 3, wtimeout: 0 }, never);
    expect(has(delayed(), gtid)).toBe(true);
  });

  it('is up meanwhile, votes, and says honestly how far it is', async () => {
    const primary = await start(3);
    const gtid = await primary.insert({ _id: 1 });
    await primary.majority(gtid);
    await asksAgain();

    const status = primary.replicaSet.status() as { members: Record<string, unknown>[] };
    expect(status.members[2]).toMatchObject({ stateStr: 'SECONDARY', health: 1 });
    const { ark } = delayed().replicaSet;
    expect(compareGtids(ark.lastEntry, gtid)).toBeLessThan(0);
    expect(ark.commitPoint).toEqual(ark.lastEntry);
    const reported = primary.replicaSet.ark.progress[2]?.position;
    expect(reported).toEqual(ark.lastEntry);

    const index = cluster.members.indexOf(primary);
    await primary.stop();
    const next = await cluster.primary(cluster.members.filter((_, id) => id !== index));
    expect(delayed().replicaSet.ark.vote).toMatchObject({ term: next.replicaSet.term });
  });

  it('reads what was committed so long ago, through the driver', async () => {
    const primary = await start(3);
    const gtid = await primary.insert({ _id: 'old' });
    aheadMs = delaySecs * 1000 + 1000;
    await until(() => has(delayed(), gtid));
    aheadMs = 0;
    await primary.majority(await primary.insert({ _id: 'new' }));
    await asksAgain();

    const client = new MongoClient(`mongodb://${delayed().host}/?directConnection=true`);
    try {
      const things = client.db('test').collection('things', { readPreference: 'secondary' });
      for (const level of ['local', 'majority'] as const) {
        const found = await things.find({}, { readConcern: { level } }).toArray();
        expect(found).toEqual([{ _id: 'old' }]);
      }
      const hello = await client.db('admin').command({ hello: 1 });
      expect(hello).toMatchObject({ hidden: true, passive: true, secondaryDelaySecs: delaySecs });
      expect(JSON.stringify([hello.hosts, hello.passives])).not.toContain(delayed().host);
    } finally {
      await client.close();
    }
  });

  it('obeys a new delay at once', async () => {
    const primary = await start(3);
    const first = await primary.insert({ _id: 1 });
    await asksAgain();
    expect(has(delayed(), first)).toBe(false);

    await setDelay(primary, 0);
    await until(
      () => has(delayed(), first),
      () => cluster.describe(),
    );
    await setDelay(primary, delaySecs);
    await until(() => delayed().replicaSet.ark.config?.members[2]?.secondaryDelaySecs !== 0);
    const second = await primary.insert({ _id: 2 });
    await asksAgain();
    expect(has(delayed(), second)).toBe(false);
  });

  it('never sees what was rolled back while it was too young', async () => {
    const primary = await start(4, { votes: 0 });
    await primary.majority(await primary.insert({ _id: 'kept' }));
    await cluster.primary();
    const others = cluster.members.filter((one) => one !== primary && one !== delayed());
    for (const other of others) {
      cluster.faults.isolate(other.host, [primary.host, delayed().host]);
    }
    const lost = await primary.insert({ _id: 'lost' });
    const next = await cluster.primary(others);
    await next.majority(await next.insert({ _id: 'after' }));

    cluster.faults.heal();
    const after = await next.insert({ _id: 'later' });
    aheadMs = delaySecs * 1000 + 10_000;
    await until(
      () => has(delayed(), after) && has(primary, after),
      () => cluster.describe(),
    );

    expect(primary.replicaSet.rollbackId).toBe(2);
    expect(delayed().replicaSet.rollbackId).toBe(1);
    expect(lost.term).toBeLessThan(after.term);
  });
});
