/** Sparse and partial indexes, by the manual's pages of the two. */
import { type Document, Long } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();
const things = db.collection<Document>('things');
beforeEach(async () => {
  await db.dropDatabase();
});

/** IXSCAN or COLLSCAN, and of an IXSCAN which index. */
async function accessOf(filter: Document, sort?: Document): Promise<string> {
  const plan = await things.find(filter, sort === undefined ? {} : { sort }).explain();
  let stage = plan.queryPlanner.winningPlan;
  while (stage.inputStage !== undefined) stage = stage.inputStage;
  return stage.stage === 'IXSCAN' ? stage.indexName : stage.stage;
}

async function keysOf(name: string): Promise<number> {
  const { valid, keysPerIndex } = await db.command({ validate: 'things' });
  expect(valid).toBe(true);
  return keysPerIndex[name];
}

describe('a sparse index', () => {
  beforeEach(async () => {
    await things.createIndex({ a: 1 }, { sparse: true });
    await things.insertMany([
      { _id: 1, a: 5 },
      { _id: 2 },
      { _id: 3, a: null },
      { _id: 4, a: 'x' },
    ] as never);
  });

  test('has no key for a document without the field', async () => {
    expect(await keysOf('a_1')).toBe(3);
    expect(await things.countDocuments({}, { hint: 'a_1' })).toBe(3);
  });

  test.each<[Document, string]>([
    [{ a: 5 }, 'a_1'],
    [{ a: { $gt: 1 } }, 'a_1'],
    [{ a: { $in: [1, 5] } }, 'a_1'],
    [{ a: { $exists: true } }, 'a_1'],
    [{ a: { $ne: null } }, 'a_1'],
    [{ a: { $in: [1, null] } }, 'COLLSCAN'],
    [{ a: null }, 'COLLSCAN'],
    [{ a: { $exists: false } }, 'COLLSCAN'],
    [{ a: { $ne: 5 } }, 'COLLSCAN'],
    [{ a: { $not: { $gt: 5 } } }, 'COLLSCAN'],
    [{}, 'COLLSCAN'],
  ])('answers %j by %s, and misses nothing', async (filter, access) => {
    expect(await accessOf(filter)).toBe(access);
    const indexed = await things.find(filter).sort({ _id: 1 }).toArray();
    const scanned = await things.find(filter, { hint: { $natural: 1 } }).toArray();
    expect(indexed).toEqual(scanned);
  });

  test('gives no order to a query that wants every document', async () => {
    expect(await accessOf({}, { a: 1 })).toBe('COLLSCAN');
    expect(await accessOf({ a: { $gt: 0 } }, { a: 1 })).toBe('a_1');
  });

  test('gives what it has to a client that insists', async () => {
    const found = await things.find({}, { hint: { a: 1 }, sort: { a: 1 } }).toArray();
    expect(found.map(({ _id }) => _id)).toEqual([3, 1, 4]);
  });

  test('is shown as such', async () => {
    expect(await things.indexes()).toContainEqual({
      v: 2,
      key: { a: 1 },
      name: 'a_1',
      sparse: true,
    });
    const plan = await things.find({ a: 5 }).explain();
    expect(plan.queryPlanner.winningPlan.inputStage).toMatchObject({
      isSparse: true,
      isPartial: false,
    });
  });

  test('of several fields has a key for a document with one of them', async () => {
    await things.createIndex({ a: 1, b: 1 }, { sparse: true });
    await things.insertOne({ _id: 5, b: 1 } as never);
    expect(await keysOf('a_1_b_1')).toBe(4);
  });

  test('that is unique lets any number of documents lack the field', async () => {
    await things.createIndex({ u: 1 }, { sparse: true, unique: true });
    await things.insertMany([{ _id: 10, u: 1 }, { _id: 11 }, { _id: 12, u: null }] as never);
    expect((await failureOf(things.insertOne({ u: 1 })))[0]).toBe(11000);
    expect((await failureOf(things.insertOne({ u: null })))[0]).toBe(11000);
    expect((await failureOf(things.insertOne({})))[0]).toBe(0);
  });

  test('follows its field through updates', async () => {
    await things.updateOne({ _id: 2 } as never, { $set: { a: 7 } });
    await things.updateOne({ _id: 1 } as never, { $unset: { a: 1 } });
    expect(await keysOf('a_1')).toBe(3);
    expect(await things.find({ a: 7 }).toArray()).toHaveLength(1);
  });
});

describe('a partial index', () => {
  beforeEach(async () => {
    await things.createIndex({ a: 1 }, { partialFilterExpression: { b: { $gt: 5 } } });
    await things.insertMany([
      { _id: 1, a: 1, b: 1 },
      { _id: 2, a: 1, b: 6 },
      { _id: 3, a: 1, b: 'x' },
      { _id: 4, a: 1, b: [1, 9] },
      { _id: 5, a: 2, b: 7 },
    ] as never);
  });

  test.each<[Document, string]>([
    [{ a: 1, b: { $gt: 5 } }, 'a_1'],
    [{ a: 1, b: { $gte: 6 } }, 'a_1'],
    [{ a: 1, b: 6 }, 'a_1'],
    [{ a: 1, b: Long.fromNumber(6) }, 'a_1'],
    [{ a: 1, b: { $in: [6, 9] } }, 'a_1'],
    [{ $and: [{ a: 1 }, { $and: [{ b: { $gt: 8 } }] }] }, 'a_1'],
    [{ a: 1, $or: [{ b: 6 }, { b: { $gt: 7 } }] }, 'a_1'],
    [{ a: 1 }, 'COLLSCAN'],
    [{ a: 1, b: { $gte: 5 } }, 'COLLSCAN'],
    [{ a: 1, b: { $in: [1, 9] } }, 'COLLSCAN'],
    [{ a: 1, b: 'x' }, 'COLLSCAN'],
    [{ a: 1, b: { $lt: 9 } }, 'COLLSCAN'],
    [{ a: 1, b: Number.NaN }, 'COLLSCAN'],
    [{ a: 1, $or: [{ b: 6 }, { b: 1 }] }, 'COLLSCAN'],
    [{ a: 1, $nor: [{ b: { $lte: 5 } }] }, 'COLLSCAN'],
    [{ a: 1, b: { $not: { $lte: 5 } } }, 'COLLSCAN'],
    [{ b: 6 }, 'COLLSCAN'],
  ])('answers %j by %s, and misses nothing', async (filter, access) => {
    expect(await accessOf(filter)).toBe(access);
    const indexed = await things.find(filter).sort({ _id: 1 }).toArray();
    const scanned = await things.find(filter, { hint: { $natural: 1 } }).toArray();
    expect(indexed).toEqual(scanned);
  });

  test('takes documents in and lets them go as they change', async () => {
    expect(await keysOf('a_1')).toBe(3);
    await things.updateOne({ _id: 1 } as never, { $set: { b: 10 } });
    await things.updateOne({ _id: 2 } as never, { $set: { b: 2 } });
    await things.updateOne({ _id: 3 } as never, { $set: { b: 8, a: 9 } });
    expect(await keysOf('a_1')).toBe(4);
    const found = await things.find({ a: { $gt: 0 }, b: { $gt: 5 } }).toArray();
    expect(found.map(({ _id }) => _id).sort()).toEqual([1, 3, 4, 5]);
  });

  test('gives what it has to a client that insists', async () => {
    expect(await things.countDocuments({ a: 1 }, { hint: 'a_1' })).toBe(2);
  });

  test('is shown as such', async () => {
    const partialFilterExpression = { b: { $gt: 5 } };
    expect(await things.indexes()).toContainEqual({
      v: 2,
      key: { a: 1 },
      name: 'a_1',
      partialFilterExpression,
    });
    const plan = await things.find({ a: 1, b: 6 }).explain();
    expect(plan.queryPlanner.winningPlan.inputStage).toMatchObject({
      isSparse: false,
      isPartial: true,
    });
  });

  test('that is unique compares only the documents it has', async () => {
    await things.createIndex(
      { u: 1 },
      { unique: true, partialFilterExpression: { u: { $exists: true }, live: true } },
    );
    await things.insertMany([{ u: 1 }, { u: 1, live: false }, { u: 1, live: true }]);
    expect((await failureOf(things.insertOne({ u: 1, live: true })))[0]).toBe(11000);
    const [code] = await failureOf(
      things.updateOne({ u: 1, live: false }, { $set: { live: true } }),
    );
    expect(code).toBe(11000);
    const upserted = things.updateOne(
      { u: 1, live: true, x: 1 },
      { $set: { y: 1 } },
      { upsert: true },
    );
    expect((await failureOf(upserted))[0]).toBe(11000);
  });

  test('may stand beside others on the same key', async () => {
    await things.createIndex({ a: 1 }, { name: 'all' });
    await things.createIndex({ a: 1 }, { name: 'c', partialFilterExpression: { c: 1 } });
    expect(await accessOf({ a: 1 })).toBe('all');
  });
});

test.each<[Document, Document]>([
  [{ c: 1, 'a.b': 1 }, { sparse: true }],
  [{ c: 1 }, { partialFilterExpression: { 'a.b': { $exists: true } } }],
])('%j with %j is not for negations below an empty array', async (key, options) => {
  await things.createIndex(key as never, { name: 'i', ...options });
  await things.insertMany([{ _id: 1, a: [] }, { _id: 2, a: { b: 1 } }, { _id: 3 }] as never);
  const filter = { c: null, 'a.b': { $ne: null } };
  const scanned = await things.find(filter, { hint: { $natural: 1 } }).toArray();
  expect(scanned.map(({ _id }) => _id)).toEqual([1, 2]);
  expect(await things.find(filter).toArray()).toEqual(expect.arrayContaining(scanned));
});

test('partial expressions that say the same are the same', async () => {
  const partialFilterExpression = { $and: [{ a: { $gt: 1 } }, { b: 2 }] };
  const index = { key: { k: 1 }, name: 'k_1', partialFilterExpression };
  const create = (expression: Document) =>
    db.command({
      createIndexes: 'things',
      indexes: [{ ...index, partialFilterExpression: expression }],
    });
  await create(partialFilterExpression);
  expect((await create({ b: 2, a: { $gt: 1 } })).note).toBe('all indexes already exist');
  expect((await failureOf(create({ b: 2, a: { $gt: 2 } })))[0]).toBe(86);
});

describe('an expression of a partial index', () => {
  test.each<[Document, number, string]>([
    [{ a: { $ne: 5 } }, 67, 'Expression not supported in partial index: $not\n    a $eq 5\n'],
    [{ a: { $nin: [1] } }, 67, 'Expression not supported in partial index: $not\n    a $in [ 1]\n'],
    [{ a: { $exists: false } }, 67, 'partial index: $not\n    a exists\n'],
    [{ a: /x/ }, 67, 'Expression not supported in partial index: a regex /x/\n'],
    [{ a: { $size: 3 } }, 67, 'Expression not supported in partial index: a $size : 3\n'],
    [{ a: { $mod: [2, 0] } }, 67, 'a mod 2 % x == 0\n'],
    [{ a: { $bitsAllSet: 1 } }, 67, 'a $bitsAllSet: [0]\n'],
    [{ a: { $elemMatch: { $gt: 1 } } }, 67, 'a $elemMatch (value)\n     $gt 1\n'],
    [{ $nor: [{ a: 1 }] }, 67, 'Expression not supported in partial index: $nor\n    a $eq 1\n'],
    [{ $and: [] }, 2, ''],
    [{ $expr: { $gt: ['$a', 5] } }, 224, '$expr is not allowed in this context'],
    [{ $or: [{ $where: 'true' }] }, 2, '$where is not allowed in this context'],
    [{ $text: { $search: 'x' } }, 2, '$text is not allowed in this context'],
    [
      {
        $and: [{ $or: [{ a: 1 }, { $and: [{ a: 1 }, { $or: [{ b: 1 }, { c: 1 }] }] }] }, { d: 1 }],
      },
      67,
      'partialFilterExpression depth may not exceed 4',
    ],
  ])('%j is refused with code %i', async (partialFilterExpression, code, message) => {
    const [got, text] = await failureOf(things.createIndex({ k: 1 }, { partialFilterExpression }));
    expect(got).toBe(code);
    expect(text).toContain(message);
  });

  test.each<[Document]>([
    [{}],
    [{ a: 5 }],
    [{ a: { $exists: true } }],
    [{ a: { $type: 'string' } }],
    [{ a: { $in: [1, 2] } }],
    [{ $or: [{ a: 1 }, { b: { $lte: 2 } }] }],
    [{ $and: [{ a: { $gt: 1, $lt: 4 } }, { b: { $eq: null } }] }],
  ])('may be %j', async (partialFilterExpression) => {
    expect(await things.createIndex({ k: 1 }, { partialFilterExpression })).toBe('k_1');
  });

  test('is an object, not beside sparse, and not of the index on _id', async () => {
    const create = (options: Document, key: Document = { a: 1 }) =>
      failureOf(db.command({ createIndexes: 'things', indexes: [{ key, name: 'n', ...options }] }));
    expect(await create({ partialFilterExpression: 'x' })).toEqual([
      14,
      `Error in specification { key: { a: 1 }, name: "n", partialFilterExpression: "x" } :: caused by :: The field 'partialFilterExpression' must be an object, but got string`,
    ]);
    expect(await create({ partialFilterExpression: {}, sparse: true })).toEqual([
      67,
      'Error in specification { key: { a: 1 }, name: "n", partialFilterExpression: {}, sparse: true, v: 2 } :: caused by :: cannot mix "partialFilterExpression" and "sparse" options',
    ]);
    expect((await create({ partialFilterExpression: {} }, { _id: 1 }))[0]).toBe(197);
    expect((await create({ sparse: true }, { _id: 1 }))[0]).toBe(197);
    expect(await create({ sparse: 'x' })).toEqual([
      14,
      `Error in specification { key: { a: 1 }, name: "n", sparse: "x" } :: caused by :: The field 'sparse has value sparse: "x", which is not convertible to bool`,
    ]);
  });
});
