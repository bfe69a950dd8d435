import { afterEach, describe, expect, it } from 'vitest';
import type { Gtid } from '../../src/ark/index.ts';
import { entryGtid } from '../../src/database/index.ts';
import { scanOplog } from '../../storage/index.ts';
import { type ClusterMember, MemberCluster, storeContents } from './support/member-cluster.ts';

let cluster: MemberCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

/** A generator a failing run can be repeated with. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function positionsIn(member: ClusterMember): Set<string> {
  const found = new Set<string>();
  const cursor = scanOplog(member.engine.latest);
  while (cursor.next()) {
    const gtid = entryGtid(cursor.buffer.subarray(cursor.start));
    found.add(`${gtid.term}.${gtid.opid}`);
  }
  cursor.close();
  return found;
}

const rounds = 8;

describe('under partitions and crashes', () => {
  it('no write acknowledged by a majority is lost, and the stores become equal', async () => {
    const seed = Number(process.env.CHAOS_SEED ?? 7);
    const random = randomFrom(seed);
    const set = await MemberCluster.start(3);
    cluster = set;
    await set.primary();
    await set.converged();
    const acknowledged: Gtid[] = [];
    let isRunning = true;
    let next = 0;
    const writer = async () => {
      while (isRunning) {
        const primary = set.members.find(({ replicaSet }) => replicaSet.role === 'primary');
        try {
          if (primary !== undefined) {
            const gtid = await primary.insert({ _id: next++ });
            await primary.majority(gtid, 300);
            acknowledged.push(gtid);
          }
        } catch {
          // Not acknowledged: it may live or be lost.
        }
        await new Promise((resolve) => {
          setTimeout(resolve, primary === undefined ? 5 : 0);
        });
      }
    };
    const writers = [writer(), writer(), writer()];
    for (let round = 0; round < rounds; round++) {
      const index = Math.floor(random() * 3);
      const victim = set.member(index);
      const others = set.others(victim).map(({ host }) => host);
      const before = acknowledged.length;
      if (random() < 0.5) {
        set.faults.isolate(victim.host, others);
      } else {
        await victim.stop();
        victim.engine.crash({ loseUnsynced: true });
        victim.durableState.crash({ loseUnsynced: true });
        set.members[index] = await victim.restart();
      }
      const enough = before + 20;
      const deadline = performance.now() + 6000;
      while (acknowledged.length < enough && performance.now() < deadline) {
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
      }
      expect(acknowledged.length, `round ${round} seed ${seed}\n${set.describe()}`).toBeGreaterThan(
        before,
      );
      set.faults.heal();
    }
    isRunning = false;
    await Promise.all(writers);
    await set.converged();
    expect(set.members.map(({ crashed }) => crashed)).toEqual([undefined, undefined, undefined]);
    const contents = set.members.map(storeContents);
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]).toEqual(contents[0]);
    const kept = positionsIn(set.member(0));
    expect(acknowledged.filter(({ term, opid }) => !kept.has(`${term}.${opid}`))).toEqual([]);
  });
});
