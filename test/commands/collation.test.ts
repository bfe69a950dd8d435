/** Collations on reads and writes, as a driver sees them. */
import type { CollationOptions, Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

type Row = Document & { _id: number };

/** Letters and accents, not their case. */
const noCase: CollationOptions = { locale: 'en', strength: 2 };

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

const filters: readonly [Document, unknown[]][] = [
  [{ s: 'APPLE' }, [1, 2, 6]],
  [{ s: { $eq: 'Äpple' } }, [3]],
  [{ s: { $ne: 'apple' } }, [3, 4, 5, 7, 8]],
  [{ s: { $in: ['BANANA', 7] } }, [4, 5, 7]],
  [{ s: { $nin: ['BANANA', 'apple'] } }, [3, 7, 8]],
  [{ s: { $gt: 'Apple' } }, [3, 4, 5, 6]],
  [{ s: { $gte: 'BANANA' } }, [4, 5, 6]],
  [{ s: { $lt: 'b' } }, [1, 2, 3, 6]],
  [{ s: { $lte: 'cherry', $gte: 'BANANA' } }, [4, 5, 6]],
  [{ s: { $not: { $lt: 'b' } } }, [4, 5, 7, 8]],
  [{ s: { $all: ['cherry', 'Apple'] } }, [6]],
  [{ s: { $elemMatch: { $eq: 'cherry' } } }, [6]],
  [{ s: { $gt: 5 } }, [7]],
  [{ n: { s: 'x' } }, [1, 2]],
  [{ n: { $gte: { s: 'X' } } }, [1, 2]],
  [{ list: ['b'] }, [5]],
  [{ list: ['B', 'a'] }, [4]],
  [{ $or: [{ s: 'BANANA' }, { 'n.s': 'x' }] }, [1, 2, 4, 5]],
  [{ $expr: { $eq: ['$s', 'APPLE'] } }, [1, 2]],
  [{ $expr: { $gt: ['$s', 'b'] } }, [4, 5, 6]],
  // A regular expression looks at the letters themselves.
  [{ s: /^a/ }, [1, 6]],
  [{ s: { $in: [/^B/, 'APPLE'] } }, [1, 2, 4, 6]],
];

describe('find with a collation', () => {
  test.each(filters)('%j finds %j', async (filter, expected) => {
    expect((await idsOf(filter)).sort()).toEqual(expected);
  });

  test.each(filters)('%j finds %j by an index of any collation', async (filter, expected) => {
    await things().createIndexes([
      { key: { s: 1 }, name: 'own', collation: noCase },
      { key: { s: -1 }, name: 'down', collation: noCase },
      { key: { s: 1 }, name: 'other', collation: { locale: 'en', strength: 1 } },
      { key: { s: 1 }, name: 'bytes' },
      { key: { n: 1, list: -1 }, name: 'nested', collation: noCase },
    ]);
    for (const hint of ['own', 'down', 'other', 'bytes', 'nested', undefined]) {
      expect([hint, (await idsOf(filter, hint === undefined ? {} : { hint })).sort()]).toEqual([
        hint,
        expected,
      ]);
    }
  });

  test('sorts by it, numbers in text by their value if asked', async () => {
    expect(await idsOf({ _id: { $lt: 6 } }, { sort: { s: 1, _id: 1 } })).toEqual([1, 2, 3, 4, 5]);
    expect(await idsOf({ _id: { $lt: 6 } }, { sort: { s: -1, _id: 1 } })).toEqual([4, 5, 3, 1, 2]);
    const files = db.collection<Row>('files');
    await files.insertMany(['f10', 'f9', 'f1', 'F2'].map((s, _id) => ({ _id, s })));
    const sorted = files.find().sort({ s: 1 });
    expect(
      await sorted
        .collation({ locale: 'en', numericOrdering: true })
        .map(({ s }) => s)
        .toArray(),
    ).toEqual(['f1', 'F2', 'f9', 'f10']);
  });

  test('finds elements for projections by it', async () => {
    const found = await db.command({
      find: 'things',
      filter: { list: 'A' },
      projection: { 'list.$': 1 },
      collation: noCase,
    });
    const matched = await db.command({
      find: 'things',
      filter: { _id: 4 },
      projection: { list: { $elemMatch: { $eq: 'a' } } },
      collation: noCase,
    });
    expect(found.cursor.firstBatch).toEqual([{ _id: 4, list: ['A'] }]);
    expect(matched.cursor.firstBatch).toEqual([{ _id: 4, list: ['A'] }]);
  });
});

describe('other reads with a collation', () => {
  test('count and distinct go by it', async () => {
    expect(await things().countDocuments({ s: 'APPLE' }, { collation: noCase })).toBe(3);
    expect(
      (await db.command({ count: 'things', query: { s: 'APPLE' }, collation: noCase })).n,
    ).toBe(3);
    expect(await things().distinct('s', {}, { collation: noCase })).toEqual([
      7,
      'apple',
      'äpple',
      'Banana',
      'CHERRY',
    ]);
    expect(await things().distinct('n', {}, { collation: noCase })).toEqual([{ s: 'X' }]);
  });

  test.each<[Document[], Document[]]>([
    [
      [{ $match: { s: 'APPLE', n: { $exists: true } } }, { $project: { _id: 1 } }],
      [{ _id: 1 }, { _id: 2 }],
    ],
    [
      [
        { $match: { _id: { $lt: 6 } } },
        { $group: { _id: '$s', n: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ],
      [
        { _id: 'apple', n: 2 },
        { _id: 'äpple', n: 1 },
        { _id: 'Banana', n: 2 },
      ],
    ],
    [
      [
        { $match: { _id: { $lt: 6 } } },
        {
          $group: {
            _id: null,
            low: { $min: '$s' },
            high: { $max: '$s' },
            all: { $addToSet: '$n.s' },
          },
        },
      ],
      [{ _id: null, low: 'apple', high: 'Banana', all: ['X'] }],
    ],
    [
      [
        { $match: { _id: 1 } },
        {
          $project: {
            eq: { $eq: ['$s', 'APPLE'] },
            cmp: { $cmp: ['$s', 'APPLE'] },
            in: { $in: ['APPLE', ['$s']] },
            at: { $indexOfArray: [['b', 'A'], 'a'] },
            set: { $setUnion: [['a', 'A'], ['b']] },
            same: { $setEquals: [['a'], ['A']] },
            cond: { $cond: [{ $gte: ['a', 'A'] }, 1, 2] },
            // What is about the bytes of strings stays so.
            text: { $concat: ['a', 'A'] },
          },
        },
      ],
      [
        {
          _id: 1,
          eq: true,
          cmp: 0,
          in: true,
          at: 1,
          set: ['a', 'b'],
          same: true,
          cond: 1,
          text: 'aA',
        },
      ],
    ],
  ])('aggregate %j', async (pipeline, expected) => {
    expect(await things().aggregate(pipeline, { collation: noCase }).toArray()).toEqual(expected);
  });
});

describe('writes with a collation', () => {
  test('update, delete and findAndModify find by it', async () => {
    const updated = await things().updateMany(
      { s: 'APPLE' },
      { $set: { u: 1 } },
      { collation: noCase },
    );
    expect(updated.modifiedCount).toBe(3);
    const sorted = {
      sort: { s: -1 as const },
      collation: noCase,
      returnDocument: 'after' as const,
    };
    const changed = await things().findOneAndUpdate({ s: 'BANANA' }, { $set: { f: 1 } }, sorted);
    expect(changed?._id).toBe(4);
    const removed = await things().findOneAndDelete({ s: 'ÄPPLE' }, { collation: noCase });
    expect(removed?._id).toBe(3);
    expect((await things().deleteMany({ s: 'BANANA' }, { collation: noCase })).deletedCount).toBe(
      2,
    );
  });

  test('a statement that names _id only finds by it too, whatever the collection has', async () => {
    const words = db.collection<{ _id: string; n: number }>('words');
    await words.insertMany([
      { _id: 'apple', n: 1 },
      { _id: 'Banana', n: 1 },
    ]);
    const apple = { _id: 'APPLE' };
    const changed = await words.updateOne(apple, { $set: { n: 2 } }, { collation: noCase });
    expect([changed.matchedCount, changed.modifiedCount]).toEqual([1, 1]);
    const found = await words.findOneAndUpdate(apple, { $inc: { n: 1 } }, { collation: noCase });
    expect(found).toEqual({ _id: 'apple', n: 2 });
    expect((await words.deleteOne({ _id: 'BANANA' }, { collation: noCase })).deletedCount).toBe(1);

    const folded = await db.createCollection<{ _id: string; n: number }>('folded', {
      collation: noCase,
    });
    await folded.insertOne({ _id: 'apple', n: 1 });
    const simple: CollationOptions = { locale: 'simple' };
    const missed = await folded.updateOne(apple, { $set: { n: 2 } }, { collation: simple });
    expect(missed.matchedCount).toBe(0);
    const met = await folded.updateOne({ _id: 'apple' }, { $set: { n: 2 } }, { collation: simple });
    expect(met.modifiedCount).toBe(1);
    expect((await folded.deleteOne(apple)).deletedCount).toBe(1);
  });

  test('each statement of a batch has its own', async () => {
    const result = await things().bulkWrite([
      { updateMany: { filter: { s: 'APPLE' }, update: { $set: { u: 1 } }, collation: noCase } },
      { updateMany: { filter: { s: 'APPLE' }, update: { $set: { v: 1 } } } },
      { deleteMany: { filter: { s: 'banana' }, collation: noCase } },
    ]);
    expect([result.modifiedCount, result.deletedCount]).toEqual([3, 2]);
    const { cursor } = await db.admin().command({
      bulkWrite: 1,
      ops: [
        { update: 0, filter: { s: 'ÄPPLE' }, updateMods: { $set: { w: 1 } }, collation: noCase },
        { delete: 0, filter: { s: 'ÄPPLE' }, collation: noCase },
      ],
      nsInfo: [{ ns: 'shop.things' }],
    });
    expect(cursor.firstBatch.map(({ n }: Document) => n)).toEqual([1, 1]);
  });

  test.each<[Document, Document, Document]>([
    [{ list: ['b', 'A'] }, { $addToSet: { list: 'a' } }, { list: ['b', 'A'] }],
    [
      { list: ['b', 'A'] },
      { $addToSet: { list: { $each: ['c', 'C'] } } },
      { list: ['b', 'A', 'c'] },
    ],
    [{ list: ['b', 'A'] }, { $pull: { list: 'a' } }, { list: ['b'] }],
    [{ list: ['b', 'A'] }, { $pull: { list: { $gte: 'B' } } }, { list: ['A'] }],
    [{ list: ['b', 'A'] }, { $pullAll: { list: ['B'] } }, { list: ['A'] }],
    [
      { list: ['b', 'A'] },
      { $push: { list: { $each: ['a10', 'B'], $sort: 1 } } },
      { list: ['A', 'a10', 'b', 'B'] },
    ],
    [{ s: 'B' }, { $min: { s: 'a' } }, { s: 'a' }],
    [{ s: 'b' }, { $min: { s: 'B' } }, { s: 'b' }],
    [{ s: 'B' }, { $max: { s: 'a' } }, { s: 'B' }],
    [{ list: ['b', 'A'] }, { $set: { 'list.$[x]': 1 } }, { list: ['b', 1] }],
  ])('of %j %j makes %j', async (before, update, after) => {
    const c = db.collection<Row>('one');
    await c.insertOne({ _id: 1, ...before });
    const needsFilter = JSON.stringify(update).includes('$[x]');
    await c.updateOne({ _id: 1 }, update, {
      collation: noCase,
      ...(needsFilter ? { arrayFilters: [{ x: 'a' }] } : {}),
    });
    expect(await c.findOne({ _id: 1 })).toEqual({ _id: 1, ...after });
  });

  test('a pipeline compares by it', async () => {
    await things().updateOne({ _id: 1 }, [{ $set: { is: { $eq: ['$s', 'APPLE'] } } }], {
      collation: noCase,
    });
    expect(await things().findOne({ _id: 1 })).toMatchObject({ is: true });
  });
});
