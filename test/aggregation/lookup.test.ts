/** `$lookup`, as a driver sees it. */
import type { Document } from 'mongodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number | string };

const { client, db } = await startShop();

/** The ids of what each document of `local` is joined with among those of `foreign`. */
async function joined(
  local: readonly unknown[],
  foreign: readonly Document[],
  fields = { localField: 'l', foreignField: 'f' },
): Promise<unknown[]> {
  await db.collection('local').deleteMany({});
  await db.collection('foreign').deleteMany({});
  await db
    .collection<Row>('local')
    .insertMany(local.map((l, _id) => (l === missing ? { _id } : { _id, l })));
  await db.collection<Row>('foreign').insertMany(foreign as Row[]);
  const found = await db
    .collection('local')
    .aggregate([{ $lookup: { from: 'foreign', ...fields, as: 'j' } }, { $sort: { _id: 1 } }])
    .toArray();
  return found.map(({ j }) => j.map(({ _id }: Row) => _id).sort());
}

const missing = Symbol('missing');

/** By a scan for the first document and a table for the others, and by an index. */
describe.each(['a table', 'an index'])('documents are joined by %s', (way) => {
  beforeAll(async () => {
    await db.dropDatabase();
    if (way === 'an index') await db.collection('foreign').createIndex({ f: 1 });
  });

  test('where values are equal, whatever the type of a number', async () => {
    const foreign = [
      { _id: 0, f: 1 },
      { _id: 1, f: 2.5 },
      { _id: 2, f: 'x' },
      { _id: 3, f: 1 },
    ];
    expect(await joined([1, 2.5, 'x', 'X', true], foreign)).toEqual([[0, 3], [1], [2], [], []]);
  });

  test('null with null and with nothing', async () => {
    const foreign = [{ _id: 0, f: null }, { _id: 1 }, { _id: 2, f: 0 }, { _id: 3, f: [] }];
    const nothing = [0, 1];
    expect(await joined([0, null, missing, []], foreign)).toEqual([[2], nothing, nothing, nothing]);
  });

  test('by any element of an array, on both sides, each document once', async () => {
    const foreign = [
      { _id: 0, f: 1 },
      { _id: 1, f: [1, 2] },
      { _id: 2, f: [[1]] },
      { _id: 3, f: 3 },
    ];
    expect(await joined([9, [1, 2, 1], [[1]], [3, null]], foreign)).toEqual([
      [],
      [0, 1],
      // As the array itself, and as an element of one.
      [2],
      [3],
    ]);
  });

  test('by a regular expression as a value, not as a pattern', async () => {
    const foreign = [
      { _id: 0, f: 'ab' },
      { _id: 1, f: /a/ },
    ];
    expect(await joined([0, /a/, [/a/, 'ab']], foreign)).toEqual([[], [1], [0, 1]]);
  });
});

describe('the path of the local field', () => {
  beforeEach(() => db.dropDatabase());

  test('goes through documents, arrays of documents and positions', async () => {
    const foreign = [1, 2, 3].map((f) => ({ _id: f, f }));
    const at = (localField: string) => ({ localField, foreignField: 'f' });
    expect(
      await joined([{ a: 1 }, [{ a: 2 }, { a: [3] }], [{ b: 1 }]], foreign, at('l.a')),
    ).toEqual([[1], [2, 3], []]);
    expect(await joined([[3, 2], { 1: 1 }, [[2], [1, 3]]], foreign, at('l.1'))).toEqual([
      [2],
      [1],
      [1, 3],
    ]);
  });
});

describe('$lookup', () => {
  beforeAll(async () => {
    await db.dropDatabase();
    await db
      .collection<Row>('orders')
      .insertMany([{ _id: 1, item: 'a', n: 2 }, { _id: 2, item: 'b', n: 1 }, { _id: 3 }]);
    await db.collection<Row>('stock').insertMany([
      { _id: 1, sku: 'a', in: 1 },
      { _id: 2, sku: 'b', in: 5 },
      { _id: 3, sku: 'a', in: 9 },
    ]);
    await db.createCollection('large', {
      viewOn: 'stock',
      pipeline: [{ $match: { in: { $gt: 4 } } }],
    });
    await db.createCollection('sums', {
      viewOn: 'stock',
      pipeline: [{ $group: { _id: '$sku', in: { $sum: '$in' } } }],
    });
  });

  async function looked(lookup: Document, ...more: Document[]): Promise<Document[]> {
    return db
      .collection('orders')
      .aggregate([{ $project: { item: 1, n: 1 } }, { $lookup: { as: 'j', ...lookup } }, ...more])
      .toArray();
  }

  const byItem = { from: 'stock', localField: 'item', foreignField: 'sku' };
  const ids = async (lookup: Document): Promise<unknown[]> =>
    (await looked(lookup)).map(({ j }) => j.map(({ _id }: Row) => _id));

  test('sets a field, also below others', async () => {
    expect(await looked({ ...byItem, as: 'item' }, { $match: { _id: 2 } })).toEqual([
      { _id: 2, item: [{ _id: 2, sku: 'b', in: 5 }], n: 1 },
    ]);
    const [first] = await looked({ ...byItem, as: 'x.y' });
    expect(first?.x).toEqual({
      y: [
        { _id: 1, sku: 'a', in: 1 },
        { _id: 3, sku: 'a', in: 9 },
      ],
    });
  });

  test('runs a pipeline with variables of the document', async () => {
    const pipeline = [
      { $match: { $expr: { $and: [{ $eq: ['$sku', '$$item'] }, { $gte: ['$in', '$$n'] }] } } },
    ];
    expect(await ids({ from: 'stock', let: { item: '$item', n: '$n' }, pipeline })).toEqual([
      [3],
      [2],
      [],
    ]);
  });

  test('runs the same pipeline for every document when it names none of them', async () => {
    const pipeline = [{ $match: { in: { $gt: 1 } } }, { $sort: { _id: -1 } }];
    expect(await ids({ from: 'stock', pipeline })).toEqual([
      [3, 2],
      [3, 2],
      [3, 2],
    ]);
    const rest = [{ $set: { n: '$$n' } }, { $match: { $expr: { $lt: ['$n', 2] } } }];
    expect(
      await ids({ from: 'stock', let: { n: '$n' }, pipeline: [...pipeline, ...rest] }),
    ).toEqual([[], [3, 2], [3, 2]]);
  });

  test('joins by fields and runs a pipeline over what was found', async () => {
    const pipeline = [{ $match: { $expr: { $gt: ['$in', '$$n'] } } }];
    expect(await ids({ ...byItem, let: { n: '$n' }, pipeline })).toEqual([[3], [2], []]);
    expect(await ids({ ...byItem, pipeline: [{ $sort: { in: -1 } }, { $limit: 1 }] })).toEqual([
      [3],
      [2],
      [],
    ]);
  });

  test('reads documents in place of a collection', async () => {
    const documents = {
      $documents: [
        { _id: 7, sku: 'a' },
        { _id: 8, sku: 'b' },
      ],
    };
    expect(await ids({ pipeline: [documents] })).toEqual([
      [7, 8],
      [7, 8],
      [7, 8],
    ]);
    const { from: _, ...fields } = byItem;
    expect(await ids({ ...fields, pipeline: [documents] })).toEqual([[7], [8], []]);
    const own = { $documents: [{ _id: '$$n' }] };
    expect(await ids({ let: { n: '$n' }, pipeline: [own] })).toEqual([[2], [1], [undefined]]);
  });

  test('reads views, joined after their own stages', async () => {
    expect(await ids({ ...byItem, from: 'large' })).toEqual([[3], [2], []]);
    const sums = { from: 'sums', localField: 'item', foreignField: '_id' };
    expect((await looked(sums)).map(({ j }) => j)).toEqual([
      [{ _id: 'a', in: 10 }],
      [{ _id: 'b', in: 5 }],
      [],
    ]);
  });

  test('is part of a view, which others look into', async () => {
    await db.createCollection('full', {
      viewOn: 'orders',
      pipeline: [{ $lookup: { ...byItem, as: 'j' } }],
    });
    const found = await looked({ from: 'full', localField: '_id', foreignField: '_id' });
    expect(found.map(({ j }) => j[0].j.length)).toEqual([2, 1, 0]);
  });

  test('stands inside of another, and names the variables around it', async () => {
    const inner = {
      $lookup: {
        from: 'orders',
        let: { sku: '$sku' },
        pipeline: [
          { $match: { $expr: { $and: [{ $eq: ['$item', '$$sku'] }, { $eq: ['$_id', '$$id'] }] } } },
        ],
        as: 'k',
      },
    };
    const found = await looked({ from: 'stock', let: { id: '$_id' }, pipeline: [inner] });
    expect(found.map(({ j }) => j.map(({ k }: Document) => k.map(({ _id }: Row) => _id)))).toEqual([
      [[1], [], [1]],
      [[], [2], []],
      [[], [], []],
    ]);
  });

  test('is one with an $unwind of what it adds', async () => {
    const unwind = { path: '$j', includeArrayIndex: 'at', preserveNullAndEmptyArrays: true };
    const found = await looked(byItem, { $unwind: unwind }, { $project: { at: 1, j: '$j._id' } });
    expect(found).toEqual([
      { _id: 1, at: 0, j: 1 },
      { _id: 1, at: 1, j: 3 },
      { _id: 2, at: 0, j: 2 },
      { _id: 3, at: null },
    ]);
    expect((await looked(byItem, { $unwind: '$j' })).map(({ _id }) => _id)).toEqual([1, 1, 2]);
    const explained = await db
      .collection('orders')
      .aggregate([{ $lookup: { ...byItem, as: 'j' } }, { $unwind: '$j' }])
      .explain('queryPlanner');
    expect(explained.stages.slice(1)).toEqual([
      { $lookup: { ...byItem, as: 'j', unwinding: { preserveNullAndEmptyArrays: false } } },
    ]);
  });

  test('has the collation of the command, not that of the other collection', async () => {
    await db.createCollection('folded', { collation: { locale: 'en', strength: 2 } });
    await db.collection<Row>('folded').insertMany([
      { _id: 1, sku: 'A' },
      { _id: 2, sku: 'a' },
    ]);
    const lookup = { $lookup: { ...byItem, from: 'folded', as: 'j' } };
    const found = (options = {}): Promise<unknown[]> =>
      db
        .collection('orders')
        .aggregate([lookup], options)
        .map(({ j }) => j.length)
        .toArray();
    expect(await found()).toEqual([1, 0, 0]);
    expect(await found({ collation: { locale: 'en', strength: 2 } })).toEqual([2, 0, 0]);
  });

  test('tells explain what it has read, and $indexStats by which index', async () => {
    const explain = () =>
      db
        .collection('orders')
        .aggregate([{ $lookup: { ...byItem, as: 'j' } }])
        .explain('executionStats');
    // Once for the first document, and once for the table of the others.
    expect((await explain()).stages[1]).toMatchObject({
      totalDocsExamined: 6,
      collectionScans: 2,
      indexesUsed: [],
      nReturned: 3,
    });
    await db.collection('stock').createIndex({ sku: 1 });
    expect((await explain()).stages[1]).toMatchObject({
      totalDocsExamined: 3,
      totalKeysExamined: 3,
      collectionScans: 0,
      indexesUsed: ['sku_1'],
    });
    await looked(byItem);
    const [use] = await db
      .collection('stock')
      .aggregate([{ $indexStats: {} }, { $match: { name: 'sku_1' } }])
      .toArray();
    expect(use?.accesses.ops).toBe(3);
    await db.collection('stock').dropIndex('sku_1');
  });

  test('uses an index for a variable of its pipeline', async () => {
    await db.collection('stock').createIndex({ sku: 1 });
    const pipeline = [{ $match: { $expr: { $eq: ['$sku', '$$item'] } } }];
    const { stages } = await db
      .collection('orders')
      .aggregate([
        { $match: { item: { $exists: true } } },
        { $lookup: { from: 'stock', let: { item: '$item' }, pipeline, as: 'j' } },
      ])
      .explain('executionStats');
    expect(stages[1]).toMatchObject({ totalDocsExamined: 3, indexesUsed: ['sku_1'] });
    await db.collection('stock').dropIndex('sku_1');
  });

  test('ends when its time is over', async () => {
    const many = Array.from({ length: 2000 }, (_, n) => ({ n }));
    await db.collection('many').insertMany(many);
    const pipeline = [{ $match: { $expr: { $gt: ['$$n', '$n'] } } }];
    const endless = { $lookup: { from: 'many', let: { n: '$n' }, pipeline, as: 'j' } };
    const work = db.collection('many').aggregate([endless, { $count: 'n' }], { maxTimeMS: 50 });
    const [code] = await failureOf(work.toArray());
    expect(code).toBe(50);
  });

  test('ends when the other collection is dropped while it is read', async () => {
    await db.collection('short').insertMany(Array.from({ length: 1000 }, (_, n) => ({ n })));
    const cursor = db
      .collection('orders')
      .aggregate([{ $lookup: { from: 'short', pipeline: [], as: 'j' } }, { $unwind: '$j' }], {
        batchSize: 10,
      });
    await cursor.next();
    await db.collection('short').drop();
    const [code, message] = await failureOf(cursor.toArray());
    expect([code, message]).toEqual([
      175,
      expect.stringContaining('collection dropped: shop.short'),
    ]);
  });

  test('reads what a majority has, with the rest of its pipeline', async () => {
    const found = await client
      .db('shop')
      .collection('orders', { readConcern: { level: 'majority' } })
      .aggregate([{ $lookup: { ...byItem, as: 'j' } }])
      .toArray();
    expect(found.map(({ j }) => j.length)).toEqual([2, 1, 0]);
  });

  test('reads capped collections and time series', async () => {
    await db.createCollection('ring', { capped: true, size: 4096, max: 2 });
    await db.collection<Row>('ring').insertMany([1, 2, 3].map((_id) => ({ _id, sku: 'a' })));
    expect(await ids({ ...byItem, from: 'ring' })).toEqual([[2, 3], [], []]);
    await db.createCollection('series', { timeseries: { timeField: 't', metaField: 'sku' } });
    await db
      .collection<Row>('series')
      .insertMany(['b', 'a', 'b'].map((sku, _id) => ({ _id, sku, t: new Date(_id) })));
    expect(await ids({ ...byItem, from: 'series' })).toEqual([[1], [0, 2], []]);
  });

  test('reads what is not there of the databases of the server as nothing', async () => {
    const from = { db: 'config', coll: 'collections' };
    expect(await ids({ from, pipeline: [] })).toEqual([[], [], []]);
  });

  test('is looked into by the stable API', async () => {
    const collStats = { $lookup: { from: 'stock', pipeline: [{ $indexStats: {} }], as: 'j' } };
    const aggregate = {
      aggregate: 'orders',
      pipeline: [{ $facet: { a: [{ $unionWith: { coll: 'x', pipeline: [collStats] } }] } }],
      cursor: {},
      apiVersion: '1',
    };
    expect(await failureOf(db.command({ ...aggregate, apiStrict: true }))).toEqual([
      323,
      'Provided apiStrict:true, but the stage $indexStats is not in API Version 1',
    ]);
  });

  const join = { as: 'j', localField: 'a', foreignField: 'b' };

  test.each<[unknown, number, string]>([
    [1, 9, 'the $lookup specification must be an Object'],
    [{}, 9, "must specify 'pipeline' when 'from' is empty"],
    [{ ...join }, 9, "must specify 'pipeline' when 'from' is empty"],
    [
      { pipeline: [{ $match: {} }], as: 'j' },
      9,
      '$lookup stage without explicit collection must have a pipeline with $documents as first stage',
    ],
    [{ ...join, from: 1 }, 9, "$lookup 'from' field must be a string, but found int"],
    [{ ...join, from: '' }, 73, "Invalid namespace specified 'shop.'"],
    [
      { ...join, from: { db: 'x', coll: 'y' } },
      9,
      '$lookup with syntax {from: {db:<>, coll:<>},..} is not supported for db: x and coll: y',
    ],
    [
      { from: 'x', localField: 'a', foreignField: 'b' },
      40414,
      "BSON field '$lookup.as' is missing but a required field",
    ],
    [
      { ...join, from: 'x', as: 1 },
      14,
      "BSON field '$lookup.as' is the wrong type 'int', expected type 'string'",
    ],
    [{ ...join, from: 'x', as: '' }, 40352, 'FieldPath cannot be constructed with empty string'],
    [{ ...join, from: 'x', y: 1 }, 40415, "BSON field '$lookup.y' is an unknown field."],
    [
      { from: 'x', as: 'j' },
      9,
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    ],
    [
      { from: 'x', as: 'j', localField: 'a', pipeline: [] },
      9,
      "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
    ],
    [
      { ...join, from: 'x', let: {} },
      9,
      "$lookup with a 'let' argument must also specify 'pipeline'",
    ],
    [
      { from: 'x', as: 'j', pipeline: [], let: { A: 1 } },
      9,
      "'A' starts with an invalid character for a user variable name",
    ],
    [
      { from: 'x', as: 'j', pipeline: [], let: { a: '$$b' } },
      17276,
      'Use of undefined variable: b',
    ],
    [
      { from: 'x', as: 'j', pipeline: [{ $set: { a: '$$b' } }], let: { a: 1 } },
      17276,
      'Use of undefined variable: b',
    ],
    [
      { from: 'x', as: 'j', pipeline: [{ $out: 'y' }] },
      51047,
      "$out is not allowed within a $lookup's sub-pipeline",
    ],
  ])('refuses %j', async (spec, code, message) => {
    const work = db
      .collection('orders')
      .aggregate([{ $lookup: spec }])
      .toArray();
    expect(await failureOf(work)).toEqual([code, message]);
  });
});

describe('of documents that are more than 100 MB together, $lookup', () => {
  beforeAll(async () => {
    await db.dropDatabase();
    const rows = Array.from({ length: 11 }, (_, _id) => ({ _id, f: _id % 2 }));
    await db.collection<Row>('rows').insertMany(rows);
    await db.collection<Row>('two').insertMany([{ _id: 1 }, { _id: 0 }]);
    const large = 'x'.repeat(10_000_000);
    await db.createCollection('large', { viewOn: 'rows', pipeline: [{ $set: { large } }] });
  });

  function looked(lookup: Document, ...more: Document[]): Promise<Document[]> {
    const from = { from: 'large', as: 'j', ...lookup };
    return db
      .collection('two')
      .aggregate([{ $lookup: from }, ...more])
      .toArray();
  }

  test('makes no table, and joins them all the same', async () => {
    const fields = { localField: '_id', foreignField: 'f', pipeline: [{ $project: { _id: 1 } }] };
    const found = await looked(fields);
    expect(found.map(({ j }) => j.map(({ _id }: Row) => _id))).toEqual([
      [1, 3, 5, 7, 9],
      [0, 2, 4, 6, 8, 10],
    ]);
  });

  test('keeps no results for the next document, and reads them again for it', async () => {
    const { stages } = await db
      .collection('two')
      .aggregate([{ $lookup: { from: 'large', pipeline: [], as: 'j' } }, { $unwind: '$j' }])
      .explain('executionStats');
    expect(stages[1]).toMatchObject({ nReturned: 22, collectionScans: 2 });
  });

  test('puts no more into one array', async () => {
    const [code, message] = await failureOf(looked({ pipeline: [] }, { $count: 'n' }));
    expect([code, message]).toEqual([
      4568,
      expect.stringContaining(
        "Total size of documents in large matching pipeline's $lookup stage exceeds 104857600 bytes",
      ),
    ]);
  });
});
