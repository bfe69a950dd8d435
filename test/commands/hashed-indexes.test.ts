/** Hashed indexes, by the manual's page of them. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();
const things = db.collection<Document>('things');
beforeEach(async () => {
  await db.dropDatabase();
});

async function scanOf(filter: Document, sort?: Document): Promise<Document | undefined> {
  const plan = await things.find(filter, sort === undefined ? {} : { sort }).explain();
  let stage = plan.queryPlanner.winningPlan;
  while (stage.inputStage !== undefined) stage = stage.inputStage;
  return stage.stage === 'IXSCAN' ? stage : undefined;
}

const documents = [
  { _id: 1, a: 1 },
  { _id: 2, a: 1.5 },
  { _id: 3, a: 'x' },
  { _id: 4, a: null },
  { _id: 5 },
  { _id: 6, a: { b: 1 } },
  { _id: 7, a: 2 },
];

describe('a hashed index', () => {
  beforeEach(async () => {
    await things.createIndex({ a: 'hashed' });
    await things.insertMany(documents as never);
  });

  test.each<[Document, boolean]>([
    [{ a: 1 }, true],
    [{ a: 1.5 }, true],
    [{ a: { $in: [2, 'x'] } }, true],
    [{ a: null }, true],
    [{ a: { b: 1 } }, true],
    [{ a: 99 }, true],
    [{ a: { $gt: 1 } }, false],
    [{ a: { $ne: 1 } }, false],
    [{ a: /x/ }, false],
    [{ a: { $in: [/x/] } }, false],
    [{ a: [1] }, false],
    [{ a: 2 ** 63 }, false],
  ])('answers %j: %s, and misses nothing', async (filter, isUsed) => {
    expect((await scanOf(filter)) !== undefined).toBe(isUsed);
    const found = await things.find(filter).sort({ _id: 1 }).toArray();
    expect(found).toEqual(await things.find(filter, { hint: { $natural: 1 } }).toArray());
  });

  test('gives no order', async () => {
    expect(await scanOf({}, { a: 1 })).toBeUndefined();
    const sorted = await things.find({ a: { $in: [2, 1] } }, { sort: { a: -1 } }).toArray();
    expect(sorted.map(({ _id }) => _id)).toEqual([7, 1]);
  });

  test('is shown with hashes for bounds, and may be hinted at', async () => {
    expect(await scanOf({ a: 1 })).toMatchObject({
      keyPattern: { a: 'hashed' },
      indexName: 'a_hashed',
      isMultiKey: false,
      indexBounds: { a: ['[5902408780260971510, 5902408780260971510]'] },
    });
    expect(await things.indexes()).toContainEqual({ v: 2, key: { a: 'hashed' }, name: 'a_hashed' });
    expect(await things.countDocuments({ a: 1 }, { hint: { a: 'hashed' } })).toBe(1);
    expect(await db.command({ validate: 'things' })).toMatchObject({
      valid: true,
      keysPerIndex: { a_hashed: 7 },
    });
  });

  test('has no place for arrays', async () => {
    expect(await failureOf(things.insertOne({ a: [1] }))).toEqual([
      16766,
      'hashed indexes do not currently support array values. Found array at path: a',
    ]);
    expect((await failureOf(things.updateOne({ a: 1 }, { $set: { a: [1] } })))[0]).toBe(16766);
    await things.createIndex({ 'p.q.r': 'hashed' });
    expect(await failureOf(things.insertOne({ p: { q: [{ r: 1 }] } }))).toEqual([
      16766,
      'hashed indexes do not currently support array values. Found array at path: p.q',
    ]);
    await things.insertOne({ z: [1] });
    expect((await failureOf(things.createIndex({ z: 'hashed' })))[0]).toBe(16766);
  });

  test('follows updates', async () => {
    await things.updateOne({ _id: 1 } as never, { $set: { a: 'new' } });
    expect(await things.find({ a: 'new' }).toArray()).toEqual([{ _id: 1, a: 'new' }]);
    expect(await things.countDocuments({ a: 1 })).toBe(0);
  });
});

describe('a compound hashed index', () => {
  beforeEach(async () => {
    await things.createIndex({ a: 1, b: 'hashed', c: -1 });
    await things.insertMany(
      [0, 1, 2, 3, 4, 5, 6, 7].map((_id) => ({
        _id: _id as never,
        a: _id % 2,
        b: _id % 4,
        c: _id,
      })),
    );
  });

  test('has order before the hash, and behind a hash that is known', async () => {
    expect(await scanOf({ a: 1 })).toMatchObject({
      indexBounds: { a: ['[1, 1]'], b: ['[MinKey, MaxKey]'], c: ['[MaxKey, MinKey]'] },
    });
    expect((await scanOf({ a: { $gte: 0 } }, { a: 1 }))?.direction).toBe('forward');
    const sorted = await things.find({ a: 1, b: 3 }, { sort: { c: -1 } });
    expect((await sorted.toArray()).map(({ _id }) => _id)).toEqual([7, 3]);
    expect((await scanOf({ a: 1, b: 3 }, { c: -1 }))?.direction).toBe('forward');
    const byB = await things.find({ a: 1 }, { sort: { b: 1, _id: 1 } }).toArray();
    expect(byB.map(({ _id }) => _id)).toEqual([1, 5, 3, 7]);
  });

  test('covers what is not hashed, and nothing else', async () => {
    const read = (projection: Document) =>
      things.find({ a: 1 }, { projection: { _id: 0, ...projection } }).toArray();
    expect((await read({ c: 1 })).map(({ c }) => c).sort()).toEqual([1, 3, 5, 7]);
    expect((await read({ b: 1 })).map(({ b }) => b).sort()).toEqual([1, 1, 3, 3]);
  });

  test('has one hashed field, is not unique, and refuses arrays in every field', async () => {
    expect(await failureOf(things.createIndex({ x: 'hashed', y: 'hashed' }))).toEqual([
      31303,
      'A maximum of one index field is allowed to be hashed but found 2 for \'key\' { x: "hashed", y: "hashed" }',
    ]);
    expect(await failureOf(things.createIndex({ x: 'hashed' }, { unique: true }))).toEqual([
      16764,
      'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.',
    ]);
    expect((await failureOf(things.insertOne({ a: [1], b: 1 })))[0]).toBe(16766);
  });
});

test('sparse, partial and TTL go with hashed', async () => {
  await things.createIndex({ a: 'hashed' }, { sparse: true });
  await things.createIndex({ b: 'hashed' }, { partialFilterExpression: { c: 1 } });
  await things.createIndex({ d: 'hashed' }, { expireAfterSeconds: 1 });
  await things.createIndex({ _id: 'hashed' });
  await things.insertMany([{ a: 1, c: 1 }, { b: 2 }]);
  expect(await db.command({ validate: 'things' })).toMatchObject({
    keysPerIndex: { a_hashed: 1, b_hashed: 1, d_hashed: 2, _id_hashed: 2 },
  });
  expect(await scanOf({ a: null })).toBeUndefined();
  expect(await scanOf({ a: 1 })).toMatchObject({ isSparse: true });
});
