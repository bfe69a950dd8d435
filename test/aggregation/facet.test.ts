/** `$facet`, as a driver sees it. */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number };

const { db } = await startShop();
const all = Array.from({ length: 2500 }, (_, _id) => ({ _id, n: _id % 3 }));

beforeAll(async () => {
  await db.collection<Row>('things').insertMany(all);
});

function facets(facet: unknown, collection = 'things'): Promise<Document[]> {
  return db
    .collection(collection)
    .aggregate([{ $facet: facet }])
    .toArray();
}

describe('$facet', () => {
  test('has one result with the results of each pipeline, all over the same documents', async () => {
    const [result, ...others] = await facets({
      none: [{ $match: { n: 7 } }],
      first: [{ $limit: 2 }],
      count: [{ $count: 'all' }],
      sums: [{ $group: { _id: '$n', sum: { $sum: '$_id' } } }, { $sort: { _id: 1 } }],
      last: [{ $sort: { _id: -1 } }, { $limit: 1 }],
    });
    expect(others).toEqual([]);
    const sumOf = (n: number): number =>
      all.reduce((sum, thing) => sum + (thing.n === n ? thing._id : 0), 0);
    expect(result).toEqual({
      none: [],
      first: all.slice(0, 2),
      count: [{ all: 2500 }],
      sums: [0, 1, 2].map((_id) => ({ _id, sum: sumOf(_id) })),
      last: [all.at(-1)],
    });
  });

  test('passes everything through a pipeline without stages', async () => {
    expect(await facets({ all: [] })).toEqual([{ all }]);
  });

  test('reads no further than its pipelines do', async () => {
    const explained = await db
      .collection('things')
      .aggregate([{ $facet: { a: [{ $limit: 1 }], b: [{ $limit: 2 }] } }])
      .explain('executionStats');
    const { totalDocsExamined } = explained.stages[0].$cursor.executionStats;
    expect(totalDocsExamined).toBeLessThan(2500);
    expect(explained.stages[1]).toMatchObject({
      $facet: { a: [{ $limit: 1 }], b: [{ $limit: 2 }] },
      nReturned: 1,
    });
  });

  test('has a result over nothing', async () => {
    expect(await facets({ a: [], b: [{ $count: 'n' }] }, 'nowhere')).toEqual([{ a: [], b: [] }]);
  });

  test('takes pipelines over other collections', async () => {
    const union = [{ $limit: 1 }, { $unionWith: { coll: 'things', pipeline: [{ $limit: 1 }] } }];
    expect(await facets({ union })).toEqual([{ union: [all[0], all[0]] }]);
  });

  test('is part of a view', async () => {
    await db.createCollection('counted', {
      viewOn: 'things',
      pipeline: [{ $facet: { n: [{ $count: 'n' }] } }],
    });
    expect(await db.collection('counted').find().toArray()).toEqual([{ n: [{ n: 2500 }] }]);
  });

  test.each<[unknown, number, string]>([
    [1, 40169, 'the $facet specification must be a non-empty object'],
    [{}, 40169, 'the $facet specification must be a non-empty object'],
    [{ a: 'x' }, 40170, 'arguments to $facet must be arrays, a is type string'],
    [
      { a: [1] },
      40171,
      'elements of arrays in $facet spec must be non-empty objects, a argument contained an element of type int',
    ],
    [
      { a: [{}] },
      40171,
      'elements of arrays in $facet spec must be non-empty objects, a argument contained an element of type object',
    ],
    [{ a: [{ $x: 1 }] }, 40324, "Unrecognized pipeline stage name: '$x'"],
    [{ '': [] }, 15998, 'FieldPath field names may not be empty strings.'],
    [
      { 'a.b': [] },
      16412,
      "FieldPath field names may not contain '.'. Consider using $getField or $setField.",
    ],
    [
      { $a: [] },
      16410,
      "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
    ],
    [
      { a: [{ $facet: { b: [] } }] },
      40600,
      '$facet is not allowed to be used within a $facet stage',
    ],
    [{ a: [{ $out: 'x' }] }, 40600, '$out is not allowed to be used within a $facet stage'],
    [
      { a: [{ $documents: [] }] },
      40600,
      '$documents is not allowed to be used within a $facet stage',
    ],
    [
      { a: [{ $collStats: {} }] },
      40600,
      '$collStats is not allowed to be used within a $facet stage',
    ],
    [
      { a: [{ $unionWith: { coll: 'b', pipeline: [{ $facet: { b: [] } }] } }] },
      40600,
      '$facet is not allowed to be used within a $facet stage',
    ],
    [
      { a: [{ $match: { $text: { $search: 'x' } } }] },
      17313,
      '$match with $text is only allowed as the first pipeline stage',
    ],
  ])('refuses %j', async (facet, code, message) => {
    expect(await failureOf(facets(facet))).toEqual([code, message]);
  });

  test('refuses results of more than 16 MB', async () => {
    const large = 'x'.repeat(1_000_000);
    const facet = { a: [{ $limit: 20 }, { $set: { large } }] };
    const [code] = await failureOf(facets(facet));
    expect(code).toBe(10334);
  });
});
