/** Capped and clustered collections and views are the same on every member. */
import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';

type Row = Document & { _id: number };

let set: Cluster;
let client: MongoClient;
let secondary: MongoClient;

beforeAll(async () => {
  set = await Cluster.start({ members: 3 });
  client = await new MongoClient(set.uri).connect();
  const [member] = [0, 1, 2].filter((each) => !set.primaries.includes(each));
  secondary = await new MongoClient(`mongodb://${set.hosts[member as number]}/`, {
    directConnection: true,
    readPreference: 'secondary',
  }).connect();
});
afterAll(async () => {
  await Promise.all([client.close(), secondary.close()]);
  await set.stop();
});

const everywhere = { writeConcern: { w: 3 } } as const;

function ids(rows: readonly Document[]): unknown[] {
  return rows.map(({ _id }) => _id);
}

it('a secondary evicts what the primary evicted, and a tailable cursor there goes on', async () => {
  const log = await client
    .db('shop')
    .createCollection<Row>('log', { capped: true, size: 4096, max: 3, ...everywhere });
  await log.insertMany(
    [1, 2, 3, 4, 5].map((_id) => ({ _id })),
    everywhere,
  );
  const there = secondary.db('shop').collection<Row>('log');
  expect(ids(await there.find().toArray())).toEqual([3, 4, 5]);
  const cursor = there.find({ _id: { $gte: 5 } }, { tailable: true, awaitData: true });
  expect(await cursor.next()).toEqual({ _id: 5 });
  const next = cursor.next();
  await log.insertOne({ _id: 6 }, everywhere);
  expect(await next).toEqual({ _id: 6 });
  await cursor.close();
  expect(ids(await there.find().toArray())).toEqual([4, 5, 6]);
});

it('a time series has the same measurements in the same order on a secondary', async () => {
  const db = client.db('shop');
  await db.createCollection('heat', { timeseries: { timeField: 't', metaField: 'm' } });
  const heat = db.collection<Row>('heat');
  await heat.insertMany(
    [3, 1, 2, 1].map((_id) => ({ t: new Date(_id), m: 'a', _id })),
    everywhere,
  );
  await heat.updateMany({ m: 'a' }, { $set: { m: 'b' } }, everywhere);
  const there = secondary.db('shop');
  expect(ids(await there.collection('heat').find().toArray())).toEqual([1, 1, 2, 3]);
  expect(await there.listCollections({ type: 'timeseries' }).toArray()).toHaveLength(1);
  const [own, other] = await Promise.all(
    [db, there].map((each) => each.command({ dbHash: 1, collections: ['heat'] })),
  );
  expect(other?.md5).toBe(own?.md5);
});

it('a view is read on a secondary, over a clustered collection in the order of _id', async () => {
  const db = client.db('shop');
  await db.command({ create: 'things', clusteredIndex: { key: { _id: 1 }, unique: true } });
  await db.command({ create: 'big', viewOn: 'things', pipeline: [{ $match: { a: 1 } }] });
  await db.collection<Row>('things').insertMany(
    [3, 1, 2, 4].map((_id) => ({ _id, a: _id === 4 ? 0 : 1 })),
    everywhere,
  );
  const there = secondary.db('shop');
  expect(ids(await there.collection('big').find().toArray())).toEqual([1, 2, 3]);
  expect(await there.collection('big').countDocuments()).toBe(3);
  await db.command({ drop: 'big', ...everywhere });
  expect(await there.listCollections({ type: 'view' }).toArray()).toEqual([]);
});

it('there always is a database admin, which tells what the set is compatible with', async () => {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  expect(databases.map(({ name }) => name)).toEqual(['admin', 'local', 'shop']);
  expect(await secondary.db('admin').collection('system.version').find().toArray()).toEqual([
    { _id: 'featureCompatibilityVersion', version: '8.0' },
  ]);
});

it('each member tells of its own start', async () => {
  const [own, other] = await Promise.all(
    [client, secondary].map((each) => each.db('local').collection('startup_log').find().toArray()),
  );
  expect(own).toMatchObject([{ buildinfo: { version: expect.stringMatching(/^8\.0\./) } }]);
  expect(other).toHaveLength(1);
});

it('what one member profiles is its own', async () => {
  const there = secondary.db('shop');
  await there.command({ profile: 2 });
  await there.collection<Row>('log').findOne({});
  await there.command({ profile: 0 });
  expect(await there.collection('system.profile').countDocuments({ ns: 'shop.log' })).toBe(1);
  const [info] = await client.db('shop').listCollections({ name: 'system.profile' }).toArray();
  expect(info).toBeUndefined();
});
