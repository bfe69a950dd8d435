/** What applications do through the official driver against a whole set, step-downs included. */
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';

interface Thing {
  _id: number;
  n?: number;
}

let cluster: Cluster;
let client: MongoClient;

beforeAll(async () => {
  cluster = await Cluster.start();
  client = await new MongoClient(cluster.uri).connect();
});

afterAll(async () => {
  await client.close();
  await cluster.stop();
});

function collection(name: string): Collection<Thing> {
  return client.db('driver').collection<Thing>(name);
}

function stepDown(): Promise<unknown> {
  return client.db('admin').command({ replSetStepDown: 5 });
}

describe('a session with causal consistency', () => {
  it.each([
    ['local', 1, 'secondary'],
    ['majority', 'majority', 'secondary'],
    ['majority', 1, 'nearest'],
  ] as const)('reads with %s what it wrote with w: %s, on the %s', async (level, w, mode) => {
    const things = collection('causal');
    await things.deleteMany({});
    await things.insertOne({ _id: 1, n: 0 });
    await client.withSession({ causalConsistency: true }, async (session) => {
      for (let n = 1; n <= 20; n++) {
        await things.updateOne({ _id: 1 }, { $set: { n } }, { session, writeConcern: { w } });
        const options = { session, readPreference: mode, readConcern: { level } };
        expect(await things.findOne({ _id: 1 }, options)).toEqual({ _id: 1, n });
      }
    });
  });
});

describe('a step-down', () => {
  it('costs no retryable insert, and repeats none', async () => {
    const things = collection('inserts');
    const writing = (async () => {
      for (let _id = 0; _id < 100; _id++) await things.insertOne({ _id });
    })();
    await expect.poll(() => things.estimatedDocumentCount()).toBeGreaterThan(10);

    await stepDown();

    await writing;
    expect(await things.countDocuments()).toBe(100);
  });

  it('costs no increment of findOneAndUpdate, and repeats none', async () => {
    const things = collection('counter');
    let done = 0;
    const counting = (async () => {
      for (; done < 50; done++) {
        await things.findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } }, { upsert: true });
      }
    })();
    await expect.poll(() => done).toBeGreaterThan(5);

    await stepDown();

    await counting;
    expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, n: 50 });
  });

  it('costs no statement of a bulkWrite over collections, and repeats none', async () => {
    let done = 0;
    const writing = (async () => {
      for (; done < 30; done++) {
        await client.bulkWrite(
          ['a', 'b'].map((name) => ({
            name: 'updateOne' as const,
            namespace: `driver.bulk-${name}`,
            filter: { _id: 1 } as never,
            update: { $inc: { n: 1 } },
            upsert: true,
          })),
        );
      }
    })();
    await expect.poll(() => done).toBeGreaterThan(5);

    await stepDown();

    await writing;
    expect(await collection('bulk-a').findOne()).toEqual({ _id: 1, n: 30 });
    expect(await collection('bulk-b').findOne()).toEqual({ _id: 1, n: 30 });
  });

  it('leaves open cursors open', async () => {
    const things = collection('cursors');
    await things.insertMany(Array.from({ length: 100 }, (_, _id) => ({ _id })));
    const cursor = things.find({}, { batchSize: 10 }).sort({ _id: 1 });
    const ids: (number | undefined)[] = [];
    for (let i = 0; i < 15; i++) ids.push((await cursor.next())?._id);

    await stepDown();

    for await (const { _id } of cursor) ids.push(_id);
    expect(ids).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('a connection', () => {
  it.each(['snappy', 'zlib'] as const)('may be compressed with %s', async (compressor) => {
    const compressed = await new MongoClient(`${cluster.uri}&compressors=${compressor}`).connect();
    const things = compressed.db('driver').collection('compressed');
    const text = 'x'.repeat(10_000);
    await things.insertOne({ compressor, text });
    expect(await things.findOne({ compressor })).toMatchObject({ text });
    await compressed.close();
  });

  it('to one secondary reads, and is refused when it writes', async () => {
    const primary = await cluster.writable();
    const host = cluster.hosts[(primary + 1) % 3];
    const direct = await new MongoClient(`mongodb://${host}/?directConnection=true`).connect();
    const things = direct.db('driver').collection('direct');
    expect(await things.find().toArray()).toEqual([]);
    await expect(things.insertOne({})).rejects.toMatchObject({ code: 10107 });
    await direct.close();
  });
});

describe('what is not there yet', () => {
  it('is refused: change streams', async () => {
    const stream = client.db('driver').watch();
    await expect(stream.next()).rejects.toMatchObject({ code: 238, codeName: 'NotImplemented' });
    await stream.close();
  });

  it('is refused: transactions', async () => {
    const running = client.withSession((session) =>
      session.withTransaction(() => collection('tx').insertOne({ _id: 1 }, { session })),
    );
    await expect(running).rejects.toMatchObject({ code: 238, codeName: 'NotImplemented' });
  });
});
