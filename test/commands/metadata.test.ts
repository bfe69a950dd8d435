/** The words of `$meta`: what a query knows of a document beside its fields. Manual: $meta (aggregation). */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();
const c = db.collection('c');

beforeAll(async () => {
  await c.createIndex({ a: 1, b: -1 });
  await c.createIndex({ t: 'text' });
  await c.createIndex({ loc: '2dsphere' });
  await c.insertMany([
    { _id: 1, a: 1, b: [5, 6], t: 'tea', loc: { type: 'Point', coordinates: [0, 0] } },
    { _id: 2, a: 2, b: 7, t: 'tea cake', loc: { type: 'Point', coordinates: [0, 1] } },
    { _id: 3, a: 2, b: 8, t: 'cake' },
  ] as never[]);
});

const meta = (word: string) => ({ m: { $meta: word } });

async function found(filter: Document, projection: Document, options: Document = {}) {
  const documents = await c.find(filter, { projection, ...options } as Document).toArray();
  return documents.map((one) => (one as Document).m ?? null);
}

async function piped(...stages: Document[]) {
  return (await c.aggregate(stages).toArray()).map((one) => one.m ?? null);
}

test('alone it adds a field, and goes with what is left out and what is kept', async () => {
  const filter = { $text: { $search: 'tea' }, _id: 2 } as Document;
  const shown = async (projection: Document) => (await c.find(filter, { projection }).toArray())[0];
  expect(Object.keys((await shown(meta('textScore')))!)).toEqual([
    '_id',
    'a',
    'b',
    't',
    'loc',
    'm',
  ]);
  expect(await shown({ _id: 0, loc: 0, t: 0, ...meta('textScore') })).toEqual({
    a: 2,
    b: 7,
    m: 0.75,
  });
  expect(await shown({ a: 1, ...meta('textScore') })).toEqual({ _id: 2, a: 2, m: 0.75 });
  expect(await shown({ a: { $meta: 'textScore' }, t: 1 })).toEqual({
    _id: 2,
    t: 'tea cake',
    a: 0.75,
  });
});

describe('the words', () => {
  test('recordId', async () => {
    expect(await found({}, { ...meta('recordId') })).toEqual([1, 2, 3]);
    expect(await piped({ $match: { a: 2 } }, { $project: meta('recordId') })).toEqual([3, 2]);
  });

  test('indexKey', async () => {
    const keys = [
      { a: 2, b: 8 },
      { a: 2, b: 7 },
    ];
    expect(await found({ a: 2 }, meta('indexKey'))).toEqual(keys);
    expect(await piped({ $match: { a: 2 } }, { $addFields: meta('indexKey') })).toEqual(keys);
    expect(await found({ t: 'tea' }, meta('indexKey'))).toEqual([null]);
    expect(await found({ $text: { $search: 'cake' } }, meta('indexKey'))).toEqual([null, null]);
  });

  test('sortKey', async () => {
    const sort = { a: 1, b: -1 } as const;
    const keys = [
      [1, 6],
      [2, 8],
      [2, 7],
    ];
    expect(await found({}, meta('sortKey'), { sort })).toEqual(keys);
    expect(await piped({ $sort: sort }, { $project: meta('sortKey') })).toEqual(keys);
    expect(await piped({ $limit: 3 }, { $sort: sort }, { $project: meta('sortKey') })).toEqual(
      keys,
    );
    const byScore = { score: { $meta: 'textScore' as const }, _id: 1 as const };
    expect(await found({ $text: { $search: 'cake' } }, meta('sortKey'), { sort: byScore })).toEqual(
      [
        [1.1, 3],
        [0.75, 2],
      ],
    );
  });

  test('geoNearDistance and geoNearPoint', async () => {
    const near = (at: Document) => ({ loc: { $nearSphere: at } });
    const [same, degree] = await found(near([0, 0]), meta('geoNearDistance'));
    expect([same, degree]).toEqual([0, expect.closeTo(Math.PI / 180, 9)]);
    const point = { $geometry: { type: 'Point', coordinates: [0, 0] } };
    const [, metres] = await found(near(point), meta('geoNearDistance'));
    expect(metres).toBeCloseTo(6378100 * (Math.PI / 180), 3);
    expect((await found(near([0, 1]), meta('geoNearPoint')))[0]).toEqual({
      type: 'Point',
      coordinates: [0, 1],
    });
  });

  test('those of Atlas Search, and randVal, are missing', async () => {
    for (const word of ['searchScore', 'searchHighlights', 'vectorSearchScore', 'randVal']) {
      expect(await piped({ $match: { _id: 1 } }, { $project: meta(word) })).toEqual([null]);
    }
  });

  test('textScore goes through a group and an unwinding', async () => {
    const match = { $match: { $text: { $search: 'tea' } } };
    const sum = { $group: { _id: null, m: { $sum: { $meta: 'textScore' } } } };
    expect(await piped(match, sum)).toEqual([1.85]);
    const unwound = await piped(match, { $unwind: '$b' }, { $project: meta('textScore') });
    expect([...unwound].sort()).toEqual([0.75, 1.1, 1.1]);
  });
});

describe('refused', () => {
  const missing = (what: string) => `query requires ${what} metadata, but it is not available`;

  test.each<[string, number, string]>([
    ['textScore', 40218, missing('text score')],
    ['geoNearDistance', 40218, missing('$geoNear distance')],
    ['geoNearPoint', 40218, missing('$geoNear point')],
    ['sortKey', 2, 'cannot use sortKey $meta projection without a sort'],
    ['nonsense', 17308, 'Unsupported argument to $meta: nonsense'],
  ])('%s without what it needs', async (word, code, message) => {
    for (const filter of [{}, { a: 1 }, { _id: 1 }]) {
      expect(await failureOf(found(filter, meta(word)))).toEqual([code, message]);
    }
  });

  test.each<[Document, number, string]>([
    [{ m: { $meta: 'textScore' } }, 40218, missing('text score')],
    [{ m: { $meta: 'indexKey' } }, 31138, 'Illegal $meta sort: $meta: "indexKey"'],
    [{ m: { $nope: 1 } }, 17312, '$meta is the only expression supported by $sort right now'],
  ])('as the sort %j', async (sort, code, message) => {
    const find = db.command({ find: 'c', sort });
    expect(await failureOf(find)).toEqual([code, message]);
  });
});
