/** Time series collections, as a driver sees them. */
import type { Collection, Db, Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningServer, startMemoryServer } from '../support/command-server.ts';

type Row = Document & { _id?: number };

let server: RunningServer;
let client: MongoClient;
let db: Db;
let heat: Collection<Row>;

const timeseries = { timeField: 't', metaField: 'm' };

beforeAll(async () => {
  server = await startMemoryServer();
  client = await server.client();
  db = client.db('shop');
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.dropDatabase();
  await db.command({ create: 'heat', timeseries });
  heat = db.collection<Row>('heat');
});

function at(second: number): Date {
  return new Date(second * 1000);
}

async function failure(command: Document): Promise<Record<string, unknown>> {
  return db.command(command).then(
    ({ writeErrors: [first] = [{ code: 0 }] }) => ({ code: first.code, errmsg: first.errmsg }),
    ({ code, errmsg }) => ({ code, errmsg }),
  );
}

async function insertSome(): Promise<void> {
  await heat.insertMany([
    { _id: 1, m: { site: 'a' }, v: 1, t: at(30) },
    { _id: 2, m: { site: 'b' }, v: 2, t: at(10) },
    { _id: 3, m: { site: 'a' }, v: 3, t: at(20) },
    { _id: 3, m: { site: 'b' }, v: 4, t: at(40) },
  ]);
}

const values = async (filter: Document = {}): Promise<unknown[]> =>
  (await heat.find(filter).toArray()).map(({ v }) => v);

describe('what is listed', () => {
  test('is a collection of the type timeseries, with the parameters of its buckets', async () => {
    const shown = { ...timeseries, granularity: 'seconds', bucketMaxSpanSeconds: 3600 };
    expect(await db.listCollections().toArray()).toEqual([
      {
        name: 'heat',
        type: 'timeseries',
        options: { timeseries: shown },
        info: { readOnly: false },
      },
    ]);
    const [only] = await db.listCollections({}, { nameOnly: true }).toArray();
    expect(only).toEqual({ name: 'heat', type: 'timeseries' });
  });

  test('are the index on metadata and time, and those that were asked for', async () => {
    const first = { v: 2, key: { m: 1, t: 1 }, name: 'm_1_t_1' };
    expect(await heat.indexes()).toEqual([first]);
    await heat.createIndex({ t: 1 });
    await heat.createIndex({ _id: 1 });
    await heat.createIndex({ _id: 1 });
    expect(await heat.indexes()).toEqual([
      first,
      { v: 2, key: { t: 1 }, name: 't_1' },
      { v: 2, key: { _id: 1 }, name: '_id_1' },
    ]);
    expect(await db.command({ dropIndexes: 'heat', index: '*' })).toMatchObject({ nIndexesWas: 3 });
    expect(await heat.indexes()).toEqual([]);
  });

  test('without a metaField there is no index', async () => {
    await db.command({ create: 'bare', timeseries: { timeField: 't' } });
    expect(await db.collection('bare').indexes()).toEqual([]);
  });
});

describe('measurements', () => {
  test('come in the order of time, with time and metadata first', async () => {
    await insertSome();
    expect(await values()).toEqual([2, 3, 1, 4]);
    const [first] = await heat.find().toArray();
    expect(Object.keys(first as Document)).toEqual(['t', 'm', '_id', 'v']);
    expect((await heat.find().sort({ $natural: -1 }).toArray()).map(({ v }) => v)).toEqual([
      4, 1, 3, 2,
    ]);
    expect(await values({ t: { $gt: at(10), $lte: at(30) } })).toEqual([3, 1]);
    expect(await values({ 'm.site': 'b' })).toEqual([2, 4]);
  });

  test('may share an _id, and are found and deleted by it', async () => {
    await insertSome();
    expect(await values({ _id: 3 })).toEqual([3, 4]);
    expect((await heat.deleteOne({ _id: 3 })).deletedCount).toBe(1);
    expect(await values({ _id: 3 })).toEqual([4]);
    expect((await heat.deleteMany({ _id: 3 })).deletedCount).toBe(1);
    expect(await heat.findOneAndDelete({ _id: 2 })).toMatchObject({ v: 2 });
    expect(await values()).toEqual([1]);
  });

  test('get an _id when they have none', async () => {
    await db.command({ insert: 'heat', documents: [{ t: at(1) }] });
    expect(await heat.findOne()).toHaveProperty('_id');
  });

  test.each<[Document, string]>([
    [{ v: 1 }, 'missing'],
    [{ t: 1 }, 'a number'],
    [{ t: '2020-01-01' }, 'text'],
    [{ t: [new Date(0)] }, 'an array'],
    [{ t: { t: new Date(0) } }, 'an object'],
    [{ t: null }, 'null'],
  ])('are refused when the time is wrong: %j, %s', async (document) => {
    const reply = await db.command({
      insert: 'heat',
      documents: [document, { t: at(1), v: 1 }],
      ordered: false,
    });
    expect(reply).toMatchObject({
      n: 1,
      writeErrors: [
        {
          index: 0,
          code: 2,
          errmsg: "'t' must be present and contain a valid BSON UTC datetime value",
        },
      ],
    });
    expect(await values()).toEqual([1]);
  });
});

describe('an update', () => {
  beforeEach(insertSome);

  const notMeta =
    "Cannot perform an update on a time-series collection which updates a field that is not the metaField 'm'";
  const queriesMore =
    "Cannot perform an update or delete on a time-series collection when querying on a field that is not the metaField 'm'";
  const set = { $set: { 'm.site': 'c' } };

  test('changes metadata of all that match', async () => {
    const result = await heat.updateMany({ 'm.site': 'a' }, { $set: { 'm.site': 'c' } });
    expect(result).toMatchObject({ matchedCount: 2, modifiedCount: 2 });
    expect(await values({ 'm.site': 'c' })).toEqual([3, 1]);
    await heat.updateMany({ $or: [{ m: { site: 'b' } }, { 'm.x': 1 }] }, { $unset: { m: '' } });
    expect(await values({ m: { $exists: false } })).toEqual([2, 4]);
    await heat.updateMany({}, { $rename: { 'm.site': 'm.place' } });
    expect(await values({ 'm.place': 'c' })).toEqual([3, 1]);
  });

  test.each<[Document, string]>([
    [{ q: { m: 1 }, u: set }, 'Cannot perform a non-multi update on a time-series collection'],
    [
      { q: { m: 1 }, u: set, multi: true, upsert: true },
      'Cannot perform an upsert on a time-series collection',
    ],
    [{ q: { v: 1 }, u: set, multi: true }, queriesMore],
    [{ q: { $or: [{ m: 1 }, { t: at(1) }] }, u: set, multi: true }, queriesMore],
    [{ q: { $jsonSchema: { required: ['v'] } }, u: set, multi: true }, queriesMore],
    [
      { q: { $expr: true }, u: set, multi: true },
      'Cannot use $expr when performing an update or delete on a time-series collection',
    ],
    [{ q: {}, u: { $set: { v: 1 } }, multi: true }, notMeta],
    [{ q: {}, u: { $set: { m: 1, v: 1 } }, multi: true }, notMeta],
    [{ q: {}, u: { $set: { mm: 1 } }, multi: true }, notMeta],
    [{ q: {}, u: { $rename: { m: 'n' } }, multi: true }, notMeta],
    [
      { q: {}, u: [{ $set: { m: 1 } }], multi: true },
      'Cannot perform an update on a time-series collection using a pipeline update',
    ],
  ])('is refused: %j', async (statement, errmsg) => {
    expect(await failure({ update: 'heat', updates: [statement] })).toEqual({ code: 72, errmsg });
    expect(await values({ 'm.site': 'a' })).toEqual([3, 1]);
  });

  test('needs a metaField', async () => {
    await db.command({ create: 'bare', timeseries: { timeField: 't' } });
    const updates = [{ q: {}, u: { $set: { a: 1 } }, multi: true }];
    expect(await failure({ update: 'bare', updates })).toEqual({
      code: 72,
      errmsg: 'Cannot perform an update on a time-series collection that does not have a metaField',
    });
  });

  test('of findAndModify is refused, and so is its sort', async () => {
    expect(await failure({ findAndModify: 'heat', query: { m: 1 }, update: set })).toMatchObject({
      code: 72,
    });
    expect(await failure({ findAndModify: 'heat', remove: true, sort: { t: 1 } })).toEqual({
      code: 72,
      errmsg: 'Cannot perform findAndModify with sort on a timeseries collection',
    });
  });
});

describe('an index', () => {
  test.each<[Document, Document, number]>([
    [{ v: 1 }, {}, 0],
    [{ m: 1, v: -1 }, {}, 0],
    [{ loc: '2dsphere' }, {}, 0],
    [{ 'm.loc': '2d' }, {}, 0],
    [{ m: 'hashed' }, {}, 0],
    [{ 'm.$**': 1 }, {}, 0],
    [{ m: 1 }, { sparse: true }, 0],
    [{ v: 1 }, { partialFilterExpression: { v: { $gt: 5 } } }, 0],
    [{ v: 1 }, { collation: { locale: 'fr' } }, 0],
    [{ v: 1 }, { hidden: true }, 0],
    [{ t: 1 }, { expireAfterSeconds: 1, partialFilterExpression: { 'm.a': 1 } }, 0],
    [{ v: 1 }, { unique: true }, 72],
    [{ v: 1 }, { prepareUnique: true }, 72],
    [{ v: 1 }, { sparse: true }, 72],
    [{ m: 1, v: 1 }, { sparse: true }, 72],
    [{ t: 1 }, { expireAfterSeconds: 1 }, 72],
    [{ t: 1 }, { expireAfterSeconds: 1, partialFilterExpression: { v: 1 } }, 72],
    [{ v: 1 }, { expireAfterSeconds: 1, partialFilterExpression: { m: 1 } }, 72],
    [{ v: 1 }, { partialFilterExpression: { v: 1 }, collation: { locale: 'fr' } }, 85],
    [{ v: 'hashed' }, {}, 67],
    [{ v: '2d' }, {}, 67],
    [{ t: 'hashed' }, {}, 67],
    [{ '$**': 1 }, {}, 7246201],
    [{ 'v.$**': 1 }, {}, 7246201],
  ])('on %j with %j: %i', async (key, options, code) => {
    await insertSome();
    const indexes = [{ key, name: 'asked', ...options }];
    expect(await failure({ createIndexes: 'heat', indexes })).toMatchObject({ code });
    expect((await heat.indexes()).some(({ name }) => name === 'asked')).toBe(code === 0);
  });

  test('of the server is named by no hint', async () => {
    await insertSome();
    expect(await failure({ find: 'heat', hint: { t: 1 } })).toMatchObject({ code: 2 });
    expect(await failure({ find: 'heat', hint: '$time' })).toMatchObject({ code: 2 });
    expect(await failure({ dropIndexes: 'heat', index: '$time' })).toMatchObject({ code: 27 });
    expect(await db.command({ validate: 'heat' })).toMatchObject({
      valid: true,
      nIndexes: 1,
      keysPerIndex: { m_1_t_1: 4 },
    });
  });
});

describe('collMod', () => {
  const change = (fields: Document) => failure({ collMod: 'heat', ...fields });

  test('lets buckets grow', async () => {
    expect(await change({ timeseries: { granularity: 'minutes' } })).toMatchObject({ code: 0 });
    const seconds = { bucketMaxSpanSeconds: 100_000, bucketRoundingSeconds: 100_000 };
    expect(await change({ timeseries: seconds })).toMatchObject({ code: 0 });
    const [info] = await db.listCollections().toArray();
    expect(info).toHaveProperty('options.timeseries', { ...timeseries, ...seconds });
    expect(await change({ timeseries: { granularity: 'hours' } })).toMatchObject({
      code: 72,
      errmsg: "Timeseries 'bucketRoundingSeconds' needs to be equal or greater to transition",
    });
  });

  test.each<[Document, number]>([
    [{ timeseries: {} }, 0],
    [{ timeseries: { granularity: 'seconds' } }, 0],
    [{ timeseries: { bucketMaxSpanSeconds: 3600, bucketRoundingSeconds: 3600 } }, 0],
    [{ timeseries: { bucketMaxSpanSeconds: 3599, bucketRoundingSeconds: 3599 } }, 72],
    [{ timeseries: { bucketMaxSpanSeconds: 7200 } }, 72],
    [{ timeseries: { bucketMaxSpanSeconds: 7200, bucketRoundingSeconds: 7201 } }, 72],
    [{ timeseries: { granularity: 'hours', bucketMaxSpanSeconds: 7200 } }, 72],
    [{ timeseries: { granularity: 'hours', bucketRoundingSeconds: 86_400 } }, 72],
    [{ timeseries: { timeField: 't' } }, 40415],
    [{ timeseries: { granularity: 'days' } }, 2],
    [{ expireAfterSeconds: 3600 }, 0],
    [{ expireAfterSeconds: 'off' }, 0],
    [{ expireAfterSeconds: -1 }, 72],
    [{ validator: {} }, 72],
    [{ validationLevel: 'off' }, 72],
    [{ cappedSize: 4096 }, 72],
    [{ index: { name: 'm_1_t_1', hidden: true } }, 0],
    [{ index: { name: 'm_1_t_1', expireAfterSeconds: 1 } }, 72],
  ])('%j: %i', async (fields, code) => {
    expect(await change(fields)).toMatchObject({ code });
  });

  test('granularity never shrinks', async () => {
    await change({ timeseries: { granularity: 'hours' } });
    expect(await change({ timeseries: { granularity: 'minutes' } })).toEqual({
      code: 72,
      errmsg:
        "Invalid transition for timeseries.granularity. Can only transition from 'seconds' to 'minutes' or 'minutes' to 'hours'.",
    });
  });

  test('timeseries is said of time series only', async () => {
    await db.createCollection('plain');
    expect(await failure({ collMod: 'plain', timeseries: {} })).toEqual({
      code: 72,
      errmsg: 'option only supported on a time-series collection: timeseries',
    });
  });
});

describe('a time series', () => {
  test('is created again with the same options, and not with others', async () => {
    expect(await failure({ create: 'heat', timeseries })).toMatchObject({ code: 0 });
    expect(await failure({ create: 'heat', timeseries: { timeField: 't' } })).toMatchObject({
      code: 48,
    });
    expect(await failure({ create: 'heat' })).toMatchObject({ code: 48 });
  });

  test.each<[string, Document, number]>([
    ['is not renamed', { renameCollection: 'shop.heat', to: 'shop.cold' }, 166],
    [
      'is not the target of a rename',
      { renameCollection: 'shop.plain', to: 'shop.heat', dropTarget: true },
      48,
    ],
  ])('%s', async (_claim, command, code) => {
    await db.createCollection('plain');
    await expect(client.db('admin').command(command)).rejects.toMatchObject({ code });
  });

  test.each<[Document, number]>([
    [{ convertToCapped: 'heat', size: 4096 }, 166],
    [{ cloneCollectionAsCapped: 'heat', toCollection: 'copy', size: 4096 }, 166],
    [{ dataSize: 'shop.heat' }, 166],
    [{ find: 'heat', tailable: true }, 168],
    [{ find: 'heat', filter: { 'm.at': { $near: [0, 0] } } }, 5626500],
    [{ create: 'system.buckets.cold' }, 20],
  ])('refuses %j', async (command, code) => {
    expect(await failure(command)).toMatchObject({ code });
  });

  test('has statistics without counts of documents', async () => {
    await insertSome();
    const stats = await db.command({ collStats: 'heat' });
    expect(stats).toMatchObject({
      nindexes: 1,
      timeseries: { bucketsNs: 'shop.system.buckets.heat', bucketCount: 0 },
    });
    expect(stats).not.toHaveProperty('count');
  });

  test('is what a view stands on, and aggregations read', async () => {
    await insertSome();
    await db.command({ create: 'hot', viewOn: 'heat', pipeline: [{ $match: { v: { $gt: 2 } } }] });
    expect((await db.collection('hot').find().toArray()).map(({ v }) => v)).toEqual([3, 4]);
    const group = { $group: { _id: '$m.site', sum: { $sum: '$v' } } };
    const sums = await heat.aggregate([group, { $sort: { _id: 1 } }]).toArray();
    expect(sums).toEqual([
      { _id: 'a', sum: 4 },
      { _id: 'b', sum: 6 },
    ]);
  });

  test('shows each measurement as a bucket, and takes buckets apart', async () => {
    await insertSome();
    await heat.insertOne({ _id: 9, t: at(50), v: [1] });
    const buckets = await db.collection('system.buckets.heat').find().toArray();
    expect(buckets).toHaveLength(5);
    expect(buckets[0]).toMatchObject({
      control: { version: 1, min: { t: at(10), _id: 2, v: 2 }, max: { t: at(10), v: 2 } },
      meta: { site: 'b' },
      data: { t: { 0: at(10) }, _id: { 0: 2 }, v: { 0: 2 } },
    });
    expect(buckets[0]?._id.getTimestamp()).toEqual(at(10));
    expect(buckets[4]).not.toHaveProperty('meta');
    expect(await db.command({ count: 'system.buckets.heat' })).toMatchObject({ n: 5 });
    const before = await heat.find().toArray();
    await heat.deleteMany({});
    await db.collection('system.buckets.heat').insertMany(buckets);
    expect(await heat.find().toArray()).toEqual(before);
    const mixed = { timeseriesBucketsMayHaveMixedSchemaData: true };
    expect(await db.command({ collMod: 'system.buckets.heat', ...mixed })).toMatchObject({ ok: 1 });
    const documents = [{ control: { version: 2 }, data: {} }];
    expect(await failure({ insert: 'system.buckets.heat', documents })).toMatchObject({
      code: 238,
    });
    const changes = [
      { update: 'system.buckets.heat', updates: [{ q: {}, u: { $set: { a: 1 } }, upsert: true }] },
      { delete: 'system.buckets.heat', deletes: [{ q: {}, limit: 0 }] },
      { findAndModify: 'system.buckets.heat', remove: true },
    ];
    for (const command of changes) {
      expect(await failure(command)).toMatchObject({ code: 238 });
    }
    const stats = { aggregate: 'heat', pipeline: [{ $planCacheStats: {} }], cursor: {} };
    expect(await failure(stats)).toMatchObject({ code: 40602 });
  });

  test('is dropped with all it has', async () => {
    await insertSome();
    expect(await heat.drop()).toBe(true);
    expect(await db.listCollections().toArray()).toEqual([]);
    await db.command({ create: 'heat', timeseries });
    expect(await values()).toEqual([]);
  });
});
