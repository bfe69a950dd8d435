/** Clustered collections, as a driver sees them. */
import type { Collection, Document } from 'mongodb';
import { Decimal128 } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

type Row = Document & { _id: string };

let things: Collection<Row>;

const clusteredIndex = { key: { _id: 1 }, unique: true };

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  await db.command({ create: 'things', clusteredIndex });
  things = db.collection<Row>('things');
  await things.insertMany([
    { _id: 'd', a: 1 },
    { _id: 'b', a: 2 },
    { _id: 'c', a: 1 },
    { _id: 'a', a: 1 },
  ]);
});

async function failure(command: Document): Promise<Record<string, unknown>> {
  return db.command(command).then(
    () => ({ code: 0 }),
    ({ code, errmsg }) => ({ code, errmsg }),
  );
}

function ids(rows: readonly Row[]): string {
  return rows.map(({ _id }) => _id).join('');
}

describe('natural order is that of _id', () => {
  test('of what is read without an order', async () => {
    expect(ids(await things.find().toArray())).toBe('abcd');
    expect(ids(await things.find({ a: 1 }).toArray())).toBe('acd');
    expect(ids(await things.aggregate<Row>([{ $match: { a: 1 } }]).toArray())).toBe('acd');
  });

  test('of what is read in natural order, forwards and backwards', async () => {
    expect(ids(await things.find().sort({ $natural: 1 }).toArray())).toBe('abcd');
    expect(ids(await things.find().sort({ $natural: -1 }).toArray())).toBe('dcba');
    expect(ids(await things.find({ a: 1 }).hint({ $natural: -1 }).toArray())).toBe('dca');
  });

  test('over batches, with writes between them', async () => {
    const cursor = things.find({}, { batchSize: 1 });
    expect(await cursor.next()).toMatchObject({ _id: 'a' });
    await things.insertOne({ _id: 'aa' });
    await things.deleteOne({ _id: 'b' });
    expect(ids(await cursor.toArray())).toBe('aacd');
  });

  test('of what a write takes first', async () => {
    await things.deleteOne({});
    expect(ids(await things.find().toArray())).toBe('bcd');
  });
});

describe('explain', () => {
  async function winning(filter: Document, hint?: string | Document): Promise<Document> {
    const cursor = things.find(filter);
    if (hint !== undefined) cursor.hint(hint);
    const { queryPlanner } = await cursor.explain('queryPlanner');
    const { isCached: _, ...plan } = queryPlanner.winningPlan;
    return plan;
  }

  test('a filter on _id bounds the scan, another does not', async () => {
    expect(await winning({ _id: { $gte: 'b', $lt: 'd' } })).toMatchObject({
      stage: 'CLUSTERED_IXSCAN',
      direction: 'forward',
      minRecord: 'b',
      maxRecord: 'd',
    });
    expect(await winning({ a: 1 })).toEqual({
      stage: 'COLLSCAN',
      filter: { a: { $eq: 1 } },
      direction: 'forward',
    });
  });

  test('the key and the name are hints', async () => {
    expect(await winning({ _id: { $gt: 'b' } }, { _id: 1 })).toMatchObject({
      stage: 'CLUSTERED_IXSCAN',
    });
    expect(await winning({ _id: { $gt: 'b' } }, '_id_')).toMatchObject({
      stage: 'CLUSTERED_IXSCAN',
    });
  });

  test('a secondary index is used as in any collection', async () => {
    await things.createIndex({ a: 1 });
    expect(await winning({ a: 2 })).toMatchObject({
      stage: 'FETCH',
      inputStage: { stage: 'IXSCAN', indexName: 'a_1' },
    });
    expect(ids(await things.find({ a: 2 }).toArray())).toBe('b');
  });
});

describe('the clustered index', () => {
  const listed = { v: 2, key: { _id: 1 }, name: '_id_', unique: true, clustered: true };

  test('is listed, and is not counted', async () => {
    expect(await things.indexes()).toEqual([listed]);
    const [info] = await db.listCollections().toArray();
    expect(info).toHaveProperty('options', {
      clusteredIndex: { v: 2, key: { _id: 1 }, name: '_id_', unique: true },
    });
    expect(info).not.toHaveProperty('idIndex');
    expect(await db.command({ collStats: 'things' })).toMatchObject({
      clustered: true,
      nindexes: 0,
      indexSizes: {},
    });
    const created = { createIndexes: 'things', indexes: [{ key: { _id: 1 }, name: 'x' }] };
    expect(await db.command(created)).toMatchObject({
      numIndexesBefore: 0,
      numIndexesAfter: 0,
    });
  });

  test('may have a name of its own', async () => {
    await db.command({
      create: 'named',
      clusteredIndex: { ...clusteredIndex, name: 'mine', v: 2 },
    });
    expect(await db.collection('named').indexes()).toEqual([{ ...listed, name: 'mine' }]);
  });

  test('keeps _id unique', async () => {
    await expect(things.insertOne({ _id: 'a' })).rejects.toMatchObject({ code: 11000 });
  });

  test('stays', async () => {
    const refused = {
      code: 5979800,
      errmsg: 'Cannot drop the clustered index. Try dropping the collection instead.',
    };
    expect(await failure({ dropIndexes: 'things', index: '_id_' })).toEqual(refused);
    expect(await failure({ dropIndexes: 'things', index: { _id: 1 } })).toEqual(refused);
    await things.createIndex({ a: 1 });
    expect(await db.command({ dropIndexes: 'things', index: '*' })).toMatchObject({
      nIndexesWas: 1,
    });
    expect(await things.indexes()).toEqual([listed]);
    expect(
      await failure({ collMod: 'things', index: { name: '_id_', hidden: true } }),
    ).toMatchObject({ code: 6011800 });
    const byKey = { keyPattern: { _id: 1 }, expireAfterSeconds: 1 };
    expect(await failure({ collMod: 'things', index: byKey })).toMatchObject({ code: 27 });
  });

  test('is an ordinary one once the collection is capped', async () => {
    await db.command({ convertToCapped: 'things', size: 4096 });
    expect(ids(await things.find().toArray())).toBe('dbca');
    expect(await things.indexes()).toEqual([{ v: 2, key: { _id: 1 }, name: '_id_' }]);
  });
});

test.each<[Document, number]>([
  [{ clusteredIndex: false }, 0],
  [{ clusteredIndex: 0 }, 0],
  [{ clusteredIndex: { key: { _id: Decimal128.fromString('1.0') }, unique: 42 } }, 0],
  [{ clusteredIndex: true }, 5979703],
  [{ clusteredIndex: 'yes' }, 14],
  [{ clusteredIndex: null }, 14],
  [{ clusteredIndex: { unique: true } }, 40414],
  [{ clusteredIndex: { key: { _id: 1 } } }, 40414],
  [{ clusteredIndex: { key: 1, unique: true } }, 14],
  [{ clusteredIndex: { ...clusteredIndex, x: 1 } }, 40415],
  [{ clusteredIndex: { key: { x: 1 }, unique: true } }, 197],
  [{ clusteredIndex: { key: { _id: -1 }, unique: true } }, 197],
  [{ clusteredIndex: { key: { _id: 1 }, unique: false } }, 5979700],
  [{ clusteredIndex: { ...clusteredIndex, v: 1 } }, 5979704],
  [{ clusteredIndex, capped: true, size: 100 }, 6049200],
  [{ clusteredIndex: false, capped: true, size: 100 }, 6049200],
  [{ clusteredIndex, max: 3 }, 6049204],
  [{ clusteredIndex, viewOn: 'things' }, 6026500],
  [{ clusteredIndex, idIndex: { key: { _id: 1 }, name: '_id_' } }, 72],
])('create with %j: %i', async (options, code) => {
  expect(await failure({ create: 'other', ...options })).toMatchObject({ code });
});

describe('expireAfterSeconds', () => {
  const onlyClustered =
    "'expireAfterSeconds' is only supported on time-series collections or when the 'clusteredIndex' option is specified";

  test('is stored, changed and ended', async () => {
    await db.command({ create: 'other', clusteredIndex, expireAfterSeconds: 3600.9 });
    const listed = async () => {
      const [info] = await db.listCollections({ name: 'other' }).toArray();
      return (info as { options?: Document } | undefined)?.options?.expireAfterSeconds;
    };
    expect(await listed()).toBe(3600);
    await db.command({ collMod: 'other', expireAfterSeconds: 0 });
    expect(await listed()).toBe(0);
    await db.command({ collMod: 'other', expireAfterSeconds: 'off' });
    expect(await listed()).toBeUndefined();
  });

  test.each<[Document, number, string]>([
    [{ create: 'other', expireAfterSeconds: 1 }, 72, onlyClustered],
    [{ collMod: 'plain', expireAfterSeconds: 1 }, 72, onlyClustered],
    [
      { create: 'other', clusteredIndex, expireAfterSeconds: -1 },
      72,
      "TTL index 'expireAfterSeconds' option cannot be less than 0",
    ],
    [
      { create: 'other', clusteredIndex, expireAfterSeconds: Number.POSITIVE_INFINITY },
      72,
      "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a lower number",
    ],
    [
      { collMod: 'things', expireAfterSeconds: 1e12 },
      72,
      "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a lower number",
    ],
    [
      { collMod: 'things', expireAfterSeconds: 'on' },
      72,
      "Invalid string value for the 'clusteredIndex::expireAfterSeconds' option. Got: 'on'. Accepted value is 'off'",
    ],
  ])('%j: %i', async (command, code, errmsg) => {
    await db.createCollection('plain');
    expect(await failure(command)).toMatchObject({ code, errmsg });
  });
});

describe('an _id', () => {
  const longest = 8 * 1024 * 1024;

  test.each<[string, unknown, unknown]>([
    ['text', 'x'.repeat(longest - 2), 'x'.repeat(longest - 1)],
    ['binary data', Buffer.alloc(longest - 7), Buffer.alloc(longest - 6)],
  ])('has a limit of 8 MB: %s', async (_kind, longEnough, tooLong) => {
    await db.command({ insert: 'things', documents: [{ _id: longEnough }] });
    const reply = await db.command({ insert: 'things', documents: [{ _id: tooLong }] });
    expect(reply).toMatchObject({
      n: 0,
      writeErrors: [{ code: 5894900, errmsg: 'Size of RecordId is above limit of 8388608 bytes' }],
    });
    const upsert = { q: { _id: tooLong }, u: { $set: { a: 1 } }, upsert: true };
    const updated = await db.command({ update: 'things', updates: [upsert] });
    expect(updated).toMatchObject({ n: 0, writeErrors: [{ code: 5894900 }] });
  });

  test.each<[unknown, unknown, number]>([
    [1, 1.0, 11000],
    [Number.NaN, Decimal128.fromString('NaN'), 50819],
    [Number.POSITIVE_INFINITY, Decimal128.fromString('Infinity'), 50826],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 50826],
  ])('that is taken, %s by %s: %i', async (first, second, code) => {
    await db.command({ insert: 'things', documents: [{ _id: first }] });
    const reply = await db.command({ insert: 'things', documents: [{ _id: second }] });
    expect(reply).toMatchObject({ n: 0, writeErrors: [{ code }] });
  });
});
