/** What a sort may take: `allowDiskUse`, and the server parameters about it (manual: find, aggregate). */
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { client, db } = await startShop();
const things = db.collection<Document & { _id: number }>('things');
const sortMemory = 'internalQueryMaxBlockingSortMemoryUsageBytes';

function setParameter(parameters: Document): Promise<Document> {
  return client.db('admin').command({ setParameter: 1, ...parameters });
}

beforeAll(async () => {
  const documents = Array.from({ length: 5000 }, (_, _id) => ({
    _id,
    a: (_id * 7919) % 5003,
    s: 'x'.repeat(100),
  }));
  await things.insertMany(documents);
  await db.command({ create: 'view', viewOn: 'things' });
  await setParameter({ [sortMemory]: 100_000 });
});
afterAll(() => setParameter({ [sortMemory]: 104_857_600, allowDiskUseByDefault: true }));

const sorts: readonly [string, Document][] = [
  ['find', { find: 'things', sort: { a: 1 }, batchSize: 5000 }],
  ['find of a view', { find: 'view', sort: { a: 1 }, batchSize: 5000 }],
  [
    'aggregate',
    { aggregate: 'things', pipeline: [{ $sort: { a: 1 } }], cursor: { batchSize: 5000 } },
  ],
  [
    'a later $sort',
    {
      aggregate: 'things',
      pipeline: [{ $unset: 's' }, { $set: { t: 'y'.repeat(100) } }, { $sort: { a: 1 } }],
      cursor: { batchSize: 5000 },
    },
  ],
];

describe.each(sorts)('%s', (_, command) => {
  const sorted = async (more: Document): Promise<boolean> => {
    const { cursor } = await db.command({ ...command, ...more });
    const values: number[] = cursor.firstBatch.map(({ a }: Document) => a);
    return values.length === 5000 && values.every((a, at) => at === 0 || values[at - 1]! <= a);
  };

  test('sorts on disk what memory cannot hold, asked to or not', async () => {
    expect(await sorted({})).toBe(true);
    expect(await sorted({ allowDiskUse: true })).toBe(true);
  });

  test('does not when it must not', async () => {
    const [code, message] = await failureOf(sorted({ allowDiskUse: false }));
    expect(code).toBe(292);
    expect(message).toContain('Sort exceeded memory limit of 100000 bytes');
  });

  test('does not when the server does not by default', async () => {
    await setParameter({ allowDiskUseByDefault: false });
    expect((await failureOf(sorted({})))[0]).toBe(292);
    expect(await sorted({ allowDiskUse: true })).toBe(true);
    await setParameter({ allowDiskUseByDefault: true });
  });
});

test('explain tells of the disk', async () => {
  const { executionStats } = await things.find().sort({ a: 1 }).explain('executionStats');
  const { stage, memLimit, usedDisk, spills } = executionStats.executionStages;
  expect({ stage, memLimit, usedDisk }).toEqual({
    stage: 'SORT',
    memLimit: 100_000,
    usedDisk: true,
  });
  expect(spills).toBeGreaterThan(5);
});

test('a cursor over a sort on disk goes on with getMore', async () => {
  const found = await things.find().sort({ a: 1 }).batchSize(700).toArray();
  expect(found.length).toBe(5000);
});
