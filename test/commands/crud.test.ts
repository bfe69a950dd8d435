import { type Collection, type Document, ObjectId } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

let things: Collection<Thing>;

interface Thing extends Document {
  _id: number;
}

const { client, db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  things = db.collection('things');
});

async function failure(running: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await running;
  } catch (error) {
    return error as unknown as Record<string, unknown>;
  }
  throw new Error('it did not fail');
}

describe('insert', () => {
  test('a document comes back as it went in, with _id first', async () => {
    await db.collection('things').insertOne({ b: 2, a: { c: [1, 'x', null] }, _id: 7 as never });
    const found = await things.findOne({});
    expect(Object.keys(found!)).toEqual(['_id', 'b', 'a']);
    expect(found).toEqual({ _id: 7, b: 2, a: { c: [1, 'x', null] } });
  });

  test('a document without _id gets an ObjectId from the server', async () => {
    await db.command({ insert: 'things', documents: [{ a: 1 }] });
    const found = await things.findOne({ a: 1 });
    expect(found!._id).toBeInstanceOf(ObjectId);
  });

  test('a document of more than 16 MB is refused as too large', async () => {
    const error = await failure(things.insertOne({ _id: 1, bytes: Buffer.alloc(17_000_000) }));
    expect(error).toMatchObject({ code: 10334, codeName: 'BSONObjectTooLarge' });
  });

  test('an ordered batch stops at the first duplicate', async () => {
    const error = await failure(things.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }]));
    expect(error.code).toBe(11000);
    expect(await things.countDocuments({})).toBe(1);
  });

  test('an unordered batch inserts the rest, and names each duplicate', async () => {
    const documents = [1, 1, 2, 2, 3].map((_id) => ({ _id }));
    const reply = await db.command({ insert: 'things', documents, ordered: false });
    expect(reply).toMatchObject({ ok: 1, n: 3 });
    expect(reply.writeErrors).toEqual([
      {
        index: 1,
        code: 11000,
        keyPattern: { _id: 1 },
        keyValue: { _id: 1 },
        errmsg:
          'E11000 duplicate key error collection: shop.things index: _id_ dup key: { _id: 1 }',
      },
      expect.objectContaining({ index: 3, code: 11000 }),
    ]);
    expect(await things.countDocuments({})).toBe(3);
  });

  test('a thousand documents arrive in the order they were sent', async () => {
    await things.insertMany(Array.from({ length: 1000 }, (_, _id) => ({ _id })));
    const ids = (await things.find().toArray()).map(({ _id }) => _id);
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, at) => at));
  });

  test.each([
    [[1], "The '_id' value cannot be of type array"],
    [/x/, "The '_id' value cannot be of type regex"],
  ])('an _id of %s is refused', async (_id, message) => {
    const error = await failure(things.insertOne({ _id: _id as never }));
    expect(error).toMatchObject({ code: 53, errmsg: message });
  });

  test.each([{ ordered: 1 }, { bypassDocumentValidation: 'yes' }, { documents: [1] }])(
    '%j is of the wrong type',
    async (fields) => {
      const error = await failure(db.command({ insert: 'things', documents: [{}], ...fields }));
      expect(error.code).toBe(14);
    },
  );

  test('an unknown field of the command is refused by name', async () => {
    const error = await failure(db.command({ insert: 'things', documents: [{}], colour: 1 }));
    expect(error).toMatchObject({
      code: 40415,
      errmsg: "BSON field 'insert.colour' is an unknown field.",
    });
  });
});

describe('find', () => {
  test('a tailable cursor on a collection that is not capped is refused', async () => {
    const error = await failure(things.find({}, { tailable: true }).toArray());
    expect(error).toMatchObject({
      code: 2,
      errmsg:
        'error processing query: ns=shop.things tailable cursor requested on non capped collection',
    });
  });

  beforeEach(async () => {
    await things.insertMany(
      Array.from({ length: 250 }, (_, _id) => ({ _id, even: _id % 2 === 0 })),
    );
  });

  test('batches follow the batch size, and writes between them do no harm', async () => {
    const cursor = things.find({ even: true }, { batchSize: 10 });
    const first = await cursor.next();
    expect(first!._id).toBe(0);
    await things.deleteMany({ _id: { $gte: 200 } });
    await things.insertOne({ _id: 1000, even: true });
    const rest = (await cursor.toArray()).map(({ _id }) => _id);
    expect(rest).toHaveLength(100);
    expect(rest.at(-1)).toBe(1000);
  });

  test('filter, sort, skip, limit and projection work together', async () => {
    const found = await things
      .find({ _id: { $lt: 100 } }, { projection: { even: 0 } })
      .sort({ _id: -1 })
      .skip(5)
      .limit(2)
      .toArray();
    expect(found).toEqual([{ _id: 94 }, { _id: 93 }]);
  });

  test('a point lookup finds one document or none', async () => {
    expect(await things.findOne({ _id: 42 })).toEqual({ _id: 42, even: true });
    expect(await things.findOne({ _id: 42.5 })).toBeNull();
    expect(await things.findOne({ _id: 42 }, { projection: { _id: 0 } })).toEqual({ even: true });
  });

  test('a killed cursor is gone', async () => {
    const { cursor } = await db.command({ find: 'things', batchSize: 2 });
    const killed = await db.command({ killCursors: 'things', cursors: [cursor.id] });
    expect(killed.cursorsKilled).toEqual([cursor.id]);
    const error = await failure(db.command({ getMore: cursor.id, collection: 'things' }));
    expect(error).toMatchObject({ code: 43, errmsg: `cursor id ${cursor.id} not found` });
  });

  test('dropping the collection ends its cursors', async () => {
    const { cursor } = await db.command({ find: 'things', batchSize: 2 });
    await things.drop();
    const error = await failure(db.command({ getMore: cursor.id, collection: 'things' }));
    expect(error).toMatchObject({ code: 175, codeName: 'QueryPlanKilled' });
  });

  test.each([
    [{ limit: -1 }, 2, "BSON field 'limit' value must be >= 0, actual value '-1'"],
    [
      { filter: 'x' },
      14,
      "BSON field 'FindCommandRequest.filter' is the wrong type 'string', expected type 'object'",
    ],
    [
      { filter: null },
      14,
      "BSON field 'FindCommandRequest.filter' is the wrong type 'null', expected type 'object'",
    ],
    [
      { let: 5 },
      14,
      "BSON field 'FindCommandRequest.let' is the wrong type 'int', expected type 'object'",
    ],
    [{ find: '$x' }, 73, "Invalid namespace specified 'shop.$x'"],
  ])('find with %j is refused', async (fields, code, errmsg) => {
    expect(await failure(db.command({ find: 'things', ...fields }))).toMatchObject({
      code,
      errmsg,
    });
  });

  test('a name that is no string is refused', async () => {
    expect(await failure(db.command({ find: 5 }))).toMatchObject({
      code: 73,
      errmsg: 'collection name has invalid type int',
    });
  });

  test('count and distinct agree with find', async () => {
    expect(await things.countDocuments({ even: true })).toBe(125);
    expect(await things.estimatedDocumentCount()).toBe(250);
    expect(await db.command({ count: 'things', query: { even: true }, limit: 7 })).toMatchObject({
      n: 7,
    });
    expect(await things.distinct('even')).toEqual([false, true]);
  });

  test('explain names the stages', async () => {
    const explained = await things.find({ _id: 3 }).explain('executionStats');
    expect(explained.executionStats.nReturned).toBe(1);
    expect(explained.queryPlanner.winningPlan.stage).toBe('EXPRESS_IXSCAN');
  });
});

describe('delete', () => {
  test('deleteOne takes one, deleteMany all that match', async () => {
    await things.insertMany(Array.from({ length: 300 }, (_, _id) => ({ _id, g: _id % 3 })));
    expect(await things.deleteOne({ g: 1 })).toMatchObject({ deletedCount: 1 });
    expect(await things.deleteMany({ g: 1 })).toMatchObject({ deletedCount: 99 });
    expect(await things.deleteMany({})).toMatchObject({ deletedCount: 200 });
    expect(await db.command({ validate: 'things' })).toMatchObject({ valid: true, nrecords: 0 });
  });

  test('findOneAndDelete returns what it took, in the order of the sort', async () => {
    await things.insertMany([
      { _id: 1, r: 2 },
      { _id: 2, r: 1 },
    ]);
    expect(await things.findOneAndDelete({}, { sort: { r: 1 } })).toEqual({ _id: 2, r: 1 });
    expect(await things.findOneAndDelete({ _id: 9 })).toBeNull();
  });
});

describe('update', () => {
  beforeEach(async () => {
    await things.insertMany([
      { _id: 1, a: 1, tags: ['x', 'y'] },
      { _id: 2, a: 2, tags: [] },
      { _id: 3, a: 2 },
    ]);
  });

  test('updateOne changes the first match, updateMany all of them', async () => {
    expect(await things.updateOne({ a: 2 }, { $inc: { a: 10 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    });
    expect(await things.updateMany({}, { $set: { seen: true } })).toMatchObject({
      matchedCount: 3,
      modifiedCount: 3,
    });
    expect(await things.updateMany({}, { $set: { seen: true } })).toMatchObject({
      matchedCount: 3,
      modifiedCount: 0,
    });
    expect(await things.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, a: 1, tags: ['x', 'y'], seen: true },
      { _id: 2, a: 12, tags: [], seen: true },
      { _id: 3, a: 2, seen: true },
    ]);
  });

  test('a replacement without an _id always counts as a change, as in MongoDB', async () => {
    await things.insertOne({ _id: 90, a: 1 });
    const same = await things.replaceOne({ _id: 90 }, { a: 1 } as never);
    expect(same).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    const whole = await things.replaceOne({ _id: 90 }, { _id: 90, a: 1 });
    expect(whole).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
  });

  test('a replacement keeps _id and refuses another', async () => {
    await things.replaceOne({ _id: 1 }, { b: 1 } as never);
    expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, b: 1 });
    expect(await failure(things.replaceOne({ _id: 1 }, { _id: 5 }))).toMatchObject({ code: 66 });
    expect(await failure(things.updateOne({ _id: 1 }, { $set: { _id: 5 } }))).toMatchObject({
      code: 66,
    });
  });

  test('an upsert inserts what filter and update say, and tells the _id', async () => {
    const first = await things.updateOne({ _id: 9, k: 'v' }, { $set: { n: 1 } }, { upsert: true });
    expect(first).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 9 });
    expect(await things.findOne({ _id: 9 })).toEqual({ _id: 9, k: 'v', n: 1 });
    const second = await things.updateOne({ name: 'new' }, { $inc: { n: 1 } }, { upsert: true });
    expect(second.upsertedId).toBeInstanceOf(ObjectId);
    expect(
      await things.updateOne({ name: 'new' }, { $inc: { n: 1 } }, { upsert: true }),
    ).toMatchObject({
      matchedCount: 1,
      upsertedCount: 0,
    });
  });

  test('an update of many does not meet its own results again', async () => {
    await things.createIndex({ a: 1 });
    await things.insertMany(
      Array.from({ length: 3000 }, (_, at) => ({ _id: 100 + at, a: 100 + at })),
    );
    const result = await things.updateMany({ a: { $gte: 100 } }, { $inc: { a: 50 } });
    expect(result).toMatchObject({ matchedCount: 3000, modifiedCount: 3000 });
    expect(await things.countDocuments({ a: { $gte: 150, $lt: 3150 } })).toBe(3000);
    expect(await db.command({ validate: 'things' })).toMatchObject({ valid: true });
  });

  test('an update of many that meets a duplicate keeps what it did before', async () => {
    await things.deleteMany({});
    await things.createIndex({ u: 1 }, { unique: true });
    await things.insertMany([
      { _id: 1, u: 1 },
      { _id: 2, u: 2 },
      { _id: 3, u: 3 },
    ]);
    expect(await failure(things.updateMany({}, { $set: { u: 7 } }))).toMatchObject({ code: 11000 });
    expect(await things.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, u: 7 },
      { _id: 2, u: 2 },
      { _id: 3, u: 3 },
    ]);
  });

  test('an ordered bulk stops at its error, an unordered one goes on', async () => {
    const updates = [
      { q: { _id: 1 }, u: { $set: { a: 5 } } },
      { q: { _id: 2 }, u: { $bad: 1 } },
      { q: { _id: 3 }, u: { $set: { a: 5 } } },
    ];
    const ordered = await db.command({ update: 'things', updates });
    expect(ordered).toMatchObject({ n: 1, nModified: 1, writeErrors: [{ index: 1, code: 9 }] });
    const unordered = await db.command({ update: 'things', updates, ordered: false });
    expect(unordered).toMatchObject({ n: 2, nModified: 1 });
  });

  test('findOneAndUpdate returns the document before or after, projected', async () => {
    const before = await things.findOneAndUpdate(
      { a: 2 },
      { $inc: { a: 1 } },
      { sort: { _id: -1 } },
    );
    expect(before).toEqual({ _id: 3, a: 2 });
    const after = await things.findOneAndUpdate(
      { _id: 3 },
      { $inc: { a: 1 } },
      { returnDocument: 'after', projection: { _id: 0 } },
    );
    expect(after).toEqual({ a: 4 });
    const made = await things.findOneAndUpdate(
      { _id: 50 },
      { $set: { a: 1 } },
      { upsert: true, returnDocument: 'after', includeResultMetadata: true },
    );
    expect(made).toMatchObject({
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 50 },
      value: { _id: 50, a: 1 },
    });
    expect(await things.findOneAndUpdate({ _id: 99 }, { $set: { a: 1 } })).toBeNull();
    expect(await things.findOneAndReplace({ _id: 50 }, { b: 2 } as never)).toEqual({
      _id: 50,
      a: 1,
    });
  });
});

describe('indexes', () => {
  test('a unique index refuses the second of its kind, and the message names it', async () => {
    await things.createIndex({ email: 1 }, { unique: true });
    await things.insertOne({ _id: 1, email: 'a@b' });
    const error = await failure(things.insertOne({ _id: 2, email: 'a@b' }));
    expect(error.message).toContain(
      'E11000 duplicate key error collection: shop.things index: email_1 dup key: { email: "a@b" }',
    );
    expect(error).toMatchObject({ keyPattern: { email: 1 }, keyValue: { email: 'a@b' } });
  });

  test('an index is used, and answers what a scan answers', async () => {
    await things.insertMany(
      Array.from({ length: 2000 }, (_, _id) => ({ _id, n: _id % 50, t: [_id % 7, _id % 11] })),
    );
    await things.createIndexes([{ key: { n: 1 } }, { key: { t: 1, n: -1 } }]);
    const plan = await things.find({ n: 3 }).explain();
    expect(JSON.stringify(plan)).toContain('IXSCAN');
    const byIndex = await things
      .find({ t: 5, n: { $gt: 20 } })
      .sort({ _id: 1 })
      .toArray();
    const byScan = await things
      .find({ t: 5, n: { $gt: 20 } })
      .hint({ $natural: 1 })
      .sort({ _id: 1 })
      .toArray();
    expect(byIndex).toEqual(byScan);
    expect(byIndex.length).toBeGreaterThan(0);
    expect(await db.command({ validate: 'things' })).toMatchObject({ valid: true });
  });

  test('a unique index over doubles is not built, and leaves nothing behind', async () => {
    await things.insertMany(Array.from({ length: 2000 }, (_, _id) => ({ _id, n: _id % 1999 })));
    expect(await failure(things.createIndex({ n: 1 }, { unique: true }))).toMatchObject({
      code: 11000,
    });
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_']);
  });

  test('the conflicts have MongoDB codes', async () => {
    await things.createIndex({ a: 1 });
    await things.createIndex({ a: 1 });
    expect(await failure(things.createIndex({ a: 1 }, { name: 'other' }))).toMatchObject({
      code: 85,
    });
    expect(await failure(things.createIndex({ b: 1 }, { name: 'a_1' }))).toMatchObject({
      code: 86,
    });
    expect(await failure(things.createIndex({ a: 0 as 1 }))).toMatchObject({ code: 67 });
    expect(await failure(things.dropIndex('_id_'))).toMatchObject({ code: 72 });
    expect(await failure(things.dropIndex('nope'))).toMatchObject({ code: 27 });
  });
});

describe('collections', () => {
  test('they are listed, renamed and dropped', async () => {
    await db.createCollection('one');
    await things.insertOne({ _id: 1 });
    expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual([
      'one',
      'things',
    ]);
    await things.rename('two');
    expect(await failure(db.collection('two').rename('one'))).toMatchObject({ code: 48 });
    await db.collection('two').rename('one', { dropTarget: true });
    expect(await db.collection('one').findOne({})).toEqual({ _id: 1 });
    expect(
      (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
    ).toEqual(['one']);
    const { databases } = await client.db('admin').command({ listDatabases: 1 });
    expect(databases).toMatchObject([{ name: 'shop', empty: false }]);
  });

  test('sizes add up', async () => {
    await things.insertMany([
      { _id: 1, s: 'x'.repeat(100) },
      { _id: 2, s: 'y'.repeat(100) },
    ]);
    const stats = await db.stats();
    expect(stats).toMatchObject({ objects: 2, collections: 1, indexes: 1 });
    const [collection] = await things.aggregate([{ $collStats: { storageStats: {} } }]).toArray();
    expect(collection!.storageStats).toMatchObject({ count: 2, nindexes: 1 });
    expect(stats.dataSize).toBe(collection!.storageStats.size);
  });

  test('aggregate runs a pipeline over the collection', async () => {
    await things.insertMany(Array.from({ length: 30 }, (_, _id) => ({ _id, g: _id % 3 })));
    const groups = await things
      .aggregate([
        { $match: { _id: { $gte: 3 } } },
        { $group: { _id: '$g', n: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(groups).toEqual([
      { _id: 0, n: 9 },
      { _id: 1, n: 9 },
      { _id: 2, n: 9 },
    ]);
  });
});
