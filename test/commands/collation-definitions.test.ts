/** Collations of indexes, collections and views, as a driver sees them. */
import type { CollationOptions, Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

type Row = Document & { _id: number };
type NamedRow = Document & { _id: string };

/** Letters and accents, not their case. */
const noCase: CollationOptions = { locale: 'en', strength: 2 };
const simple: CollationOptions = { locale: 'simple' };

const rows: Row[] = [
  { _id: 1, s: 'apple', n: { s: 'X' } },
  { _id: 2, s: 'Apple', n: { s: 'x' } },
  { _id: 3, s: 'äpple' },
  { _id: 4, s: 'Banana', list: ['b', 'A'] },
  { _id: 5, s: 'banana', list: ['B'] },
  { _id: 6, s: ['CHERRY', 'apple'] },
  { _id: 7, s: 7 },
  { _id: 8 },
];

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  await things().insertMany(rows);
});

function things() {
  return db.collection<Row>('things');
}

async function idsOf(filter: Document, more: Document = {}): Promise<unknown[]> {
  const { cursor } = await db.command({ find: 'things', filter, collation: noCase, ...more });
  return cursor.firstBatch.map(({ _id }: Row) => _id);
}

async function failure(command: Document): Promise<unknown[]> {
  return db.command(command).then(
    ({ writeErrors }) => (writeErrors === undefined ? [0] : [writeErrors[0].code]),
    ({ code, errmsg }) => [code, errmsg],
  );
}

async function planOf(command: Document): Promise<Document[]> {
  const { queryPlanner } = await db.command({ explain: command, verbosity: 'queryPlanner' });
  const stages: Document[] = [];
  for (let stage = queryPlanner.winningPlan; stage !== undefined; stage = stage.inputStage) {
    stages.push(stage);
  }
  return stages;
}

describe('an index with a collation', () => {
  beforeEach(() => things().createIndex({ s: 1 }, { name: 's', collation: noCase }));

  test('is listed with all its options', async () => {
    const [, index] = await things().indexes();
    expect(index?.collation).toEqual({
      locale: 'en',
      caseLevel: false,
      caseFirst: 'off',
      strength: 2,
      numericOrdering: false,
      alternate: 'non-ignorable',
      maxVariable: 'punct',
      normalization: false,
      backwards: false,
      version: '57.1',
    });
  });

  test.each<[Document, string | undefined]>([
    [{ filter: { s: 'a' }, collation: noCase }, 'CollationKey(0x'],
    [{ filter: { s: 'a' } }, undefined],
    [{ filter: { s: 'a' }, collation: { locale: 'en' } }, undefined],
    // Without text in it a predicate is the same under any collation.
    [{ filter: { s: 7 } }, '[7, 7]'],
    [{ filter: { s: { $gt: 5 } }, collation: { locale: 'fr' } }, '(5, inf'],
    [{ filter: { s: { $in: [7, 'a'] } } }, undefined],
    [{ filter: { s: { t: 1 } } }, undefined],
  ])('bounds a find of %j: %s', async (query, bounds) => {
    const stages = await planOf({ find: 'things', ...query });
    const scan = stages.find(({ stage }) => stage === 'IXSCAN');
    expect(JSON.stringify(scan?.indexBounds.s)).toEqual(
      bounds === undefined ? undefined : expect.stringContaining(bounds),
    );
  });

  test.each<[Document, boolean]>([
    [{ filter: {}, sort: { s: 1 }, collation: noCase }, false],
    [{ filter: {}, sort: { s: 1 } }, true],
    [{ filter: {}, sort: { s: 1 }, collation: { locale: 'en' } }, true],
  ])('spares a find of %j a sort, or not: %s', async (query, sorts) => {
    await things().updateOne({ _id: 6 }, { $set: { s: 'x' } });
    await things().dropIndex('s');
    await things().createIndex({ s: 1 }, { name: 's', collation: noCase });
    const stages = await planOf({ find: 'things', ...query });
    expect(stages.some(({ stage }) => stage === 'SORT')).toBe(sorts);
  });

  test('covers no projection, as its keys do not tell the text', async () => {
    await things().createIndex({ n: 1 }, { name: 'n', collation: noCase });
    const query = { find: 'things', filter: { n: 'a' }, projection: { _id: 0, n: 1 } };
    const stages = await planOf({ ...query, collation: noCase });
    expect(stages.map(({ stage }) => stage)).toContain('FETCH');
  });

  test('stands beside one on the same fields with another collation', async () => {
    await things().createIndex({ s: 1 }, { name: 'bytes' });
    expect(await things().indexes()).toHaveLength(3);
    expect(
      (await failure({ createIndexes: 'things', indexes: [{ key: { s: 1 }, name: 's' }] }))[0],
    ).toBe(86);
  });

  test('holds its texts apart when unique, and says so by their keys', async () => {
    const c = db.collection<Row>('unique');
    await c.createIndex({ s: 1 }, { unique: true, collation: noCase, name: 's' });
    await c.insertOne({ _id: 1, s: 'a' });
    await c.insertOne({ _id: 2, s: 'ä' });
    const error = await c.insertOne({ _id: 3, s: 'A' }).catch((raised) => raised);
    expect(error.code).toBe(11000);
    expect(error.errorResponse ?? error).toMatchObject({
      keyPattern: { s: 1 },
      keyValue: { s: '0x2a0105' },
    });
    expect(error.errmsg).toMatch(
      /^E11000 duplicate key error collection: shop\.unique index: s collation: \{ locale: "en", .* \} dup key: \{ s: "0x2a0105" \}$/,
    );
  });

  test('may be hashed, partial or on a key range', async () => {
    const c = db.collection<Row>('kinds');
    await c.insertMany([
      { _id: 1, s: 'a', t: 'x' },
      { _id: 2, s: 'A', t: 'X' },
      { _id: 3, s: 'b', t: 'y' },
    ]);
    await c.createIndexes([
      { key: { s: 'hashed' }, name: 'hashed', collation: noCase },
      { key: { t: 1 }, name: 'partial', collation: noCase, partialFilterExpression: { t: 'x' } },
      { key: { s: 1 }, name: 'range', collation: noCase },
    ]);
    const ids = async (filter: Document, more: Document) =>
      (
        await db.command({ find: 'kinds', filter, collation: noCase, ...more })
      ).cursor.firstBatch.map(({ _id }: Row) => _id);
    expect(await ids({ s: 'A' }, { hint: 'hashed' })).toEqual([1, 2]);
    expect(await ids({ t: 'X' }, { hint: 'partial' })).toEqual([1, 2]);
    expect(await planOf({ find: 'kinds', filter: { t: 'X' }, collation: noCase })).toMatchObject([
      { stage: 'FETCH' },
      { indexName: 'partial' },
    ]);
    expect(await ids({}, { hint: 'range', min: { s: 'A' }, max: { s: 'B' } })).toEqual([1, 2]);
    expect(
      (await failure({ find: 'kinds', hint: 'range', min: { s: 'A' }, max: { s: 'B' } }))[0],
    ).toBe(51174);
  });

  test('has no keys behind when its documents change', async () => {
    await things().updateMany({}, [{ $set: { s: { $concat: ['Q', { $toString: '$_id' }] } } }]);
    await things().deleteOne({ _id: 1 });
    expect(await idsOf({ s: { $lt: 'q4' } })).toEqual([2, 3]);
    expect((await db.command({ validate: 'things', full: true })).valid).toBe(true);
  });
});

describe('a collection with a default collation', () => {
  const named = () => db.collection<NamedRow>('named');
  beforeEach(async () => {
    await db.createCollection('named', { collation: noCase });
    await named().insertMany([
      { _id: 'A', s: 'a' },
      { _id: 'b', s: 'B' },
    ]);
  });

  test('lists it, in its options and in its indexes', async () => {
    await named().createIndex({ s: 1 });
    await named().createIndex({ s: -1 }, { collation: simple });
    const [info] = await db.listCollections({ name: 'named' }).toArray();
    const collation = { locale: 'en', strength: 2, version: '57.1' };
    expect(info).toMatchObject({ options: { collation }, idIndex: { collation } });
    expect(await named().indexes()).toEqual([
      expect.objectContaining({ name: '_id_', collation: expect.objectContaining(collation) }),
      expect.objectContaining({ name: 's_1', collation: expect.objectContaining(collation) }),
      { v: 2, key: { s: -1 }, name: 's_-1' },
    ]);
  });

  test('gives it to operations that name none', async () => {
    expect(await named().findOne({ s: 'A' })).toMatchObject({ _id: 'A' });
    expect(await named().findOne({ s: 'A' }, { collation: simple })).toBeNull();
    expect(await named().countDocuments({ s: 'b' })).toBe(1);
    expect(await named().distinct('s', { s: 'A' })).toEqual(['a']);
    const grouped = named().aggregate([
      { $match: { s: 'A' } },
      { $project: { e: { $eq: ['$s', 'A'] } } },
    ]);
    expect(await grouped.toArray()).toEqual([{ _id: 'A', e: true }]);
    await named().updateOne({ s: 'b' }, { $set: { u: 1 } });
    expect((await named().deleteMany({ s: 'b' })).deletedCount).toBe(1);
  });

  test('finds, changes and keeps apart _ids by it', async () => {
    expect(await named().findOne({ _id: 'a' })).toMatchObject({ _id: 'A' });
    expect(await named().findOne({ _id: 'a' }, { collation: simple })).toBeNull();
    expect((await named().updateOne({ _id: 'a' }, { $set: { u: 1 } })).modifiedCount).toBe(1);
    expect(
      (await named().updateOne({ _id: 'a' }, { $set: { u: 2 } }, { collation: simple }))
        .matchedCount,
    ).toBe(0);
    await expect(named().insertOne({ _id: 'B' })).rejects.toMatchObject({ code: 11000 });
    expect(
      (await planOf({ find: 'named', filter: { _id: 'a' } })).map(({ stage }) => stage),
    ).toEqual(['EXPRESS_IXSCAN']);
    expect(
      (await planOf({ find: 'named', filter: { _id: 'a' }, collation: simple })).map(
        ({ stage }) => stage,
      ),
    ).toEqual(['COLLSCAN']);
    expect((await named().deleteOne({ _id: 'B' })).deletedCount).toBe(1);
  });

  test.each<[Document, number]>([
    [{ create: 'a', collation: { locale: 'xx' } }, 2],
    [{ create: 'a', collation: { strength: 1 } }, 40414],
    [{ create: 'a', collation: 'en' }, 14],
    [{ create: 'named', collation: noCase }, 0],
    [{ create: 'named', collation: { locale: 'en' } }, 48],
    [{ create: 'named' }, 48],
    [
      {
        create: 'a',
        collation: noCase,
        idIndex: { key: { _id: 1 }, name: '_id_', collation: noCase },
      },
      0,
    ],
    [
      {
        create: 'a',
        collation: noCase,
        idIndex: { key: { _id: 1 }, name: '_id_', collation: simple },
      },
      2,
    ],
    [{ createIndexes: 'named', indexes: [{ key: { _id: 1 }, name: '_id_' }] }, 0],
    [
      { createIndexes: 'named', indexes: [{ key: { _id: 1 }, name: '_id_', collation: simple }] },
      2,
    ],
    [{ createIndexes: 'named', indexes: [{ key: { s: 1 }, name: 's', collation: {} }] }, 2],
    [{ createIndexes: 'named', indexes: [{ key: { s: 1 }, name: 's', collation: 'en' }] }, 14],
    [{ find: 'named', collation: {} }, 0],
    [{ find: 'named', collation: null }, 0],
    [{ find: 'named', collation: 'en' }, 14],
    [{ find: 'named', collation: { locale: 'en', strength: 9 } }, 2],
    [
      { update: 'named', updates: [{ q: {}, u: { $set: { a: 1 } }, collation: { locale: 'xx' } }] },
      2,
    ],
    [{ delete: 'named', deletes: [{ q: {}, limit: 0, collation: 1 }] }, 14],
    [{ aggregate: 'named', pipeline: [], cursor: {}, collation: { locale: 'en', x: 1 } }, 40415],
  ])('%j answers code %i', async (command, code) => {
    expect((await failure(command))[0]).toBe(code);
  });
});

describe('a view', () => {
  test('has the collation it was made with, for all operations', async () => {
    await db.createCollection('plain', { viewOn: 'things' });
    await db.createCollection('loose', { viewOn: 'things', collation: noCase });
    expect(await db.collection('plain').countDocuments({ s: 'APPLE' })).toBe(0);
    expect(await db.collection('loose').countDocuments({ s: 'APPLE' })).toBe(3);
    expect(await db.collection('loose').distinct('s', { s: 'APPLE' })).toEqual(['apple', 'CHERRY']);
    expect(
      await db.collection('loose').find({ s: 'APPLE' }, { collation: noCase }).toArray(),
    ).toHaveLength(3);
    for (const command of [
      { find: 'plain' },
      { count: 'plain' },
      { distinct: 'plain', key: 's' },
    ]) {
      expect(await failure({ ...command, collation: noCase })).toEqual([
        167,
        "Cannot override a view's default collation",
      ]);
    }
  });

  test('stands only on views of its collation', async () => {
    await db.createCollection('loose', { viewOn: 'things', collation: noCase });
    expect((await failure({ create: 'strict', viewOn: 'loose' }))[0]).toBe(167);
    expect((await failure({ create: 'same', viewOn: 'loose', collation: noCase }))[0]).toBe(0);
  });
});
