import { type ClientBulkWriteOptions, type Document, MongoClientBulkWriteError } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client, db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
});

function documents(collection: string) {
  return db.collection(collection).find().sort({ _id: 1 }).toArray();
}

/** With any `_id`s: the driver's types want ObjectIds. */
function bulkWrite(models: readonly Document[], options?: ClientBulkWriteOptions) {
  return client.bulkWrite(models as never, options);
}

async function failure(running: Promise<unknown>): Promise<MongoClientBulkWriteError> {
  try {
    await running;
  } catch (error) {
    if (error instanceof MongoClientBulkWriteError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('bulkWrite', () => {
  test('changes several collections in order, and counts what it did', async () => {
    const result = await bulkWrite([
      { name: 'insertOne', namespace: 'shop.a', document: { _id: 1, n: 1 } },
      { name: 'insertOne', namespace: 'shop.a', document: { _id: 2, n: 2 } },
      { name: 'insertOne', namespace: 'shop.b', document: { _id: 1 } },
      {
        name: 'updateMany',
        namespace: 'shop.a',
        filter: {},
        update: { $inc: { n: 10 } },
      },
      {
        name: 'updateOne',
        namespace: 'shop.b',
        filter: { _id: 7 },
        update: { $set: { x: 1 } },
        upsert: true,
      },
      { name: 'replaceOne', namespace: 'shop.a', filter: { _id: 2 }, replacement: { r: true } },
      { name: 'deleteOne', namespace: 'shop.b', filter: { _id: 1 } },
    ]);

    expect(result).toMatchObject({
      insertedCount: 3,
      matchedCount: 3,
      modifiedCount: 3,
      upsertedCount: 1,
      deletedCount: 1,
    });
    expect(await documents('a')).toEqual([
      { _id: 1, n: 11 },
      { _id: 2, r: true },
    ]);
    expect(await documents('b')).toEqual([{ _id: 7, x: 1 }]);
  });

  test('tells the result of each statement when asked', async () => {
    const result = await bulkWrite(
      [
        { name: 'insertOne', namespace: 'shop.a', document: { _id: 1 } },
        { name: 'updateOne', namespace: 'shop.a', filter: { _id: 1 }, update: { $set: { x: 1 } } },
        {
          name: 'updateOne',
          namespace: 'shop.a',
          filter: { _id: 'u' },
          update: { $set: { x: 1 } },
          upsert: true,
        },
        { name: 'deleteMany', namespace: 'shop.a', filter: {} },
      ],
      { verboseResults: true },
    );

    expect(result.insertResults?.get(0)).toEqual({ insertedId: 1 });
    expect(result.updateResults?.get(1)).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(result.updateResults?.get(2)).toMatchObject({ didUpsert: true, upsertedId: 'u' });
    expect(result.deleteResults?.get(3)).toEqual({ deletedCount: 2 });
  });

  test('ends at its first error when it is ordered', async () => {
    const error = await failure(
      bulkWrite([
        { name: 'insertOne', namespace: 'shop.a', document: { _id: 1 } },
        { name: 'insertOne', namespace: 'shop.a', document: { _id: 1 } },
        { name: 'insertOne', namespace: 'shop.a', document: { _id: 2 } },
        { name: 'insertOne', namespace: 'shop.b', document: { _id: 3 } },
      ]),
    );

    expect([...error.writeErrors.keys()]).toEqual([1]);
    expect(error.writeErrors.get(1)?.code).toBe(11000);
    expect(error.partialResult?.insertedCount).toBe(1);
    expect(await documents('a')).toEqual([{ _id: 1 }]);
    expect(await documents('b')).toEqual([]);
  });

  test('goes on past errors when it is not ordered', async () => {
    const error = await failure(
      bulkWrite(
        [
          { name: 'insertOne', namespace: 'shop.a', document: { _id: 1 } },
          { name: 'insertOne', namespace: 'shop.a', document: { _id: 1 } },
          { name: 'updateOne', namespace: 'shop.a', filter: {}, update: { $inc: { _id: 1 } } },
          { name: 'insertOne', namespace: 'shop.b', document: { _id: 3 } },
        ],
        { ordered: false },
      ),
    );

    expect([...error.writeErrors.keys()]).toEqual([1, 2]);
    expect(error.writeErrors.get(2)?.code).toBe(66);
    expect(await documents('b')).toEqual([{ _id: 3 }]);
  });

  test('gives more results than fit a batch through a cursor', async () => {
    const reply = await client.db('admin').command({
      bulkWrite: 1,
      ops: Array.from({ length: 5 }, (_, _id) => ({ insert: 0, document: { _id } })),
      nsInfo: [{ ns: 'shop.a' }],
      cursor: { batchSize: 2 },
    });

    expect(reply.cursor.firstBatch).toEqual([
      { ok: 1, idx: 0, n: 1 },
      { ok: 1, idx: 1, n: 1 },
    ]);
    const next = await client
      .db('admin')
      .command({ getMore: reply.cursor.id, collection: '$cmd.bulkWrite' });
    expect(next.cursor.nextBatch).toHaveLength(3);
    expect(reply).toMatchObject({ nInserted: 5, nErrors: 0 });
  });

  test('a collectionUUID of nsInfo says which collection a statement means', async () => {
    await db.createCollection('a');
    await db.createCollection('b');
    const [a] = await db.listCollections({ name: 'a' }).toArray();
    const uuid = (a as Document).info.uuid;
    const statements = [
      { insert: 0, document: { _id: 1 } },
      { update: 0, filter: { _id: 1 }, updateMods: { $set: { n: 2 } } },
      { delete: 0, filter: { _id: 1 } },
    ];
    const run = (ns: string) =>
      client.db('admin').command({
        bulkWrite: 1,
        ops: statements,
        nsInfo: [{ ns, collectionUUID: uuid }],
        ordered: false,
      });

    expect(await run('shop.a')).toMatchObject({ nErrors: 0, nInserted: 1, nDeleted: 1 });
    const mismatch = (idx: number) => ({
      ok: 0,
      idx,
      code: 361,
      db: 'shop',
      collectionUUID: uuid,
      expectedCollection: 'b',
      actualCollection: 'a',
      errmsg: 'Collection UUID does not match that specified',
      n: 0,
    });
    const refused = await run('shop.b');
    expect(refused.cursor.firstBatch).toEqual([mismatch(0), mismatch(1), mismatch(2)]);
    expect(refused).toMatchObject({ nErrors: 3, nInserted: 0, nModified: 0, nDeleted: 0 });
    // No statement makes a collection that is to be there.
    expect(await run('shop.c')).toMatchObject({ nErrors: 3 });
    expect(await db.listCollections({ name: 'c' }).toArray()).toEqual([]);
    await expect(
      client.db('admin').command({
        bulkWrite: 1,
        ops: statements,
        nsInfo: [{ ns: 'shop.a', collectionUUID: 'a' }],
      }),
    ).rejects.toMatchObject({ code: 14 });
  });

  test('refuses statements that name no collection, and other databases than admin', async () => {
    const ops = [{ insert: 1, document: {} }];
    const nsInfo = [{ ns: 'shop.a' }];

    await expect(client.db('admin').command({ bulkWrite: 1, ops, nsInfo })).rejects.toMatchObject({
      code: 2,
      errmsg: 'BulkWrite insert entry 0 has an invalid nsInfo index.',
    });
    await expect(db.command({ bulkWrite: 1, ops, nsInfo })).rejects.toMatchObject({
      code: 13,
    });
    await expect(
      client.db('admin').command({ bulkWrite: 1, ops, nsInfo: [{ ns: 'nodot' }] }),
    ).rejects.toMatchObject({ code: 73 });
  });
});

describe('an operation of bulkWrite', () => {
  test.each<[Document, number]>([
    [{ update: 0, filter: {}, updateMods: null }, 9],
    [{ update: 0, filter: {}, updateMods: { $set: { a: 1 } }, hint: null }, 9],
    [{ delete: 0, filter: {}, hint: null }, 9],
    [{}, 9],
    [{ replace: 0, document: {} }, 40415],
    [{ insert: null, document: {} }, 40414],
    [{ update: null, filter: {}, updateMods: { $set: { a: 1 } } }, 40414],
    [{ delete: null, filter: {} }, 40414],
    [{ insert: 1, document: {} }, 2],
    [{ insert: 'x', document: {} }, 14],
    [{ insert: 0 }, 40414],
    [{ insert: 0, document: {}, noSuchField: 1 }, 40415],
  ])('%j answers code %i', async (operation, code) => {
    const command = { bulkWrite: 1, ops: [operation], nsInfo: [{ ns: 'shop.a' }] };
    await expect(client.db('admin').command(command)).rejects.toMatchObject({ code });
  });
});
