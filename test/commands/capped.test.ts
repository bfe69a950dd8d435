/** Capped collections, as a driver sees them. */
import type { Collection, Document } from 'mongodb';
import { Decimal128, Long } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
});

async function failure(command: Document): Promise<Record<string, unknown>> {
  return db.command(command).then(
    () => ({ code: 0 }),
    ({ code, codeName, errmsg }) => ({ code, codeName, errmsg }),
  );
}

async function ids(log: Collection): Promise<unknown[]> {
  return (await log.find({}, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id);
}

function numbered(from: number, to: number, more: Document = {}): Document[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({ _id: from + at, ...more }));
}

describe('create', () => {
  const missing = "the 'size' field is required when 'capped' is true";
  const notCapped =
    "the 'capped' field needs to be true when either the 'size' or 'max' fields are present";
  test.each<[Document, number, string]>([
    [{ capped: true }, 72, missing],
    [{ capped: true, size: null }, 72, missing],
    [{ size: 100 }, 72, notCapped],
    [{ capped: false, size: 100 }, 72, notCapped],
    [{ max: 100 }, 72, notCapped],
    [{ capped: true, size: 0 }, 2, "BSON field 'size' value must be >= 1, actual value '0'"],
    [{ capped: true, size: 0.9 }, 2, "BSON field 'size' value must be >= 1, actual value '0'"],
    [
      { capped: true, size: Long.fromString('1125899906842625') },
      2,
      "BSON field 'size' value must be <= 1125899906842624, actual value '1125899906842625'",
    ],
    [
      { capped: true, size: 100, max: Long.fromString('2147483648') },
      2,
      'max in a capped collection has to be < 2^31 or not set',
    ],
  ])('with %j: %i', async (options, code, errmsg) => {
    expect(await failure({ create: 'log', ...options })).toMatchObject({ code, errmsg });
  });

  test.each<[Document, Document]>([
    [
      { capped: 1, size: 1 },
      { capped: true, size: 1 },
    ],
    [
      { capped: true, size: Decimal128.fromString('100.5'), max: -5 },
      { capped: true, size: 100, max: 2_147_483_647 },
    ],
    [
      { max: 3, capped: true, size: Long.fromString('1125899906842624') },
      { capped: true, size: 1_125_899_906_842_624, max: 3 },
    ],
  ])('%j is listed as %j', async (options, listed) => {
    await db.command({ create: 'log', ...options });
    const [info] = await db.listCollections().toArray();
    expect(info).toMatchObject({ name: 'log', type: 'collection' });
    expect(info).toHaveProperty('options', listed);
    // The same again is success, anything else is not.
    await db.command({ create: 'log', ...options });
    expect(await failure({ create: 'log' })).toMatchObject({ code: 48 });
  });
});

describe('eviction', () => {
  test('the oldest documents go when there are more than max', async () => {
    const log = await db.createCollection('log', { capped: true, size: 100_000, max: 3 });
    await log.insertMany(numbered(1, 7));
    expect(await ids(log)).toEqual([5, 6, 7]);
    expect(await log.countDocuments()).toBe(3);
    expect(await log.estimatedDocumentCount()).toBe(3);
  });

  test('the oldest documents go when the bytes are more than size', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096 });
    for (const document of numbered(1, 20, { data: 'x'.repeat(475) })) {
      await log.insertOne(document);
    }
    // 500 bytes each.
    expect(await ids(log)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    const [stats] = await log.aggregate([{ $collStats: { storageStats: {} } }]).toArray();
    expect(stats?.storageStats).toMatchObject({
      capped: true,
      max: 0,
      maxSize: 4096,
      size: 4000,
      count: 8,
    });
  });

  test('a document larger than the collection is taken, and goes with the next', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096 });
    await log.insertOne({ _id: 1 as never, data: 'x'.repeat(10_000) });
    expect(await ids(log)).toEqual([1]);
    await log.insertOne({ _id: 2 as never });
    expect(await ids(log)).toEqual([2]);
  });

  test('what is evicted leaves the indexes and may come again', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096, max: 2 });
    await log.createIndex({ a: 1 }, { unique: true });
    await log.insertMany(numbered(1, 3).map((document) => ({ ...document, a: document._id })));
    expect(await log.find({ a: 1 }).toArray()).toEqual([]);
    await log.insertOne({ _id: 1 as never, a: 1 });
    expect(await ids(log)).toEqual([3, 1]);
    // The one that would be evicted for it still stands in the way.
    await expect(log.insertOne({ _id: 9 as never, a: 3 })).rejects.toMatchObject({ code: 11000 });
    expect(await ids(log)).toEqual([3, 1]);
  });

  test('an upsert evicts, an update that grows does not, deletes are allowed', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096, max: 2 });
    await log.insertMany(numbered(1, 2));
    await log.updateOne({ _id: 3 as never }, { $set: { a: 1 } }, { upsert: true });
    expect(await ids(log)).toEqual([2, 3]);
    await log.updateOne({ _id: 2 as never }, { $set: { data: 'x'.repeat(5000) } });
    expect(await ids(log)).toEqual([2, 3]);
    expect(await log.deleteMany({ _id: 2 as never })).toMatchObject({ deletedCount: 1 });
    expect(await ids(log)).toEqual([3]);
  });

  test('natural order is insertion order, forwards and backwards', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096 });
    await log.insertMany([5, 2, 8].map((_id) => ({ _id: _id as never })));
    expect(await ids(log)).toEqual([5, 2, 8]);
    const backwards = await log.find().sort({ $natural: -1 }).toArray();
    expect(backwards.map(({ _id }) => _id)).toEqual([8, 2, 5]);
    const hinted = await log.find().hint({ $natural: -1 }).toArray();
    expect(hinted.map(({ _id }) => _id)).toEqual([8, 2, 5]);
  });

  test('a name stays capped when it is renamed', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096, max: 1 });
    const other = await log.rename('other');
    await other.insertMany(numbered(1, 2));
    expect(await ids(other)).toEqual([2]);
  });
});

describe('collMod', () => {
  test('other limits hold from the next insert on', async () => {
    const log = await db.createCollection('log', { capped: true, size: 100_000 });
    await log.insertMany(numbered(1, 6));
    await db.command({ collMod: 'log', cappedMax: 3 });
    expect(await ids(log)).toHaveLength(6);
    await log.insertOne({ _id: 7 as never });
    expect(await ids(log)).toEqual([5, 6, 7]);
    await db.command({ collMod: 'log', cappedSize: 25, cappedMax: 0 });
    const [info] = await db.listCollections().toArray();
    expect(info).toHaveProperty('options', { capped: true, size: 25, max: 2_147_483_647 });
    await log.insertOne({ _id: 8 as never });
    expect(await ids(log)).toEqual([8]);
  });

  test('limits are for capped collections', async () => {
    await db.createCollection('plain');
    for (const field of ['cappedSize', 'cappedMax']) {
      expect(await failure({ collMod: 'plain', [field]: 100 })).toEqual({
        code: 72,
        codeName: 'InvalidOptions',
        errmsg: 'Collection must be capped.',
      });
    }
  });

  test('images for change streams are stored and listed', async () => {
    await db.command({ create: 'seen', changeStreamPreAndPostImages: { enabled: true } });
    const options = async () => (await db.listCollections().toArray())[0] as Document;
    expect(await options()).toHaveProperty('options', {
      changeStreamPreAndPostImages: { enabled: true },
    });
    await db.command({ collMod: 'seen', changeStreamPreAndPostImages: { enabled: false } });
    expect(await options()).toHaveProperty('options', {});
  });
});

describe('a tailable cursor', () => {
  test('goes on with what is inserted after its end', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096 });
    await log.insertMany(numbered(1, 2));
    const cursor = log.find({}, { tailable: true, awaitData: true, maxAwaitTimeMS: 2000 });
    expect(await cursor.next()).toEqual({ _id: 1 });
    expect(await cursor.next()).toEqual({ _id: 2 });
    const third = cursor.next();
    await log.insertOne({ _id: 3 as never });
    expect(await third).toEqual({ _id: 3 });
    await cursor.close();
  });

  test.each<[Document, number]>([
    [{ sort: { $natural: 1 } }, 0],
    [{ sort: {} }, 0],
    [{ sort: { $natural: -1 } }, 2],
    [{ sort: { a: 1 } }, 2],
    [{ singleBatch: true }, 2],
  ])('with %j: %i', async (fields, code) => {
    const log = await db.createCollection('log', { capped: true, size: 4096 });
    await log.insertMany(numbered(1, 2));
    expect(await failure({ find: 'log', tailable: true, ...fields })).toMatchObject({ code });
  });

  test('is not kept on a collection without documents', async () => {
    await db.createCollection('log', { capped: true, size: 4096 });
    const { cursor } = await db.command({ find: 'log', tailable: true });
    expect(cursor).toMatchObject({ firstBatch: [], id: 0 });
  });

  test('whose last document was evicted has lost its place', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096, max: 2 });
    await log.insertMany(numbered(1, 2));
    const { cursor } = await db.command({ find: 'log', tailable: true });
    await log.insertMany(numbered(3, 4));
    expect(await failure({ getMore: cursor.id, collection: 'log' })).toEqual({
      code: 136,
      codeName: 'CappedPositionLost',
      errmsg:
        'Executor error during getMore :: caused by :: CollectionScan died due to position in capped collection being deleted. Last seen record id: RecordId(2)',
    });
  });

  test('so has a scan that is not tailable', async () => {
    const log = await db.createCollection('log', { capped: true, size: 4096, max: 2 });
    await log.insertMany(numbered(1, 2));
    const { cursor } = await db.command({ find: 'log', batchSize: 1 });
    await log.insertMany(numbered(3, 4));
    expect(await failure({ getMore: cursor.id, collection: 'log' })).toMatchObject({ code: 136 });
  });
});

describe('convertToCapped', () => {
  test('keeps the newest documents that fit, in their order, and the index on _id', async () => {
    const plain = db.collection('plain');
    await plain.createIndex({ a: 1 });
    // 500 bytes each.
    await plain.insertMany(numbered(1, 20, { a: 1, data: 'x'.repeat(468) }));
    await db.command({ convertToCapped: 'plain', size: 4096, max: 2 });
    expect(await ids(plain)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    expect(await plain.indexes()).toMatchObject([{ name: '_id_' }]);
    const [info] = await db.listCollections().toArray();
    expect(info).toHaveProperty('options', { capped: true, size: 4096 });
    await plain.insertOne({ _id: 21 as never, data: 'x'.repeat(468) });
    expect(await ids(plain)).toEqual([14, 15, 16, 17, 18, 19, 20, 21]);
  });

  test('evicts more than one body can', async () => {
    const plain = db.collection('plain');
    await plain.insertMany(numbered(1, 3000));
    await db.command({ convertToCapped: 'plain', size: 28 });
    expect(await ids(plain)).toEqual([2999, 3000]);
  });

  test('cloneCollectionAsCapped leaves the source as it is', async () => {
    const plain = db.collection('plain');
    await plain.createIndex({ a: 1 });
    await plain.insertMany(numbered(1, 1000));
    await db.command({ cloneCollectionAsCapped: 'plain', toCollection: 'copy', size: 1400 });
    const copy = db.collection('copy');
    expect(await ids(copy)).toEqual(numbered(901, 1000).map(({ _id }) => _id));
    expect(await copy.indexes()).toMatchObject([{ name: '_id_' }]);
    expect(await plain.countDocuments()).toBe(1000);
    expect(await plain.indexes()).toHaveLength(2);
  });

  const notPositive = 'Capped collection size must be greater than zero';
  test.each<[Document, number, string]>([
    [{ convertToCapped: 'plain' }, 72, notPositive],
    [{ convertToCapped: 'plain', size: 'big' }, 72, notPositive],
    [{ convertToCapped: 'plain', size: 0.9 }, 72, notPositive],
    [
      { convertToCapped: 'plain', size: 2 ** 51 },
      2,
      "BSON field 'size' value must be <= 1125899906842624, actual value '2251799813685248'",
    ],
    [{ convertToCapped: 'none', size: 1 }, 26, 'source collection shop.none does not exist'],
    [
      { convertToCapped: 'view', size: 1 },
      166,
      'convertToCapped not supported for views: shop.view',
    ],
    [
      { cloneCollectionAsCapped: 1, toCollection: 'copy', size: 1 },
      14,
      "'cloneCollectionAsCapped' must be of type String",
    ],
    [
      { cloneCollectionAsCapped: 'a$b', toCollection: 'copy', size: 1 },
      73,
      'Invalid collection name: a$b',
    ],
    [{ cloneCollectionAsCapped: 'plain', size: 1 }, 14, "'toCollection' must be of type String"],
    [
      { cloneCollectionAsCapped: 'plain', toCollection: 'plain', size: 1 },
      48,
      'cloneCollectionAsCapped failed - destination collection shop.plain already exists. source: shop.plain',
    ],
    [
      { cloneCollectionAsCapped: 'plain', toCollection: 'view', size: 1 },
      166,
      'cloneCollectionAsCapped not supported for views: shop.view',
    ],
  ])('%j: %i', async (command, code, errmsg) => {
    await db.createCollection('plain');
    await db.createCollection('view', { viewOn: 'plain' });
    expect(await failure(command)).toMatchObject({ code, errmsg });
  });
});

describe('dbHash', () => {
  test('names the capped collections, and wants names of collections', async () => {
    await db.dropDatabase();
    await db.createCollection('plain');
    await db.createCollection('ring', { capped: true, size: 4096 });
    expect(await db.command({ dbHash: 1 })).toMatchObject({
      capped: ['ring'],
      collections: { plain: expect.any(String), ring: expect.any(String) },
    });
    expect(await failure({ dbHash: 1, collections: [1] })).toMatchObject({
      code: 2,
      errmsg: 'collections entries have to be strings',
    });
  });
});
