/** createIndexes beside indexes that are there, and what an index may say of itself. */
import type { Db, Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningServer, startMemoryServer } from '../support/command-server.ts';

let server: RunningServer;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  server = await startMemoryServer();
  client = await server.client();
  db = client.db('shop');
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.dropDatabase();
});

async function codeOf(command: Document): Promise<number> {
  return db.command(command).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

test.each<[Document, number]>([
  [{ key: { a: 1 }, name: 'a_1', hidden: true }, 0],
  [{ key: { a: 1 }, name: 'a_1' }, 85],
  [{ key: { a: 1 }, name: 'a_1', hidden: false }, 85],
  [{ key: { a: 1 }, name: 'other' }, 85],
  [{ key: { b: 1 }, name: 'a_1' }, 86],
])('beside a hidden index, %j: %i', async (index, code) => {
  await db.collection('c').createIndex({ a: 1 }, { hidden: true });
  expect(await codeOf({ createIndexes: 'c', indexes: [index] })).toBe(code);
});

test.each<[Document, number]>([
  [{ min: 10, max: 10 }, 72],
  [{ min: 10, max: -10 }, 72],
  [{ min: 200 }, 72],
  [{ min: 'x' }, 14],
  [{ bits: 0 }, 72],
])('a 2d index of %j: %i', async (options, code) => {
  const index = { key: { a: '2d' }, name: 'a_2d', ...options };
  expect(await codeOf({ createIndexes: 'c', indexes: [index] })).toBe(code);
});

test('the limits of a 2d index are listed as doubles', async () => {
  const index = { key: { a: '2d' }, name: 'a_2d', min: -100, max: 100, bits: 20 };
  await db.command({ createIndexes: 'c', indexes: [index] });
  const raw = await db.collection('c').listIndexes({ promoteValues: false }).toArray();
  expect(raw[1]).toMatchObject({ min: { _bsontype: 'Double' }, max: { _bsontype: 'Double' } });
});

test.each(['x', 1, null, [], [{}], { x: 1 }])(
  '$indexStats takes an empty document, not %j',
  async (argument) => {
    const command = { aggregate: 'c', pipeline: [{ $indexStats: argument }], cursor: {} };
    expect(await codeOf(command)).toBe(28803);
  },
);

test('$indexStats of nothing shows nothing', async () => {
  expect(
    await db
      .collection('none')
      .aggregate([{ $indexStats: {} }])
      .toArray(),
  ).toEqual([]);
});

test('the uses of the _id index are those of its own collection', async () => {
  await db.createCollection('one');
  await db.createCollection('two');
  await db
    .collection('one')
    .find({ _id: { $gt: 1 as never } })
    .toArray();
  const usesIn = async (name: string): Promise<number> => {
    const [stats] = await db
      .collection(name)
      .aggregate([{ $indexStats: {} }])
      .toArray();
    return stats?.accesses.ops;
  };
  expect([await usesIn('one'), await usesIn('two')]).toEqual([1, 0]);
});

test.each([
  { planCacheClear: 'v' },
  { planCacheClearFilters: 'v' },
  { planCacheListFilters: 'v' },
  { planCacheSetFilter: 'v', query: { a: 1 }, indexes: [{ a: 1 }] },
])('the plan cache knows no views: %j', async (command) => {
  await db.createCollection('v', { viewOn: 'c', pipeline: [] });
  expect(await codeOf(command)).toBe(166);
});

test.each([
  { planCacheClear: 't' },
  { planCacheClearFilters: 't' },
  { planCacheListFilters: 't' },
  { planCacheSetFilter: 't', query: { a: 1 }, indexes: [{ a: 1 }] },
])('and no time series: %j', async (command) => {
  await db.createCollection('t', { timeseries: { timeField: 'at' } });
  expect(await codeOf(command)).toBe(166);
});

test.each<[Document, number]>([
  [{ find: 'c', readConcern: { level: 'snapshot' } }, 123],
  [{ find: 'c', readConcern: { level: 'linearizable' } }, 123],
  [{ count: 'c', readConcern: { level: 'snapshot' } }, 72],
  [{ aggregate: 'c', pipeline: [{ $planCacheStats: {} }], readConcern: { level: 'majority' } }, 72],
  [{ aggregate: 'c', pipeline: [{ $match: {} }], readConcern: { level: 'majority' } }, 0],
])('read concerns of a server in no set: %j: %i', async (command, code) => {
  await db.createCollection('c');
  expect(await codeOf('aggregate' in command ? { ...command, cursor: {} } : command)).toBe(code);
});

test.each<[Document, number]>([
  [{ find: 'c', projection: { a: { $elemMatch: { b: { $near: [0, 0] } } } } }, 5626500],
  [
    { find: 'c', projection: { a: { $elemMatch: { $or: [{ b: { $nearSphere: [0, 0] } }] } } } },
    5626500,
  ],
  [{ find: 'c', projection: { a: { $elemMatch: { b: 1 } } } }, 0],
  [{ find: 'v', projection: { a: { $elemMatch: { b: 1 } } } }, 168],
])('%j: %i', async (command, code) => {
  await db.collection('c').insertOne({ a: [] });
  await db.createCollection('v', { viewOn: 'c', pipeline: [] });
  expect(await codeOf(command)).toBe(code);
});

test('what the server keeps by itself has no indexes', async () => {
  await db.command({ profile: 2 });
  await db.collection('c').findOne({});
  await db.command({ profile: 0 });
  expect(await db.collection('system.profile').listIndexes().toArray()).toEqual([]);
});
