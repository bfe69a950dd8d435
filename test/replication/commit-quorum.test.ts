/** The commit quorum of an index build, as a client asks for it. Manual: createIndexes, setIndexCommitQuorum. */
import { type Document, MongoClient } from 'mongodb';
import { afterEach, expect, test } from 'vitest';
import { type ClusterMember, MemberCluster, until } from './support/member-cluster.ts';

let cluster: MemberCluster | undefined;
let client: MongoClient | undefined;

afterEach(async () => {
  await client?.close();
  await cluster?.stop();
  cluster = undefined;
});

const name = 'a_1';
const indexes = [{ key: { a: 1 }, name }];

interface Started {
  readonly primary: ClusterMember;
  run(command: Document): Promise<Document>;
  states(): (string | undefined)[];
}

/** Three members, the last one without a vote, and one document in `test.things`. */
async function start(votes = [1, 1, 1]): Promise<Started> {
  cluster = await MemberCluster.start(3, {
    members: (_host, id) => ({
      votes: votes[id],
      priority: votes[id],
      tags: { rack: id === 1 ? 'b' : 'a' },
    }),
    settings: { getLastErrorModes: { twoRacks: { rack: 2 } } },
  });
  const primary = await cluster.primary();
  await primary.insert({ _id: 1, a: 1 });
  await cluster.converged();
  client = new MongoClient(`mongodb://${primary.host}/?directConnection=true`);
  const db = client.db('test');
  const stateOn = ({ database }: ClusterMember): string | undefined =>
    database.catalog.byNamespace('test.things')?.indexes.find((index) => index.name === name)
      ?.state;
  return {
    primary,
    run: (command) => db.command({ ...command, writeConcern: { w: 1 } }),
    states: () => [primary, ...(cluster as MemberCluster).others(primary)].map(stateOn),
  };
}

test.each([
  ['votingMembers', [1, 1, 1]],
  ['majority', [1, 1, 1]],
  ['twoRacks', [1, 1, 1]],
  [3, [1, 1, 1]],
] as const)(
  '%s of votes %j: an index is ready when they have built it',
  async (commitQuorum, votes) => {
    const { run } = await start([...votes]);
    const reply = await run({ createIndexes: 'things', indexes, commitQuorum });
    expect(reply).toMatchObject({ commitQuorum, numIndexesAfter: 2 });
  },
);

test('who has no vote is not waited for', async () => {
  const { primary, run, states } = await start([1, 1, 0]);
  const ids = cluster?.others(primary).map(({ replicaSet }) => replicaSet.ark.self) as number[];
  const silent = cluster?.others(primary)[ids.indexOf(2)] as ClusterMember;
  for (const { host } of cluster?.members ?? []) cluster?.faults.cut(silent.host, host, 'pull');
  const command = { createIndexes: 'things', indexes, commitQuorum: 'votingMembers' };
  expect(await run(command)).toMatchObject({ numIndexesAfter: 2 });
  expect(states()[1 + ids.indexOf(2)]).toBeUndefined();
});

test('until they have, nobody may use it, and then all may', async () => {
  const { run, states } = await start();
  cluster?.faults.lose('pull');
  const creating = run({ createIndexes: 'things', indexes, commitQuorum: 'majority' });
  await until(() => states()[0] === 'building');
  await run({ insert: 'things', documents: [{ _id: 2, a: 2 }] });
  expect(states()[0]).toBe('building');
  cluster?.faults.heal();
  await creating;
  const found = await client?.db('test').collection('things').find({ a: 2 }).hint(name).toArray();
  expect(found).toEqual([{ _id: 2, a: 2 }]);
  await until(() => states().every((state) => state === 'ready'));
});

test('without a quorum a build waits for nobody', async () => {
  const { run } = await start();
  cluster?.faults.lose('pull');
  for (const commitQuorum of [undefined, 0, 1]) {
    const index = { key: { [`b${commitQuorum}`]: 1 }, name: `b${commitQuorum}` };
    const option = commitQuorum === undefined ? {} : { commitQuorum };
    const reply = await run({ createIndexes: 'things', indexes: [index], ...option });
    expect(reply.commitQuorum).toBe(commitQuorum ?? 0);
  }
  const reply = await run({ createIndexes: 'new', indexes, commitQuorum: 3 });
  expect(reply.numIndexesAfter).toBe(2);
});

test('a quorum that is lowered meanwhile counts at once', async () => {
  const { run, states } = await start();
  cluster?.faults.lose('pull');
  const creating = run({ createIndexes: 'things', indexes, commitQuorum: 'votingMembers' });
  await until(() => states()[0] === 'building');
  await run({ setIndexCommitQuorum: 'things', indexNames: [name], commitQuorum: 1 });
  await creating;
  expect(states()[0]).toBe('ready');
});

test('a build that waits ends with its index, or with the time of its command', async () => {
  const { run, states } = await start();
  cluster?.faults.lose('pull');
  const command = { createIndexes: 'things', indexes, commitQuorum: 2 };
  const creating = run(command).catch(({ code }) => code);
  await until(() => states()[0] === 'building');
  await run({ dropIndexes: 'things', index: name });
  expect(await creating).toBe(276);
  await expect(run({ ...command, maxTimeMS: 50 })).rejects.toMatchObject({ code: 50 });
  expect(states()[0]).toBeUndefined();
});

test('what can never be met is refused, and so is a quorum for nothing', async () => {
  const { run, states } = await start([1, 1, 0]);
  const codeOf = (command: Document): Promise<number> =>
    run(command).then(
      () => 0,
      ({ code }) => code,
    );
  const create = (commitQuorum: unknown) =>
    codeOf({ createIndexes: 'things', indexes, commitQuorum });
  expect(await create(3)).toBe(278);
  expect(await create('moon')).toBe(79);
  expect(await create(8)).toBe(9);
  expect(await create('')).toBe(9);
  expect(await create({})).toBe(9);
  expect(states()[0]).toBeUndefined();
  const set = (fields: Document) =>
    codeOf({ setIndexCommitQuorum: 'things', indexNames: [name], commitQuorum: 1, ...fields });
  expect(await set({})).toBe(27);
  expect(await set({ indexNames: [] })).toBe(27);
  expect(await set({ indexNames: [1] })).toBe(14);
  expect(await set({ setIndexCommitQuorum: 'none' })).toBe(26);
  cluster?.faults.lose('pull');
  const creating = run({ createIndexes: 'things', indexes, commitQuorum: 2 });
  await until(() => states()[0] === 'building');
  expect(await set({ commitQuorum: 0 })).toBe(2);
  expect(await set({ commitQuorum: 3 })).toBe(278);
  expect(await set({ indexNames: [name, '_id_'] })).toBe(27);
  cluster?.faults.heal();
  await creating;
});

test('every member knows the quorum of a build that it may have to take up', async () => {
  const { primary, run, states } = await start();
  const [second, third] = (cluster as MemberCluster).others(primary) as [
    ClusterMember,
    ClusterMember,
  ];
  cluster?.faults.cut(third.host, primary.host, 'pull');
  cluster?.faults.cut(third.host, second.host, 'pull');
  const creating = run({ createIndexes: 'things', indexes, commitQuorum: 3 }).catch(
    ({ code }) => code,
  );
  await until(() => states()[1] === 'building');
  const info = second.database.catalog.byNamespace('test.things');
  expect(info?.indexes[1]).toMatchObject({ state: 'building', commitQuorum: 3 });
  cluster?.faults.heal();
  expect(await creating).toMatchObject({ commitQuorum: 3 });
});
