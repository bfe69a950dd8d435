/** What may be said in commands, and what is refused with which code. */

import { Binary, Decimal128, Double, Long, UUID } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { client, db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
});

async function codeOf(command: Record<string, unknown>): Promise<number> {
  return (await failureOf(db.command(command)))[0];
}

test('listDatabases with nameOnly filters by what it shows, and by nothing else', async () => {
  const admin = client.db('admin');
  await db.createCollection('things');
  const shown = async (fields: Record<string, unknown>) =>
    (await admin.command({ listDatabases: 1, ...fields })).databases;
  expect(await shown({ filter: { empty: true } })).toMatchObject([{ name: 'shop' }]);
  expect(await shown({ filter: { empty: true }, nameOnly: true })).toEqual([]);
  expect(await shown({ filter: { name: 'shop' }, nameOnly: true })).toEqual([{ name: 'shop' }]);
  const filter = { name: { $nearSphere: [0, 0] } };
  await expect(shown({ filter })).rejects.toMatchObject({ code: 5626500 });
});

test('the smallest decimal is a number other than zero to an option that is a bool', async () => {
  await db.createCollection('things');
  const reply = await db
    .admin()
    .command({ listDatabases: 1, nameOnly: Decimal128.fromString('1E-6176') });
  expect(reply.totalSize).toBeUndefined();
});

test('dropDatabase wants its 1', async () => {
  await expect(db.command({ dropDatabase: null })).rejects.toMatchObject({
    code: 40414,
    errmsg: "BSON field 'dropDatabase.dropDatabase' is missing but a required field",
  });
  await expect(db.command({ dropDatabase: 2 })).rejects.toMatchObject({ code: 5255100 });
});

test('listCollections with nameOnly filters by what it shows', async () => {
  await db.createCollection('things');
  const names = async (filter: Record<string, unknown>) =>
    (await db.command({ listCollections: 1, nameOnly: true, filter })).cursor.firstBatch;
  const shown = [{ name: 'things', type: 'collection' }];
  expect(await names({ name: 'things' })).toEqual(shown);
  expect(await names({ options: { $exists: false } })).toEqual(shown);
  expect(await names({ 'info.readOnly': false })).toEqual([]);
});

test('a filter is checked where there is no collection too', async () => {
  expect(await codeOf({ count: 'nothing', query: { a: { $foo: 1 } } })).toBe(2);
});

test.each<[Record<string, unknown>, number]>([
  [{ allowDiskUse: null }, 14],
  [{ allowDiskUse: 1 }, 14],
  [{ allowDiskUse: true }, 0],
  [{ bypassDocumentValidation: 'no' }, 14],
  [{ pipeline: [{ $documents: [{ x: 1 }] }] }, 73],
  [{ maxTimeMS: Number.POSITIVE_INFINITY }, 9],
])('aggregate with %j: %i', async (fields, code) => {
  expect(await codeOf({ aggregate: 'things', pipeline: [], cursor: {}, ...fields })).toBe(code);
});

test('validate with metadata looks at no document', async () => {
  await db.collection('things').insertOne({ a: 1 });
  const details = { _id_: { valid: true, spec: { v: 2, key: { _id: 1 }, name: '_id_' } } };
  expect(await db.command({ validate: 'things' })).toMatchObject({
    uuid: expect.any(UUID),
    nrecords: 1,
    keysPerIndex: { _id_: 1 },
    indexDetails: details,
    repairMode: 'None',
  });
  const reply = await db.command({ validate: 'things', metadata: true });
  expect(reply).toMatchObject({ valid: true, nIndexes: 1, indexDetails: details });
  expect(reply).not.toHaveProperty('nrecords');
});

test('compact says what it would free', async () => {
  await db.createCollection('things');
  expect(await db.command({ compact: 'things' })).toEqual({ bytesFreed: 0, ok: 1 });
  expect(await db.command({ compact: 'things', dryRun: true })).toEqual({
    estimatedBytesFreed: 0,
    ok: 1,
  });
});

test('a name with a NUL does not end up in top', async () => {
  await db.command({ find: 'x\0y' }).catch(() => undefined);
  const { totals } = await client.db('admin').command({ top: 1 });
  expect(Object.keys(totals).filter((name) => name.includes('\0'))).toEqual([]);
});

test('the sizes of a database are doubles', async () => {
  const exact = { promoteValues: false };
  for (const command of [{ dbStats: 1 }, { dbStats: 1, freeStorage: 1 }]) {
    const stats = await db.command(command, exact);
    for (const field of ['avgObjSize', 'dataSize', 'storageSize', 'indexSize', 'totalSize']) {
      expect(stats[field]).toBeInstanceOf(Double);
    }
    expect(stats.totalFreeStorageSize !== undefined).toBe('freeStorage' in command);
  }
  expect(await codeOf({ dbStats: 1, freeStorage: 'x' })).toBe(14);
});

test.each<[Record<string, unknown>, number]>([
  [{ full: true }, 0],
  [{ metadata: true }, 0],
  [{ metadata: true, full: true }, 72],
  [{ metadata: true, background: true }, 72],
  [{ repair: true }, 72],
  [{ fixMultikey: true }, 72],
  [{ full: 'yes', metadata: null }, 0],
  [{ full: 'yes', metadata: [] }, 72],
  [{ x: 1 }, 0],
])('validate with %j: %i', async (modes, code) => {
  await db.createCollection('things');
  expect(await codeOf({ validate: 'things', ...modes })).toBe(code);
});

test.each<[Record<string, unknown>, number]>([
  [{}, 0],
  [{ multi: 1 }, 14],
  [{ upsert: 1 }, 14],
  [{ hint: 5 }, 9],
])('an update with %j: %i', async (fields, code) => {
  const statement = { q: {}, u: { $set: { a: 1 } }, ...fields };
  expect(await codeOf({ update: 'things', updates: [statement] })).toBe(code);
  const op = { update: 0, filter: {}, updateMods: { $set: { a: 1 } }, ...fields };
  const bulkWrite = { bulkWrite: 1, ops: [op], nsInfo: [{ ns: 'shop.things' }] };
  const answer = client.db('admin').command(bulkWrite);
  expect(
    await answer.then(
      () => 0,
      (error: { code: number }) => error.code,
    ),
  ).toBe(code);
});

test.each<[Record<string, unknown>, number]>([
  [{ listCollections: 1, nameOnly: 1 }, 14],
  [{ listCollections: 1, filter: { $where: 'true' } }, 2],
  [{ listCollections: 1, filter: { $or: [{ name: { $near: [0, 0] } }] } }, 5626500],
  [{ listCollections: 1, authorizedCollections: 1 }, 14],
  [{ listCollections: 1, readConcern: { level: 'majority' } }, 72],
  [{ getMore: Long.fromNumber(5), collection: 'x', term: 1 }, 14],
  [{ aggregate: 2, pipeline: [], cursor: {} }, 2],
  [{ aggregate: true, pipeline: [], cursor: {} }, 73],
  [{ count: 'x', readConcern: { level: 'snapshot', atClusterTime: 1 } }, 14],
])('%j: %i', async (command, code) => {
  expect(await codeOf(command)).toBe(code);
});

describe('collectionUUID', () => {
  async function uuidOf(name: string): Promise<UUID> {
    const [listed] = await db.listCollections({ name }).toArray();
    return (listed as unknown as { info: { uuid: UUID } }).info.uuid;
  }

  const commands: readonly [string, (name: string) => Record<string, unknown>][] = [
    ['drop', (name) => ({ drop: name })],
    ['renameCollection', (name) => ({ renameCollection: `shop.${name}`, to: 'shop.renamed' })],
  ];

  const run = (command: Record<string, unknown>): Promise<unknown> =>
    client.db('drop' in command ? 'shop' : 'admin').command(command);

  test.each(commands)('names the collection %s is about', async (_, commandOn) => {
    await db.createCollection('things');
    const collectionUUID = await uuidOf('things');
    await expect(run({ ...commandOn('things'), collectionUUID })).resolves.toMatchObject({ ok: 1 });
    expect((await db.listCollections({ name: 'things' }).toArray()).length).toBe(0);
  });

  test.each(commands)(
    'of another collection makes %s fail, and tells where it is',
    async (_, commandOn) => {
      await db.createCollection('things');
      await db.createCollection('others');
      const collectionUUID = await uuidOf('others');
      await expect(run({ ...commandOn('things'), collectionUUID })).rejects.toMatchObject({
        code: 361,
        codeName: 'CollectionUUIDMismatch',
        errorResponse: { db: 'shop', expectedCollection: 'things', actualCollection: 'others' },
      });
    },
  );

  test.each<[unknown, number]>([
    [null, 0],
    [1, 14],
    ['x', 14],
    [new Binary(Buffer.alloc(16), 3), 14],
    [new Binary(Buffer.alloc(8), 4), 207],
    [new UUID(), 361],
  ])('%s: %i', async (collectionUUID, code) => {
    await db.createCollection('things');
    expect(await codeOf({ drop: 'things', collectionUUID })).toBe(code);
  });
});

describe('count', () => {
  beforeEach(async () => {
    await db.collection('things').insertMany([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  test.each<[unknown, number]>([
    [2, 2],
    [-2, 2],
    [0, 3],
    [Long.fromNumber(1), 1],
    [new Double(1), 1],
    [Decimal128.fromString('2'), 2],
  ])('limit %s counts up to %i', async (limit, n) => {
    expect((await db.command({ count: 'things', limit })).n).toBe(n);
  });

  test.each<[unknown, number]>([
    [null, 2],
    ['1', 2],
    [true, 2],
    [{}, 2],
    [Long.MIN_VALUE, 2],
    [1.5, 9],
    [Number.NaN, 9],
    [Number.POSITIVE_INFINITY, 9],
    [Decimal128.fromString('1.5'), 9],
    [Decimal128.fromString('9999999999999999999999'), 9],
  ])('limit %s: %i', async (limit, code) => {
    expect(await codeOf({ count: 'things', limit })).toBe(code);
  });

  test.each<[unknown, number]>([
    ['a_1', 2],
    ['', 2],
    ['$natural', 2],
    [{ a: 1 }, 2],
    [{ _id: Decimal128.fromString('1') }, 0],
    [{ $natural: Decimal128.fromString('-1') }, 0],
    ['_id_', 0],
  ])('hint %j without a filter: %i', async (hint, code) => {
    expect(await codeOf({ count: 'things', hint })).toBe(code);
    expect(await codeOf({ count: 'nothing', hint })).toBe(0);
  });
});

test.each(['\0', 'a\0', '\0a', 'a\0b'])('distinct has no key with a NUL in it', async (key) => {
  expect(await codeOf({ distinct: 'things', key })).toBe(31032);
});

test.each<[Record<string, unknown>, number]>([
  [{ pipeline: [{ $match: {} }] }, 0],
  [{ pipeline: [{ $collStats: { count: {} } }] }, 0],
  [{ pipeline: [{ $collStats: { storageStats: {} } }] }, 323],
  [{ pipeline: [{ $indexStats: {} }] }, 323],
  [{ pipeline: [{ $planCacheStats: {} }] }, 323],
  [{ pipeline: [], explain: true }, 323],
])('aggregate with apiStrict and %j: %i', async (fields, code) => {
  await db.createCollection('things');
  const api = { apiVersion: '1', apiStrict: true };
  expect(await codeOf({ aggregate: 'things', cursor: {}, ...fields, ...api })).toBe(code);
});

describe('renameCollection', () => {
  beforeEach(async () => {
    await db.createCollection('things');
    await db.createCollection('others');
  });

  const rename = (fields: Record<string, unknown>): Promise<number> =>
    client
      .db('admin')
      .command({ renameCollection: 'shop.things', to: 'shop.others', ...fields })
      .then(
        () => 0,
        (error: { code: number }) => error.code,
      );

  async function uuidOf(name: string): Promise<unknown> {
    const [listed] = await db.listCollections({ name }).toArray();
    return (listed as unknown as { info: { uuid: UUID } }).info.uuid;
  }

  test('drops the target a UUID names, and no other', async () => {
    expect(await rename({ dropTarget: await uuidOf('things') })).toBe(361);
    expect(await rename({ to: 'shop.nobody', dropTarget: new UUID() })).toBe(361);
    expect(await rename({ to: 'else.others', dropTarget: new UUID() })).toBe(72);
    expect(await rename({ dropTarget: await uuidOf('others') })).toBe(0);
    expect(await db.listCollections().toArray()).toHaveLength(1);
  });

  test.each<[unknown, number]>([
    [false, 48],
    [null, 14],
    [1, 14],
    ['yes', 14],
    [new Binary(Buffer.alloc(16), 3), 207],
    [new Binary(Buffer.alloc(8), 4), 207],
    [true, 0],
  ])('dropTarget %s: %i', async (dropTarget, code) => {
    expect(await rename({ dropTarget })).toBe(code);
  });

  test.each<[Record<string, unknown>, number]>([
    [{ renameCollection: 'shop.system.views' }, 20],
    [{ renameCollection: 'shop.no$such' }, 20],
    [{ renameCollection: 'te$st.things' }, 20],
    [{ renameCollection: 'shop.nobody', dropTarget: new UUID() }, 361],
    [{ renameCollection: `shop.${'x'.repeat(251)}` }, 20],
    [{ renameCollection: 'shop.nobody' }, 26],
    [{ to: 'shop.system.js' }, 20],
    [{ to: 'shop.sys$tem' }, 20],
    [{ to: `shop.${'x'.repeat(251)}` }, 20],
    [{ to: `shop.${'x'.repeat(250)}` }, 0],
    [{ to: 'SHOP.things' }, 13297],
  ])('with %j answers code %i', async (fields, code) => {
    expect(await rename(fields)).toBe(code);
  });
});

test('no two databases differ by the case of letters only', async () => {
  await db.createCollection('things');
  const insert = client.db('Shop').collection('things').insertOne({});
  await expect(insert).rejects.toMatchObject({ code: 13297 });
});
