import { afterEach, describe, expect, it } from 'vitest';
import { isMemberLocal } from '../../src/replication/member-local.ts';
import { putMeta } from '../../storage/index.ts';
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
  const contents = members.map(storeContents);
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
    cluster.faults.heal();
    await cluster.converged();
    await expectEqualStores(cluster.members);
  });
});
