/** `$unionWith`, as a driver sees it. */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number | string };

const { db } = await startShop();

beforeAll(async () => {
  await db.collection<Row>('a').insertMany([{ _id: 1 }, { _id: 2 }]);
  await db.collection<Row>('b').insertMany([
    { _id: 2, n: 1 },
    { _id: 3, n: 2 },
  ]);
  await db.createCollection('even', { viewOn: 'b', pipeline: [{ $match: { n: 2 } }] });
});

function idsOf(pipeline: Document[]): Promise<unknown[]> {
  return db
    .collection('a')
    .aggregate(pipeline)
    .map(({ _id }) => _id)
    .toArray();
}

describe('$unionWith', () => {
  test('adds the documents of another collection behind those of this one', async () => {
    expect(await idsOf([{ $unionWith: 'b' }])).toEqual([1, 2, 2, 3]);
    expect(await idsOf([{ $unionWith: { coll: 'b' } }])).toEqual([1, 2, 2, 3]);
  });

  test('runs a pipeline over the other collection first', async () => {
    const union = { $unionWith: { coll: 'b', pipeline: [{ $match: { n: { $gt: 1 } } }] } };
    expect(await idsOf([union])).toEqual([1, 2, 3]);
    expect(await idsOf([{ $match: { _id: 9 } }, union, { $sort: { _id: -1 } }])).toEqual([3]);
  });

  test('takes a view, a collection that is not there and its own collection', async () => {
    expect(await idsOf([{ $unionWith: 'even' }])).toEqual([1, 2, 3]);
    expect(await idsOf([{ $unionWith: 'nowhere' }])).toEqual([1, 2]);
    expect(await idsOf([{ $unionWith: 'a' }])).toEqual([1, 2, 1, 2]);
  });

  test('takes documents in place of a collection', async () => {
    const pipeline = [{ $documents: [{ _id: 'x' }] }, { $set: { y: 1 } }];
    expect(await idsOf([{ $unionWith: { pipeline } }])).toEqual([1, 2, 'x']);
  });

  test('stands inside of itself, and answers through getMore', async () => {
    const inner = { $unionWith: { coll: 'even' } };
    const union = { $unionWith: { coll: 'b', pipeline: [inner] } };
    const { cursor } = await db.command({
      aggregate: 'a',
      pipeline: [union],
      cursor: { batchSize: 2 },
    });
    const more = await db.command({ getMore: cursor.id, collection: 'a' });
    const found = [...cursor.firstBatch, ...more.cursor.nextBatch];
    expect(found.map(({ _id }) => _id)).toEqual([1, 2, 2, 3, 3]);
  });

  test('names the constants of the command', async () => {
    const pipeline = [{ $match: { $expr: { $eq: ['$n', '$$wanted'] } } }];
    const found = await db
      .collection('a')
      .aggregate([{ $unionWith: { coll: 'b', pipeline } }], { let: { wanted: 2 } })
      .toArray();
    expect(found).toEqual([{ _id: 1 }, { _id: 2 }, { _id: 3, n: 2 }]);
  });

  test.each([
    [1, 9, 'the $unionWith stage specification must be an object or string, but found int'],
    [
      {},
      9,
      '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
    ],
    [
      { coll: 1 },
      14,
      "BSON field '$unionWith.coll' is the wrong type 'int', expected type 'string'",
    ],
    [{ coll: 'b', x: 1 }, 40415, "BSON field '$unionWith.x' is an unknown field."],
    [{ coll: 'b', pipeline: 1 }, 14, "'pipeline' option must be specified as an array"],
    [{ coll: 'b', pipeline: [1] }, 14, "Each element of the 'pipeline' array must be an object"],
    [
      { coll: 'b', pipeline: [{ $out: 'c' }] },
      31441,
      "$out is not allowed within a $unionWith's sub-pipeline",
    ],
    [{ coll: 'b', pipeline: [{ $x: 1 }] }, 40324, "Unrecognized pipeline stage name: '$x'"],
    [
      { coll: 'b', pipeline: [{ $documents: [] }] },
      73,
      "'$documents' can only be run with {aggregate: 1}",
    ],
    ['', 73, "Invalid namespace specified 'shop.'"],
  ])('refuses %j', async (union, code, message) => {
    expect(
      await failureOf(
        db
          .collection('a')
          .aggregate([{ $unionWith: union }])
          .toArray(),
      ),
    ).toEqual([code, message]);
  });

  test('is nested 20 deep and no deeper', async () => {
    const nested = (depth: number): Document[] =>
      depth === 0 ? [] : [{ $unionWith: { coll: 'b', pipeline: nested(depth - 1) } }];
    expect((await idsOf(nested(20))).length).toBe(42);
    expect(await failureOf(idsOf(nested(21)))).toEqual([
      232,
      'Maximum number of nested sub-pipelines exceeded. Limit is 20',
    ]);
  });

  test('tells explain what it has read', async () => {
    const explained = await db
      .collection('a')
      .aggregate([{ $unionWith: { coll: 'b', pipeline: [{ $match: { n: 2 } }] } }])
      .explain('executionStats');
    expect(explained.stages[1]).toMatchObject({
      $unionWith: { coll: 'b', pipeline: [{ $match: { n: 2 } }] },
      totalDocsExamined: 2,
      collectionScans: 1,
      nReturned: 3,
    });
  });
});
