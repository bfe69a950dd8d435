/** Views, as a driver sees them. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

type Row = Document & { _id: number };

const { client, db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  await db.collection<Row>('things').insertMany([
    { _id: 1, a: 1, tags: ['x', 'y'] },
    { _id: 2, a: 2, tags: ['y'] },
    { _id: 3, a: 3, tags: [] },
    { _id: 4, a: 3, tags: ['z'] },
  ]);
});

async function failure(command: Document): Promise<Record<string, unknown>> {
  return db.command(command).then(
    ({ writeErrors }) => (writeErrors === undefined ? { code: 0 } : writeErrors[0]),
    ({ code, codeName, errmsg }) => ({ code, codeName, errmsg }),
  );
}

async function createView(name: string, viewOn: string, pipeline: Document[]): Promise<void> {
  await db.command({ create: name, viewOn, pipeline });
}

describe('a view', () => {
  beforeEach(async () => {
    await createView('big', 'things', [{ $match: { a: { $gte: 2 } } }, { $set: { b: '$a' } }]);
  });

  test('answers find with filter, sort, skip, limit and projection', async () => {
    const big = db.collection<Row>('big');
    expect(await big.find({ _id: 1 }).toArray()).toEqual([]);
    expect(await big.findOne({ _id: 2 })).toEqual({ _id: 2, a: 2, tags: ['y'], b: 2 });
    expect(
      await big
        .find({ b: { $gte: 2 } }, { projection: { b: 1 } })
        .sort({ b: -1, _id: 1 })
        .skip(1)
        .limit(2)
        .toArray(),
    ).toEqual([
      { _id: 4, b: 3 },
      { _id: 2, b: 2 },
    ]);
  });

  test('answers through getMore, under its own name', async () => {
    const { cursor } = await db.command({ find: 'big', batchSize: 1, sort: { _id: 1 } });
    expect(cursor.ns).toBe('shop.big');
    const more = await db.command({ getMore: cursor.id, collection: 'big' });
    expect(more.cursor.ns).toBe('shop.big');
    expect(more.cursor.nextBatch.map(({ _id }: Document) => _id)).toEqual([3, 4]);
  });

  test('answers count, distinct and aggregate', async () => {
    const big = db.collection<Row>('big');
    expect(await db.command({ count: 'big' })).toMatchObject({ n: 3 });
    expect(await db.command({ count: 'big', query: { b: 3 }, skip: 1 })).toMatchObject({ n: 1 });
    expect(await big.countDocuments({ b: 3 })).toBe(2);
    expect(await big.distinct('b')).toEqual([2, 3]);
    expect(await big.distinct('tags', { a: 3 })).toEqual(['z']);
    const pipeline = [{ $group: { _id: '$b', n: { $sum: 1 } } }, { $sort: { _id: 1 } }];
    expect(await big.aggregate(pipeline).toArray()).toEqual([
      { _id: 2, n: 1 },
      { _id: 3, n: 2 },
    ]);
  });

  test('is explained as what it is read by', async () => {
    const { stages } = await db.collection('big').find({ b: 2 }).explain('queryPlanner');
    expect(stages[0].$cursor.queryPlanner.namespace).toBe('shop.things');
    expect(stages.slice(1)).toEqual([{ $set: { b: '$a' } }, { $match: { b: 2 } }]);
  });

  test('is listed, and is a document of system.views', async () => {
    const options = {
      viewOn: 'things',
      pipeline: [{ $match: { a: { $gte: 2 } } }, { $set: { b: '$a' } }],
    };
    expect(await db.listCollections({ type: 'view' }).toArray()).toEqual([
      { name: 'big', type: 'view', options, info: { readOnly: true } },
    ]);
    expect(await db.collection('system.views').find().toArray()).toEqual([
      { _id: 'shop.big', ...options },
    ]);
    const names = await db.listCollections({}, { nameOnly: true }).toArray();
    expect(names.map(({ name }) => name).sort()).toEqual(['big', 'system.views', 'things']);
  });

  test('stands on views', async () => {
    await createView('bigger', 'big', [{ $match: { b: 3 } }, { $project: { b: 1 } }]);
    expect(await db.collection('bigger').find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 3, b: 3 },
      { _id: 4, b: 3 },
    ]);
  });

  test('on nothing is empty', async () => {
    await createView('nothing', 'nowhere', []);
    expect(await db.collection('nothing').find().toArray()).toEqual([]);
    expect(await db.collection('nothing').countDocuments()).toBe(0);
  });

  test('is counted by dbStats', async () => {
    expect(await db.command({ dbStats: 1 })).toMatchObject({ views: 1 });
  });

  test('is changed by collMod', async () => {
    await db.command({ collMod: 'big', viewOn: 'things', pipeline: [{ $match: { a: 1 } }] });
    expect(await db.collection('big').distinct('_id')).toEqual([1]);
    await db.command({ collMod: 'big', pipeline: [] });
    expect(await db.collection('big').countDocuments()).toBe(4);
  });

  test('is dropped without what it stands on', async () => {
    expect(await db.command({ drop: 'big' })).toEqual({ ns: 'shop.big', ok: 1 });
    expect(await db.listCollections({ name: 'big' }).toArray()).toEqual([]);
    expect(await db.collection('things').countDocuments()).toBe(4);
    // The name is free again.
    await db.createCollection('big');
  });

  const isView = 'Namespace shop.big is a view, not a collection';
  test.each<Document>([
    { insert: 'big', documents: [{ _id: 9 }] },
    { update: 'big', updates: [{ q: {}, u: { $set: { a: 1 } } }] },
    { update: 'big', updates: [{ q: {}, u: { $set: { a: 1 } }, upsert: true }] },
    { delete: 'big', deletes: [{ q: {}, limit: 0 }] },
    { findAndModify: 'big', query: {}, remove: true },
    { createIndexes: 'big', indexes: [{ key: { a: 1 }, name: 'a_1' }] },
    { dropIndexes: 'big', index: '*' },
    { listIndexes: 'big' },
    { validate: 'big' },
    { compact: 'big' },
    { collStats: 'big' },
    { explain: { delete: 'big', deletes: [{ q: {}, limit: 0 }] } },
  ])('refuses %j', async (command) => {
    expect(await failure(command)).toMatchObject({ code: 166, errmsg: isView });
  });

  test('refuses to be renamed and to be in the way', async () => {
    const admin = client.db('admin');
    await expect(
      admin.command({ renameCollection: 'shop.big', to: 'shop.other' }),
    ).rejects.toMatchObject({ code: 166, errmsg: 'cannot rename view: shop.big' });
    await expect(
      admin.command({ renameCollection: 'shop.things', to: 'shop.big', dropTarget: true }),
    ).rejects.toMatchObject({
      code: 48,
      errmsg: 'a view already exists with that name: shop.big',
    });
  });

  test.each<[Document, number, string]>([
    [{ find: 'big', tailable: true }, 168, 'Option tailable not supported in aggregation.'],
    [
      { find: 'big', noCursorTimeout: true },
      168,
      'Option noCursorTimeout not supported in aggregation.',
    ],
    [
      { find: 'big', limit: 2, singleBatch: true },
      168,
      'Option singleBatch not supported in aggregation.',
    ],
    [{ collMod: 'big', cappedSize: 1 }, 72, 'option not supported on a view: cappedSize'],
    [{ collMod: 'things', viewOn: 'x' }, 72, "'viewOn' option only supported on a view"],
    [{ collMod: 'things', pipeline: [] }, 72, "'pipeline' option only supported on a view"],
    [{ collMod: 'nothing', viewOn: 'x' }, 26, 'ns does not exist: shop.nothing'],
  ])('answers %j with %i', async (command, code, errmsg) => {
    expect(await failure(command)).toMatchObject({ code, errmsg });
  });
});

describe('create', () => {
  test('the same view again is success, another one is not', async () => {
    await createView('v', 'things', []);
    await createView('v', 'things', []);
    expect(await failure({ create: 'v', viewOn: 'other' })).toEqual({
      code: 48,
      codeName: 'NamespaceExists',
      errmsg: 'A view already exists. NS: shop.v',
    });
    expect(await failure({ create: 'v' })).toMatchObject({ code: 48 });
    expect(await failure({ create: 'things', viewOn: 'other' })).toMatchObject({ code: 48 });
  });

  test.each<[Document, number]>([
    [{ viewOn: '' }, 2],
    [{ viewOn: 'a\0b' }, 73],
    [{ viewOn: '$things' }, 73],
    [{ pipeline: [] }, 72],
    [{ viewOn: 'things', pipeline: [1] }, 14],
    [{ viewOn: 'things', pipeline: [null] }, 0],
    [{ viewOn: 'things', pipeline: [{}] }, 40323],
    [{ viewOn: 'things', pipeline: [{ $bad: 1 }] }, 40324],
    [{ viewOn: 'things', pipeline: [{ $out: 'x' }] }, 167],
    [{ viewOn: 'things', pipeline: [{ $merge: 'x' }] }, 167],
    [{ viewOn: 'things', pipeline: [{ $currentOp: {} }] }, 73],
    [{ viewOn: 'things', pipeline: [{ $documents: [] }] }, 73],
    [{ viewOn: 'things', idIndex: { key: { _id: 1 }, name: '_id_' } }, 72],
    [{ viewOn: 'things', changeStreamPreAndPostImages: { enabled: true } }, 72],
    [{ viewOn: 'things', capped: true, size: 100 }, 0],
    [{ viewOn: 'v' }, 5],
  ])('with %j: %i', async (options, code) => {
    expect(await failure({ create: 'v', ...options })).toMatchObject({ code });
  });

  test('a view stands on twenty at most, counted from both sides', async () => {
    await createView('v1', 'v0', []);
    for (let at = 2; at <= 19; at++) await createView(`v${at}`, `v${at - 1}`, []);
    await createView('v0', 'things', []);
    expect(await db.collection('v19').countDocuments()).toBe(4);
    const tooDeep = {
      code: 165,
      codeName: 'ViewDepthLimitExceeded',
      errmsg: 'View depth limit exceeded; maximum depth is 20',
    };
    expect(await failure({ create: 'v20', viewOn: 'v19' })).toEqual(tooDeep);
    await createView('w', 'things', []);
    expect(await failure({ collMod: 'v0', viewOn: 'w' })).toEqual(tooDeep);
    expect(await failure({ collMod: 'v0', viewOn: 'v2' })).toEqual({
      code: 5,
      codeName: 'GraphContainsCycle',
      errmsg: 'View cycle detected: shop.v0 => shop.v2 => shop.v1 => shop.v0',
    });
  });

  test('a view that reads another through a stage stands on it too', async () => {
    const lookup = { $lookup: { from: 'w', localField: 'a', foreignField: 'a', as: 'j' } };
    await createView('v', 'things', [{ $facet: { f: [{ $match: {} }, lookup] } }]);
    const pipeline = [{ $unionWith: { coll: 'x', pipeline: [{ $unionWith: 'v' }] } }];
    expect(await failure({ create: 'w', viewOn: 'things', pipeline })).toEqual({
      code: 5,
      codeName: 'GraphContainsCycle',
      errmsg: 'View cycle detected: shop.w => shop.v => shop.w',
    });
    const graphLookup = {
      from: 'self',
      startWith: 1,
      connectFromField: 'a',
      connectToField: 'a',
      as: 'j',
    };
    expect(
      await failure({
        create: 'self',
        viewOn: 'things',
        pipeline: [{ $graphLookup: graphLookup }],
      }),
    ).toMatchObject({ code: 5 });
    const collation = { locale: 'en' };
    await db.command({ create: 'w', viewOn: 'things' });
    expect(
      await failure({ create: 'z', viewOn: 'things', pipeline: [lookup], collation }),
    ).toMatchObject({
      code: 167,
      errmsg: 'View shop.z has a collation that does not match the collation of view shop.w.',
    });
  });

  test('views that read one another many times are refused when they are read', async () => {
    await db.createCollection('d0', { viewOn: 'things', pipeline: [{ $limit: 1 }] });
    for (let at = 1; at <= 14; at++) {
      const twice = { $unionWith: `d${at - 1}` };
      await createView(`d${at}`, 'things', [{ $limit: 1 }, twice, twice]);
    }
    expect(await db.collection('d3').countDocuments()).toBe(15);
    expect(await failure({ aggregate: 'd14', pipeline: [], cursor: {} })).toMatchObject({
      code: 146,
    });
  });

  test('the stages of all views together have a limit', async () => {
    const large = [{ $match: { a: 'x'.repeat(9_000_000) } }];
    await createView('v', 'things', large);
    expect(await failure({ create: 'w', viewOn: 'v', pipeline: large })).toEqual({
      code: 195,
      codeName: 'ViewPipelineMaxSizeExceeded',
      errmsg: 'View pipeline exceeds maximum size; maximum size is 16000000',
    });
  });

  test('of which the stages themselves count, without the array around them', async () => {
    const framed = 26;
    const stage = (length: number) => [{ $match: { a: 'x'.repeat(length - framed) } }];
    expect(
      await failure({ create: 'w', viewOn: 'things', pipeline: stage(16_000_001) }),
    ).toMatchObject({
      code: 195,
    });
    await createView('v', 'things', stage(16_000_000));
  });

  test('a definition a client wrote that is none is told apart', async () => {
    await db
      .collection<{ _id: string; viewOn: number }>('system.views')
      .insertOne({ _id: 'shop.v', viewOn: 1 });
    expect(await failure({ find: 'v' })).toMatchObject({
      code: 182,
      codeName: 'InvalidViewDefinition',
    });
  });
});
