/**
 * The three examples of the Ark paper (Kasheff and Walsh, arXiv 1407.4765, sections 3 and 4), with five
 * real members over a network that is cut between them.
 *
 * The start of each: n1 is primary; n2 and n3 follow n1, n4 and n5 follow n3. Only n1 and n3 may
 * become primary.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize } from 'bson';
import { MongoClient, type MongoServerError } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';

const [n1, n2, n3, n4, n5] = [0, 1, 2, 3, 4];
const everyone = [n1, n2, n3, n4, n5];

describe('five members of whom n1 is primary and n3 may follow it', () => {
  let folder: string;
  let set: Cluster;
  let clients: MongoClient[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arkset-paper-'));
    set = await Cluster.start({
      folder,
      members: [
        { priority: 1 },
        { priority: 0 },
        { priority: 1 },
        { priority: 0 },
        { priority: 0 },
      ],
    });
    clients = set.hosts.map(
      (host) =>
        new MongoClient(`mongodb://${host}/`, { directConnection: true, retryWrites: false }),
    );
    await until(() => {
      for (const member of everyone) {
        expect(set.member(member).replicaSet?.stateName).toMatch(/^(PRIMARY|SECONDARY)$/);
      }
    });
    await n1IsPrimary();
    await admin(n4, { replSetSyncFrom: set.hosts[n3] });
    await admin(n5, { replSetSyncFrom: set.hosts[n3] });
    await write(n1, 'start', 5);
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await set.stop();
    rmSync(folder, { recursive: true });
  });

  function collection(member: number) {
    return (clients[member] as MongoClient).db('paper').collection<{ _id: string }>('writes');
  }

  function admin(member: number, command: Record<string, unknown>) {
    return (clients[member] as MongoClient).db('admin').command(command);
  }

  function write(member: number, id: string, w: number | 'majority', wtimeoutMS = 10_000) {
    return collection(member).insertOne({ _id: id }, { writeConcern: { w, wtimeoutMS } });
  }

  async function idsOn(member: number): Promise<string[]> {
    const found = await collection(member)
      .find({}, { readPreference: 'secondaryPreferred', sort: { _id: 1 } })
      .toArray();
    return found.map(({ _id }) => _id);
  }

  async function termOf(member: number): Promise<number> {
    return Number((await admin(member, { replSetGetStatus: 1 })).term);
  }

  function hosts(...members: number[]): string[] {
    return members.map((member) => set.hosts[member] as string);
  }

  /** Whoever was elected first hands over until it is n1. */
  async function n1IsPrimary(): Promise<void> {
    if ((await set.writable()) !== n1) {
      await admin(n3, { replSetStepDown: 20, secondaryCatchUpPeriodSecs: 10 });
    }
    await until(() => expect(set.primaries).toEqual([n1]));
    await admin(n3, { replSetFreeze: 0 });
  }

  function until(holds: () => void | Promise<void>): Promise<void> {
    return vi.waitFor(holds, { timeout: 20_000, interval: 10 });
  }

  async function everyoneHas(ids: string[]): Promise<void> {
    await until(async () => {
      expect(await Promise.all(everyone.map(idsOn))).toEqual(everyone.map(() => ids));
    });
  }

  /** What the rollbacks of a member have put aside. */
  function rolledBack(member: number): string[] {
    const root = join(set.memberFolder(member) as string, 'rollback');
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && file.name.endsWith('.bson'))
      .flatMap((file) => documentsIn(readFileSync(join(file.parentPath, file.name))))
      .map((document) => String(document._id));
  }

  it('Example 1: the new primary stays, the old one steps down and takes back what was not acknowledged', async () => {
    const termBefore = await termOf(n1);
    set.network.partition([hosts(n1, n2), hosts(n3, n4, n5)]);
    await write(n1, 'minority', 1);
    await until(() => expect(set.primaries).toContain(n3));
    await write(n3, 'A', 'majority');
    const termOfN3 = await termOf(n3);
    set.network.heal();

    await until(() => expect(set.primaries).toEqual([n3]));
    await everyoneHas(['A', 'start']);

    expect(termOfN3).toBeGreaterThan(termBefore);
    expect(await termOf(n3)).toBe(termOfN3);
    expect(rolledBack(n1)).toEqual(['minority']);
  }, 60_000);

  it('Example 2: a member that is told to follow the old primary does not roll back to it', async () => {
    set.network.partition([hosts(n1, n2), hosts(n3, n4, n5)]);
    await until(() => expect(set.primaries).toContain(n3));
    await write(n3, 'A', 'majority');
    set.network.heal();
    const followsN1 = admin(n4, { replSetSyncFrom: set.hosts[n1] }).catch(() => {});
    const b = await write(n1, 'B', 'majority', 3_000).catch((error: MongoServerError) => error);
    await followsN1;

    await until(() => expect(set.primaries).toEqual([n3]));
    await everyoneHas(['A', 'start']);

    expect(b).toBeInstanceOf(Error);
    expect(rolledBack(n4)).toEqual([]);
  }, 60_000);

  it('Example 3: members that voted for a new term do not acknowledge the old one', async () => {
    const termOfN1 = await termOf(n1);
    // n4 and n5 vote for n3, which never learns it.
    for (const voter of hosts(n4, n5))
      set.network.drop(voter, ...(hosts(n3) as [string]), 'voteAnswer');
    set.network.partition([hosts(n1, n2), hosts(n3, n4, n5)]);
    await until(async () => {
      for (const voter of [n4, n5]) expect(await votedTerm(voter)).toBeGreaterThan(termOfN1);
    });
    set.network.healLinks();
    const a = await write(n1, 'A', 'majority', 1_000).catch((error: MongoServerError) => error);
    set.network.heal();

    await until(() => expect(set.primaries).toHaveLength(1));
    await write(await set.writable(), 'after', 'majority');
    const ids = await idsOn(await set.writable());
    await everyoneHas(ids);

    expect(a).toBeInstanceOf(Error);
    expect(ids).toEqual(expect.arrayContaining(['after', 'start']));
  }, 60_000);

  async function votedTerm(member: number): Promise<number> {
    const status = await admin(member, { replSetGetStatus: 1 });
    return Number(status.ark.maxVotedTermId);
  }
});

function documentsIn(bytes: Buffer): Record<string, unknown>[] {
  const documents: Record<string, unknown>[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
    documents.push(deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))));
  }
  return documents;
}
