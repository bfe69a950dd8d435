/** min, max, returnKey and showRecordId of a find. */
import type { Collection, Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

type Row = Document & { _id: number };

let things: Collection<Row>;

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  things = db.collection<Row>('things');
  await things.createIndex({ a: 1, b: -1 });
  await things.createIndex({ tags: 1 });
  await things.insertMany([
    { _id: 1, a: 1, b: 1, tags: ['x', 'y'] },
    { _id: 2, a: 1, b: 2, tags: [] },
    { _id: 3, a: 2, b: 1, tags: ['y', 'z'] },
    { _id: 4, a: 3, b: 1 },
  ]);
});

async function find(options: Document): Promise<Document[]> {
  const { cursor } = await db.command({ find: 'things', ...options });
  return cursor.firstBatch;
}

async function ids(options: Document): Promise<number[]> {
  return (await find(options)).map(({ _id }) => _id);
}

async function failure(options: Document): Promise<Record<string, unknown>> {
  return find(options).then(
    () => ({ code: 0 }),
    ({ code, errmsg }) => ({ code, errmsg }),
  );
}

describe('filter, limit, batchSize and singleBatch', () => {
  test.each<[string, Document, number]>([
    ['a filter that is null', { filter: null }, 14],
    ['a filter that is a number', { filter: 1 }, 14],
    ['a limit that is a string', { filter: {}, limit: '1' }, 14],
    ['a limit below 0', { limit: -1 }, 2],
    ['a batchSize below 0', { batchSize: -1 }, 2],
    ['a batchSize that is a document', { batchSize: {} }, 14],
    ['a singleBatch that is a string', { singleBatch: 'yes' }, 14],
    ['a singleBatch before a filter', { singleBatch: 'yes', filter: 1 }, 14],
    ['a field that find does not have', { filter: {}, limt: 1 }, 40415],
  ])('refuse %s alone as they do beside other fields', async (_, fields, code) => {
    const alone = await failure(fields);
    expect(alone).toEqual(await failure({ ...fields, skip: 0 }));
    expect(alone.code).toBe(code);
  });

  test('mean the same alone as beside other fields', async () => {
    for (const fields of [
      { filter: { _id: 2 } },
      { filter: { _id: 2 }, batchSize: 0 },
      { filter: { _id: { $gt: 1 } }, limit: 2 },
      { limit: 3, batchSize: 2, singleBatch: true },
      { filter: { a: 1 }, singleBatch: true, batchSize: 1 },
    ]) {
      const { cursor: alone } = await db.command({ find: 'things', ...fields });
      const { cursor: beside } = await db.command({ find: 'things', ...fields, skip: 0 });
      expect(alone.firstBatch).toEqual(beside.firstBatch);
      expect(String(alone.id) === '0').toBe(String(beside.id) === '0');
    }
  });
});

const hint = { a: 1, b: -1 };

describe('min and max', () => {
  test('read the hinted index from the one key to before the other', async () => {
    expect(await ids({ hint })).toEqual([2, 1, 3, 4]);
    expect(await ids({ hint, min: { a: 1, b: 1 } })).toEqual([1, 3, 4]);
    expect(await ids({ hint, max: { a: 2, b: 1 } })).toEqual([2, 1]);
    expect(await ids({ hint, min: { a: 1, b: 2 }, max: { a: 1, b: 1 } })).toEqual([2]);
    expect(await ids({ hint: 'a_1_b_-1', min: { a: 1.5, b: 0 } })).toEqual([3, 4]);
  });

  test('hold besides filter, sort, skip, limit and projection', async () => {
    const range = { hint, min: { a: 1, b: 1 } };
    expect(await ids({ ...range, filter: { b: 1, a: { $lt: 3 } } })).toEqual([1, 3]);
    expect(await ids({ ...range, sort: { _id: -1 }, limit: 2 })).toEqual([4, 3]);
    expect(await find({ ...range, skip: 2, projection: { a: 1 } })).toEqual([{ _id: 4, a: 3 }]);
  });

  test('are explained as a range of keys', async () => {
    const { queryPlanner } = await db.command({
      explain: { find: 'things', hint, min: { a: 1, b: 1 } },
      verbosity: 'queryPlanner',
    });
    expect(queryPlanner.winningPlan.inputStage).toMatchObject({
      stage: 'IXSCAN',
      indexName: 'a_1_b_-1',
      indexBounds: { startKey: { a: 1, b: 1 }, startKeyInclusive: true, endKeyInclusive: false },
    });
  });

  const planner = 'error processing query: ns=shop.things planner returned error :: caused by :: ';
  test.each<[Document, number, string]>([
    [
      { min: { a: 1, b: 1 } },
      51173,
      `${planner}When using min()/max() a hint of which index to use must be provided`,
    ],
    [{ hint, min: { a: 1 } }, 51174, `${planner}The index chosen is not compatible with min/max`],
    [
      { hint, min: { b: 1, a: 1 } },
      51174,
      `${planner}The index chosen is not compatible with min/max`,
    ],
    [
      { hint, min: { a: 2, b: 1 }, max: { a: 2, b: 1 } },
      51175,
      `${planner}The value provided for min() does not come before the value provided for max() in the hinted index`,
    ],
    [
      { hint, min: { a: 1, b: 1 }, max: { a: 2 } },
      51176,
      'min and max must have the same field names',
    ],
    [
      { hint: { $natural: 1 }, min: { a: 1, b: 1 } },
      291,
      `${planner}min and max are incompatible with $natural`,
    ],
    [
      { hint: 'none', min: { a: 1, b: 1 } },
      2,
      `${planner}hint provided does not correspond to an existing index`,
    ],
    [
      { min: 1 },
      14,
      "BSON field 'FindCommandRequest.min' is the wrong type 'int', expected type 'object'",
    ],
  ])('%j: %i', async (options, code, errmsg) => {
    expect(await failure(options)).toEqual({ code, errmsg });
  });
});

describe('returnKey', () => {
  test('shows the keys of the index that was used', async () => {
    const keys = await find({ filter: { a: 1 }, returnKey: true });
    expect(keys).toEqual([
      { a: 1, b: 2 },
      { a: 1, b: 1 },
    ]);
    expect(Object.keys(keys[0] ?? {})).toEqual(['a', 'b']);
  });

  test('of an index on an array it is the key that was met', async () => {
    expect(await find({ filter: { tags: 'y' }, returnKey: true })).toEqual([
      { tags: 'y' },
      { tags: 'y' },
    ]);
  });

  test('whatever stands above the index', async () => {
    expect(
      await find({
        filter: { a: { $lt: 3 } },
        hint,
        sort: { _id: -1 },
        projection: { b: 1 },
        returnKey: true,
      }),
    ).toEqual([
      { a: 2, b: 1 },
      { a: 1, b: 2 },
      { a: 1, b: 1 },
    ]);
  });

  test('without an index there is nothing to show', async () => {
    expect(await find({ filter: { b: 2 }, returnKey: true })).toEqual([{}]);
    expect(await find({ filter: { _id: 2 }, returnKey: true })).toEqual([{ _id: 2 }]);
  });
});

describe('showRecordId', () => {
  test('adds the number a document is kept by, whatever finds it', async () => {
    const projection = { a: 1 };
    const shown = { _id: 2, a: 1, $recordId: 2 };
    expect(await find({ filter: { _id: 2 }, projection, showRecordId: true })).toEqual([shown]);
    expect(await find({ filter: { b: 2 }, projection, showRecordId: true })).toEqual([shown]);
    expect(
      await find({ filter: { a: 1 }, sort: { _id: -1 }, projection, limit: 1, showRecordId: true }),
    ).toEqual([shown]);
  });

  test('adds nothing to the keys of an index', async () => {
    expect(await find({ filter: { a: 1 }, returnKey: true, showRecordId: true, limit: 1 })).toEqual(
      [{ a: 1, b: 2 }],
    );
  });
});

test.each(['min', 'max', 'returnKey', 'showRecordId'])('%s is not for views', async (option) => {
  await db.command({ create: 'view', viewOn: 'things' });
  const value = option.startsWith('m') ? { a: 1 } : true;
  await expect(db.command({ find: 'view', [option]: value })).rejects.toMatchObject({
    code: 168,
    errmsg: `Option ${option} not supported in aggregation.`,
  });
});
