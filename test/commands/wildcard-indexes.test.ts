/** Wildcard indexes, by the manual's pages of them. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();
const things = db.collection<Document>('things');
beforeEach(async () => {
  await db.dropDatabase();
});

function create(key: Document, options: Document = {}): Promise<unknown> {
  return db.command({ createIndexes: 'things', indexes: [{ key, name: 'w', ...options }] });
}

async function scanOf(filter: Document, options: Document = {}): Promise<Document | undefined> {
  const plan = await things.find(filter, options).explain();
  let stage = plan.queryPlanner.winningPlan;
  for (let next = stage; next !== undefined; next = stage.inputStage ?? stage.inputStages?.[0]) {
    stage = next;
  }
  return stage.stage === 'IXSCAN' ? stage : undefined;
}

async function keyCount(): Promise<number> {
  const { valid, keysPerIndex } = await db.command({ validate: 'things' });
  expect(valid).toBe(true);
  return keysPerIndex.w;
}

const documents = [
  { _id: 1, a: 5, b: { c: 'x', d: [1, 2] } },
  { _id: 2, a: [5, 7], b: {} },
  { _id: 3, a: [], b: [{ c: 'y' }, { c: 'x' }, 3] },
  { _id: 4, a: { b: null }, 'b.c': 'x' },
  { _id: 5, b: [[1]] },
  { _id: 6, a: null },
];

async function isAnswered(filter: Document, isUsed: boolean): Promise<void> {
  expect((await scanOf(filter)) !== undefined).toBe(isUsed);
  const found = await things.find(filter).sort({ _id: 1 }).toArray();
  expect(found).toEqual(await things.find(filter, { hint: { $natural: 1 } }).toArray());
}

describe('an index on all fields', () => {
  beforeEach(async () => {
    await create({ '$**': 1 });
    await things.insertMany(documents as never);
  });

  test('has a key for every value of every path but _id', async () => {
    // 4 of the first document, 3, 1 + 3 + 1, 1 without the field whose name has a dot, 1, 1.
    expect(await keyCount()).toBe(14);
  });

  test.each<[Document, boolean]>([
    [{ a: 5 }, true],
    [{ a: { $gt: 4, $lt: 6 } }, true],
    [{ a: { $in: [7, /z/] } }, true],
    [{ 'b.c': 'x' }, true],
    [{ 'b.c': /^x/ }, true],
    [{ b: { $exists: true } }, true],
    [{ a: { $exists: true } }, true],
    [{ 'a.b': { $exists: true } }, true],
    [{ a: { $elemMatch: { $gt: 5 } } }, true],
    [{ $or: [{ a: 5 }, { 'b.c': 'y' }] }, true],
    [{ a: { $ne: null } }, true],
    [{ 'b.c': { $ne: null } }, false],
    [{ a: { $elemMatch: { b: null } } }, true],
    [{ a: null }, false],
    [{ a: { $exists: false } }, false],
    [{ a: { $ne: 5 } }, false],
    [{ a: {} }, true],
    [{ a: [] }, true],
    [{ b: { c: 'x', d: [1, 2] } }, false],
    [{ a: { $elemMatch: { $ne: 5 } } }, true],
    [{ 'b.0.c': 'y' }, true],
    [{ a: { $type: 'int' } }, true],
    [{ _id: { $gt: 2 } }, true],
    [{}, false],
  ])('answers %j: %s, and misses nothing', isAnswered);

  test('is shown as one on the path that is asked for', async () => {
    expect(await scanOf({ a: 5 })).toMatchObject({
      keyPattern: { $_path: 1, a: 1 },
      indexName: 'w',
      isMultiKey: true,
      multiKeyPaths: { $_path: [], a: ['a'] },
      isUnique: false,
      isSparse: true,
      isPartial: false,
      indexBounds: { $_path: ['["a", "a"]'], a: ['[5, 5]'] },
    });
    expect((await scanOf({ b: { $exists: true } }))?.indexBounds).toEqual({
      $_path: ['["b", "b"]', '["b.", "b/")'],
      b: ['[MinKey, MaxKey]'],
    });
  });

  test('is not hinted at for what it cannot answer', async () => {
    const [code, message] = await failureOf(
      things.find({ a: null, c: null }, { hint: 'w' }).toArray(),
    );
    expect(code).toBe(291);
    expect(message).toContain(
      "$hint: refusing whole-index solution, because it's a wildcard index",
    );
    expect(await things.find({ a: 5 }, { hint: { '$**': 1 } }).toArray()).toHaveLength(2);
    const either = { $or: [{ a: 5 }, { 'b.c': 'y' }] };
    expect(await things.find(either, { hint: 'w' }).toArray()).toHaveLength(3);
  });

  test('tells a field without a name from none', async () => {
    await db.dropDatabase();
    await create({ '$**': 1 });
    await things.insertMany([
      { _id: 1, '': { a: 5 } },
      { _id: 2, a: 5 },
      { _id: 3, '': 5 },
    ] as never);
    expect(await things.distinct('_id', { a: { $gte: 5 } })).toEqual([2]);
    expect(await things.distinct('_id', { '': { $gte: 5 } })).toEqual([3]);
  });

  test('follows updates', async () => {
    await things.updateOne({ _id: 1 } as never, { $set: { 'b.e.f': 9 }, $unset: { a: 1 } });
    expect(await things.distinct('_id', { 'b.e.f': 9 })).toEqual([1]);
    expect(await things.distinct('_id', { a: 5 })).toEqual([2]);
    expect(await keyCount()).toBe(14);
  });

  test('gives the order of a path whose values are asked for, without arrays', async () => {
    await things.deleteMany({});
    await things.dropIndexes();
    await create({ '$**': -1 });
    await things.insertMany([3, 1, 2].map((n) => ({ n })));
    const scan = await scanOf({ n: { $gt: 0 } }, { sort: { n: 1 } });
    expect(scan).toMatchObject({ direction: 'backward', keyPattern: { $_path: 1, n: -1 } });
    expect(await scanOf({}, { sort: { n: 1 } })).toBeUndefined();
    const projection = { _id: 0, n: 1 };
    const covered = await things.find({ n: { $gt: 1 } }, { projection }).explain('executionStats');
    expect(covered.executionStats.totalDocsExamined).toBe(0);
    const sorted = await things.find({ n: { $gt: 1 } }, { projection, sort: { n: 1 } }).toArray();
    expect(sorted).toEqual([{ n: 2 }, { n: 3 }]);
  });
});

describe('an index on a part of the fields', () => {
  test.each<[Document, Document, readonly string[], readonly string[]]>([
    [{ 'b.$**': 1 }, {}, ['b', 'b.c', 'b.d'], ['a', 'c']],
    [{ '$**': 1 }, { a: 1, 'b.c': 1 }, ['a', 'b.c'], ['b.d', 'x', '_id.x']],
    [{ '$**': 1 }, { a: 0, 'b.c': 0 }, ['b.d', 'x'], ['a', 'a.x', 'b.c', '_id.x']],
    [{ '$**': 1 }, { b: { c: 1 } }, ['b.c'], ['b.d']],
    [{ '$**': 1 }, { _id: 1, a: 0 }, ['_id.x', 'b'], ['a']],
    [{ '$**': 1 }, { _id: 0, a: 1 }, ['a'], ['_id.x', 'b']],
  ])('%j with %j has %j and not %j', async (key, wildcardProjection, has, lacks) => {
    await create(key, Object.keys(wildcardProjection).length > 0 ? { wildcardProjection } : {});
    await things.insertMany(documents as never);
    for (const path of has) await isAnswered({ [path]: { $gte: 1 } }, true);
    for (const path of lacks) await isAnswered({ [path]: { $gte: 1 } }, false);
    await keyCount();
  });

  test.each<[Document]>([[{ '$**': 1 }], [{ a: 'hashed' }]])(
    '%j may have a collation',
    async (key) => {
      const collation = { locale: 'en', strength: 2 };
      await create(key, { collation });
      await things.insertMany([{ a: 'x' }, { a: 'X' }, { a: { b: 'x' } }, { a: 1 }]);
      const find = (filter: Document) => things.find(filter, { collation });
      const plan = await find({ a: 'x' }).explain();
      expect(plan.queryPlanner.winningPlan.inputStage?.indexName).toBe('w');
      expect(await find({ a: 'x' }).toArray()).toHaveLength(2);
      expect(await find({ a: { b: 'X' } }).toArray()).toHaveLength(1);
      expect(await things.find({ a: 'x' }).toArray()).toHaveLength(1);
      expect(await things.find({ a: 1 }).toArray()).toHaveLength(1);
      await keyCount();
    },
  );

  test('may be partial', async () => {
    await create({ '$**': 1 }, { partialFilterExpression: { a: { $gt: 5 } } });
    await things.insertMany(documents as never);
    await isAnswered({ a: { $gt: 6 } }, true);
    await isAnswered({ a: 5 }, false);
  });
});

describe('a compound index', () => {
  beforeEach(async () => {
    await create({ a: 1, '$**': 1 }, { wildcardProjection: { a: 0 } });
    await things.insertMany([
      { _id: 1, a: 1, b: 10 },
      { _id: 2, a: 1, b: 15, c: 1 },
      { _id: 3, a: 1 },
      { _id: 4, b: 10 },
      { _id: 5, a: 2, b: 10 },
    ] as never);
  });

  test.each<[Document, boolean]>([
    [{ a: 1, b: 10 }, true],
    [{ a: 1, b: { $gte: 10 } }, true],
    [{ a: 1 }, true],
    [{ a: null }, true],
    [{ a: { $gt: 1 } }, true],
    [{ a: 1, b: null }, true],
    [{ b: 10 }, false],
  ])('answers %j: %s, and misses nothing', isAnswered);

  test('gives a document once, however many of its paths lie in the range', async () => {
    await db.dropDatabase();
    await create({ a: 1, 'b.$**': -1 });
    await things.insertOne({ _id: 1, a: 5, b: { c: 0, d: 0, e: 7 } } as never);
    for (const filter of [
      { a: { $gte: 1 }, 'b.c': 0 },
      { a: { $in: [5, 6] }, 'b.c': { $gte: 0 } },
    ]) {
      expect(await scanOf(filter)).toMatchObject({ indexName: 'w' });
      expect(await things.countDocuments(filter)).toBe(1);
      expect(await things.find(filter).toArray()).toHaveLength(1);
      const shown = { projection: { _id: 0, a: 1, 'b.c': 1 } };
      expect(await things.find(filter, shown).toArray()).toEqual([{ a: 5, b: { c: 0 } }]);
    }
  });

  test('refuses arrays in the fields beside the wildcard', async () => {
    expect((await failureOf(things.insertOne({ a: [1] })))[0]).toBe(7246301);
    expect((await failureOf(things.updateOne({ a: 1 }, { $set: { a: [1] } })))[0]).toBe(7246301);
  });

  test('is shown with the path between its fields', async () => {
    expect(await scanOf({ a: 1, b: { $gte: 10 } })).toMatchObject({
      keyPattern: { a: 1, $_path: 1, b: 1 },
      indexBounds: { a: ['[1, 1]'], $_path: ['["b", "b"]'], b: ['[10, inf.0]'] },
    });
  });
});

describe('a wildcard index is refused', () => {
  test.each<[Document, Document, number, string]>([
    [
      { '$**': 1 },
      { unique: true },
      67,
      "Index type 'wildcard' does not support the 'unique' option",
    ],
    [
      { '$**': 1 },
      { sparse: true },
      67,
      "Index type 'wildcard' does not support the 'sparse' option",
    ],
    [{ '$**': 1 }, { expireAfterSeconds: 1 }, 67, 'expireAfterSeconds'],
    [{ '$**': 1 }, { v: 1 }, 67, 'version 1'],
    [{ '$**': 0 }, {}, 67, 'Values in the index key pattern cannot be 0.'],
    [{ '$**': Number.NaN }, {}, 67, 'Values in the index key pattern cannot be NaN.'],
    [{ '$**': 'hashed' }, {}, 67, "field name starts with '$'"],
    [{ '$**': 'hello' }, {}, 67, "Unknown index plugin 'hello'"],
    [{ '$**': 'wildcard' }, {}, 67, 'must be a non-zero number, not a string.'],
    [{ a: 'wildcard' }, {}, 7246202, ''],
    [{ 'a.$**.$**': 1 }, {}, 67, "field name starts with '$'"],
    [{ '$**.a': 1 }, {}, 67, "field name starts with '$'"],
    [{ 'a.$**.b': 1 }, {}, 67, "field name starts with '$'"],
    [{ '$**': 1, 'a.$**': 1 }, {}, 7246201, ''],
    [{ '$**': 1, a: 1 }, {}, 67, "must also specify 'wildcardProjection' option"],
    [{ a: 1, '$**': 1 }, { wildcardProjection: { b: 0 } }, 7246209, ''],
    [{ '$**': 1 }, { wildcardProjection: {} }, 9, "can't be an empty object"],
    [{ '$**': 1 }, { wildcardProjection: 'x' }, 14, 'must be a non-empty object, but got string'],
    [{ 'a.$**': 1 }, { wildcardProjection: { b: 1 } }, 9, 'is only allowed when'],
    [{ a: 1 }, { wildcardProjection: { b: 1 } }, 2, "is only allowed in 'wildcard' indexes"],
    [{ '$**': 1 }, { wildcardProjection: { a: 1, b: 0 } }, 31254, 'Cannot do exclusion on field b'],
    [{ '$**': 1 }, { wildcardProjection: { a: 0, b: 1 } }, 31253, 'Cannot do inclusion on field b'],
    [{ '$**': 1 }, { wildcardProjection: { a: 1, 'a.b': 0 } }, 31249, 'Path collision at a.b'],
    [{ '$**': 1 }, { wildcardProjection: { 'a.b': 1, a: 1 } }, 31250, 'Path collision at a'],
    [{ '$**': 1 }, { wildcardProjection: { a: 'x' } }, 51271, ''],
  ])('as %j with %j: %i', async (key, options, code, message) => {
    const [got, text] = await failureOf(create(key, options));
    expect(got).toBe(code);
    expect(text).toContain(message);
  });

  test('when another one is there under its name, with another projection', async () => {
    await create({ '$**': 1 }, { wildcardProjection: { a: 1 } });
    expect((await failureOf(create({ '$**': 1 }, { wildcardProjection: { b: 1 } })))[0]).toBe(86);
    const same = { wildcardProjection: { a: 1 }, name: 'other' };
    expect((await failureOf(create({ '$**': 1 }, same)))[0]).toBe(85);
    await create({ '$**': 1 }, { wildcardProjection: { b: 1 }, name: 'other' });
  });
});
