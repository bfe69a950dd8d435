import { type Document, MongoServerError } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client, db } = await startShop();

beforeEach(async () => {
  await things().drop();
  await things().insertMany([1, 2, 3].map((n) => ({ _id: n, n, at: new Date(n) })) as never);
});

function things() {
  return db.collection<{ _id: number; n?: number; at?: Date }>('things');
}

function all() {
  return things().find().sort({ _id: 1 }).toArray();
}

function command(body: Document): Promise<Document> {
  return db.command(body);
}

async function refusal(running: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MongoServerError)) throw new Error(`not refused: ${String(error)}`);
  return { code: error.code, message: error.message };
}

const isX = { $expr: { $eq: ['$n', '$$x'] } };

describe('let', () => {
  test('is known to the filter of a find', async () => {
    expect(
      await things()
        .find(isX, { let: { x: 2 } })
        .toArray(),
    ).toMatchObject([{ _id: 2 }]);
  });

  test('is known to a pipeline', async () => {
    const stages = [{ $match: isX }, { $set: { y: '$$x' } }, { $project: { y: 1 } }];
    const found = await things()
      .aggregate(stages, { let: { x: { $add: [1, 1] } } })
      .toArray();

    expect(found).toEqual([{ _id: 2, y: 2 }]);
  });

  test('is known to the filter of a delete', async () => {
    await command({ delete: 'things', deletes: [{ q: isX, limit: 0 }], let: { x: 2 } });

    expect((await all()).map(({ _id }) => _id)).toEqual([1, 3]);
  });

  test('is known to the filter and the pipeline of an update', async () => {
    const updates = [{ q: isX, u: [{ $set: { n: { $add: ['$$x', '$$y'] } } }], c: { y: 10 } }];
    const reply = await command({ update: 'things', updates, let: { x: 2 } });

    expect(reply).toMatchObject({ n: 1, nModified: 1 });
    expect((await all())[1]).toMatchObject({ _id: 2, n: 12 });
  });

  test('is known to findAndModify', async () => {
    const update = [{ $set: { n: { $multiply: ['$$x', 100] } } }];
    const reply = await command({
      findAndModify: 'things',
      query: isX,
      update,
      new: true,
      let: { x: 3 },
    });

    expect(reply.value).toMatchObject({ _id: 3, n: 300 });
  });

  test('is known to all statements of a bulkWrite', async () => {
    const reply = await client.db('admin').command({
      bulkWrite: 1,
      ops: [
        {
          update: 0,
          filter: isX,
          updateMods: [{ $set: { n: '$$y' } }],
          constants: { y: 'const' },
        },
        { delete: 0, filter: { $expr: { $gt: ['$n', { $literal: 'a' }] } }, multi: true },
      ],
      nsInfo: [{ ns: 'shop.things' }],
      let: { x: 1 },
    });

    expect(reply).toMatchObject({ nModified: 1, nDeleted: 1 });
    expect((await all()).map(({ _id }) => _id)).toEqual([2, 3]);
  });

  test.each([
    [{ x: '$n' }, 4890500],
    [{ x: '$$nope' }, 17276],
    [{ NOW: 1 }, 4738901],
    [{ 'a-b': 1 }, 9],
  ])('%j is refused by every command that has one with %i', async (spec, code) => {
    const commands = [
      { find: 'things', let: spec },
      { aggregate: 'things', pipeline: [], cursor: {}, let: spec },
      { delete: 'things', deletes: [{ q: {}, limit: 1 }], let: spec },
      { update: 'things', updates: [{ q: {}, u: {} }], let: spec },
      { findAndModify: 'things', remove: true, let: spec },
    ];
    for (const each of commands) expect(await refusal(command(each))).toMatchObject({ code });
  });

  test('must be a document', async () => {
    expect(await refusal(command({ find: 'things', let: 1 }))).toEqual({
      code: 14,
      message:
        "BSON field 'FindCommandRequest.let' is the wrong type 'int', expected type 'object'",
    });
  });

  test.each(['count', 'distinct'])('is not an option of %s', async (name) => {
    expect(await refusal(command({ [name]: 'things', key: 'n', let: {} }))).toMatchObject({
      code: 40415,
    });
  });
});

describe('a projection', () => {
  test('of a find computes with the constants of the command', async () => {
    const found = await things()
      .find({ _id: 2 }, { projection: { y: { $add: ['$n', '$$x'] } }, let: { x: 5 } })
      .toArray();

    expect(found).toEqual([{ _id: 2, y: 7 }]);
  });

  test('of a findAndModify computes too', async () => {
    const fields = { y: { $add: ['$n', '$$x'] } };
    const reply = await command({
      findAndModify: 'things',
      query: { _id: 2 },
      remove: true,
      fields,
      let: { x: 5 },
    });

    expect(reply.value).toEqual({ _id: 2, y: 7 });
  });

  test('of a findAndModify has the element that matched, of the document as it was', async () => {
    await things().insertOne({ _id: 7, l: [1, 2, 3] } as never);
    const body = {
      findAndModify: 'things',
      query: { l: 2 },
      update: { $set: { n: 1 } },
      fields: { 'l.$': 1 },
    };

    expect((await command(body)).value).toEqual({ _id: 7, l: [2] });
    expect(await refusal(command({ ...body, new: true }))).toMatchObject({ code: 2 });
  });
});

describe('$$NOW', () => {
  test('is one moment for all documents of an update', async () => {
    await things().updateMany({}, [{ $set: { at: '$$NOW' } }]);
    const times = (await all()).map(({ at }) => at?.getTime());

    expect(new Set(times).size).toBe(1);
    expect(times[0]).toBeGreaterThan(1e12);
  });

  test('is known to a find', async () => {
    expect(await things().countDocuments({ $expr: { $lt: ['$at', '$$NOW'] } })).toBe(3);
  });

  test.each([
    { count: 'things', query: { $expr: { $lt: ['$at', '$$NOW'] } } },
    { distinct: 'things', key: 'n', query: { $expr: { $lt: ['$at', '$$NOW'] } } },
  ])('is not known to %j', async (body) => {
    expect(await refusal(command(body))).toEqual({
      code: 51144,
      message: "Builtin variable '$$NOW' is not available",
    });
  });
});

describe('$expr', () => {
  test('seeds no upsert', async () => {
    expect(
      await refusal(things().updateOne({ $expr: true }, { $set: { n: 1 } }, { upsert: true })),
    ).toEqual({
      code: 224,
      message: '$expr is not allowed in the query predicate for an upsert',
    });
  });

  test('is shown by explain', async () => {
    const explained = await things()
      .find({ $expr: { $gt: ['$n', 1] } })
      .explain();

    expect(explained.queryPlanner.parsedQuery).toEqual({ $expr: { $gt: ['$n', 1] } });
  });

  test.each([
    [{ $expr: { $eq: ['$n', 2] } }, ['[2, 2]'], [2]],
    [{ $expr: { $gt: ['$n', 1] } }, ['(1, MaxKey]'], [2, 3, 5]],
    [{ $expr: { $lte: ['$n', 1] } }, ['[MinKey, 1]'], [1, 4]],
    [{ $expr: { $gt: [3, '$n'] } }, ['[MinKey, 3)'], [1, 2, 4]],
    [{ $expr: { $and: [{ $gte: ['$n', 1] }, { $lt: ['$n', 3] }] } }, ['[1, 3)'], [1, 2]],
  ])('%j reads an index between %j', async (filter, bounds, ids) => {
    await things().insertMany([{ _id: 4 }, { _id: 5, n: 'text' as never }]);
    await things().createIndex({ n: 1 });
    const explained = await things().find(filter).hint({ n: 1 }).explain();
    const found = await things().find(filter).toArray();

    expect(explained.queryPlanner.winningPlan.inputStage.indexBounds).toEqual({ n: bounds });
    expect(found.map(({ _id }) => _id).sort()).toEqual(ids);
  });

  test('reads no index that holds the elements of arrays', async () => {
    await things().insertOne({ _id: 4, n: [7, 8] as never });
    await things().createIndex({ n: 1 });

    expect(
      await things()
        .find({ $expr: { $eq: ['$n', 7] } })
        .toArray(),
    ).toEqual([]);
    expect(
      await things()
        .find({ $expr: { $eq: ['$n', [7, 8]] } })
        .toArray(),
    ).toHaveLength(1);
    expect(
      await things()
        .find({ $expr: { $gt: ['$n', 5] } })
        .toArray(),
    ).toHaveLength(1);
  });
});

describe('an update by a pipeline', () => {
  test('of an upsert starts from what the filter says', async () => {
    await things().updateOne({ _id: 9, n: 4 }, [{ $set: { double: { $multiply: ['$n', 2] } } }], {
      upsert: true,
    });

    expect(await things().findOne({ _id: 9 })).toEqual({ _id: 9, n: 4, double: 8 });
  });

  test('may not change the _id', async () => {
    expect(await refusal(things().updateOne({ _id: 1 }, [{ $set: { _id: 7 } }]))).toEqual({
      code: 66,
      message:
        "After applying the update, the (immutable) field '_id' was found to have been altered to _id: 7",
    });
  });

  test('keeps the indexes', async () => {
    await things().createIndex({ n: 1 });
    await things().updateMany({}, [{ $replaceWith: { n: { $subtract: [0, '$n'] } } }]);

    expect(await things().find({ n: -2 }).hint({ n: 1 }).toArray()).toEqual([{ _id: 2, n: -2 }]);
    expect(await things().find({ n: 2 }).hint({ n: 1 }).toArray()).toEqual([]);
  });
});

describe('a view', () => {
  test('may speak of the time, of each query anew', async () => {
    await db.dropCollection('past');
    const pipeline = [{ $match: { $expr: { $lt: ['$at', '$$NOW'] } } }];
    await command({ create: 'past', viewOn: 'things', pipeline });

    expect(await db.collection('past').countDocuments()).toBe(3);
  });
});
