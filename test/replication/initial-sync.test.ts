import { afterEach, describe, expect, it } from 'vitest';
import { gtidToBytes } from '../../src/database/index.ts';
import { isMemberLocal } from '../../src/replication/member-local.ts';
import { entryAt, putMeta } from '../../storage/index.ts';
import { MemberCluster, storeContents, until } from './support/member-cluster.ts';

let cluster: MemberCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

async function clusterWithData(): Promise<MemberCluster> {
  const started = await MemberCluster.start(3);
  const primary = await started.primary();
  for (let index = 0; index < 50; index++) {
    await primary.insert({ _id: index, filler: 'x'.repeat(2000) });
  }
  await primary.majority(await primary.insert({ _id: 'last' }));
  await started.converged();
  return started;
}

async function expectEqualStores(members: MemberCluster['members']): Promise<void> {
  // Members cut their logs back each at its own time: here the data counts.
  const isData = (row: string) => !/^(oplog|stat 6f706c6f67) /.test(row);
  const contents = members.map((member) => storeContents(member).filter(isData));
  expect(contents[1]).toEqual(contents[0]);
  expect(contents[2]).toEqual(contents[0]);
}

describe('initial sync', () => {
  it('fills a wiped member, which is a new incarnation', async () => {
    cluster = await clusterWithData();
    const primary = await cluster.primary();
    const wiped = cluster.others(primary)[0];
    if (wiped === undefined) {
      throw new Error('there are three members');
    }
    const { incarnation } = wiped.replicaSet.ark;
    const index = cluster.members.indexOf(wiped);
    await wiped.stop();
    await primary.insert({ _id: 'while it was away' });
    const fresh = await wiped.restartWiped();
    cluster.members[index] = fresh;
    await until(
      () => fresh.replicaSet.role === 'secondary',
      () => cluster?.describe() ?? '',
    );
    expect(fresh.replicaSet.ark.incarnation).not.toBe(incarnation);
    await primary.insert({ _id: 'afterwards' });
    await cluster.converged();
    await expectEqualStores(cluster.members);
    expect(fresh.lines.join('\n')).toContain('transition to SECONDARY from STARTUP2');
  });

  it('does not copy that the source has dropped a collection of its own', () => {
    const local = Buffer.from('6480000001', 'hex');
    const replicated = Buffer.from('6400000001', 'hex');

    expect(isMemberLocal('drop', local)).toBe(true);
    expect(isMemberLocal('drop', replicated)).toBe(false);
  });

  it('begins again after a crash in its middle', async () => {
    cluster = await clusterWithData();
    const primary = await cluster.primary();
    const member = cluster.others(primary)[0];
    if (member === undefined) {
      throw new Error('there are three members');
    }
    const index = cluster.members.indexOf(member);
    await member.stop();
    await member.engine.write((transaction) => {
      putMeta(transaction, 'local.initialSync', Buffer.from([1]));
      const cursor = transaction.cursor('doc', {});
      cursor.next();
      const key = Buffer.from(cursor.key);
      cursor.close();
      transaction.delete('doc', key);
    });
    const again = await member.restart();
    cluster.members[index] = again;
    await cluster.converged();
    await expectEqualStores(cluster.members);
    expect(again.lines.join('\n')).toContain('Initial sync done');
  });

  it('replaces a log that nobody continues any more, under the same incarnation', async () => {
    cluster = await MemberCluster.start(3, { oplogBytesMax: 20_000 });
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 'first' }));
    await cluster.converged();
    const stale = cluster.others(primary)[0];
    if (stale === undefined) {
      throw new Error('there are three members');
    }
    const index = cluster.members.indexOf(stale);
    const { incarnation } = stale.replicaSet.ark;
    const position = stale.replicaSet.lastDurable;
    await stale.stop();
    for (let count = 0; count < 60; count++) {
      await primary.insert({ _id: count, filler: 'x'.repeat(2000) });
    }
    await primary.majority(await primary.insert({ _id: 'last' }));
    const others = cluster.members.filter((member) => member !== stale);
    await until(
      () =>
        others.every(
          (member) => entryAt(member.engine.latest, gtidToBytes(position)) === undefined,
        ),
      () => cluster?.describe() ?? '',
    );
    // What has left the log is still in the memory of those who wrote it.
    for (const member of others) {
      await member.stop();
      cluster.members[cluster.members.indexOf(member)] = await member.restart();
    }
    const again = await stale.restart();
    cluster.members[index] = again;
    await cluster.converged();
    await expectEqualStores(cluster.members);
    expect(again.replicaSet.ark.incarnation).toBe(incarnation);
    const lines = again.lines.join('\n');
    expect(lines).toContain('resync {"because":"tooStale"');
    expect(lines).toContain('transition to RECOVERING from SECONDARY');
    expect(lines).toContain('transition to STARTUP2 from RECOVERING');
    expect(lines).toContain('transition to SECONDARY from STARTUP2');
    expect(again.crashed).toBeUndefined();
  });

  it('goes on inside the same snapshot after a lost connection', async () => {
    cluster = await clusterWithData();
    const primary = await cluster.primary();
    const wiped = cluster.others(primary)[0];
    if (wiped === undefined) {
      throw new Error('there are three members');
    }
    const index = cluster.members.indexOf(wiped);
    await wiped.stop();
    cluster.faults.lose('clone');
    const fresh = await wiped.restartWiped();
    cluster.members[index] = fresh;
    await until(() => fresh.lines.some((line) => line.includes('Starting initial sync')));
    // Told while an attempt runs; between two attempts there is nothing to tell.
    let told: unknown;
    await until(() => {
      told = fresh.replicaSet.status().initialSyncStatus;
      return told !== undefined;
    });
    expect(told).toMatchObject({
      initialSyncStart: expect.any(Date),
      syncSourceHost: expect.any(String),
    });
    cluster.faults.heal();
    await cluster.converged();
    await expectEqualStores(cluster.members);
  });
});
