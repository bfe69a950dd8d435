import type { Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/database/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';

const oplogBytesMax = 64 * 1024 * 1024;

let server: RunningServer;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  const database = await Database.open({
    engine: openMemoryEngine(),
    replicated: true,
    oplogBytesMax,
  });
  database.setWriteGate({ assertWritable() {}, term: () => 1 });
  server = await startCommandServer({ database });
  client = await server.client();
  db = client.db('shop');
});

afterAll(async () => {
  await server.stop();
});

describe('local.oplog.rs', () => {
  test('reads like the oplog of MongoDB', async () => {
    await db.collection('orders').insertOne({ _id: 1 as never, total: 5 });
    await db.collection('orders').updateOne({ total: 5 }, { $set: { note: 'a long enough note' } });
    await db.collection('orders').deleteOne({ total: 5 });
    const oplog = client.db('local').collection('oplog.rs');
    const entries = await oplog.find().sort({ $natural: 1 }).toArray();
    expect(entries.map(({ op, ns, v }) => ({ op, ns, v }))).toEqual([
      { op: 'c', ns: 'shop.$cmd', v: 2 },
      { op: 'i', ns: 'shop.orders', v: 2 },
      { op: 'u', ns: 'shop.orders', v: 2 },
      { op: 'd', ns: 'shop.orders', v: 2 },
    ]);
    expect(entries[0]!.o).toMatchObject({ create: 'orders', idIndex: { name: '_id_' } });
    expect(entries[1]!.o).toEqual({ _id: 1, total: 5 });
    expect(entries[2]!.o2).toEqual({ _id: 1 });
    expect(entries[3]!.o).toEqual({ _id: 1 });
    const times = entries.map(({ ts }) => BigInt(ts.toString()));
    expect([...times].sort((a, b) => (a < b ? -1 : 1))).toEqual(times);
    const [newest] = await oplog.find().sort({ $natural: -1 }).limit(1).toArray();
    expect(newest!.op).toBe('d');
  });

  test('is not resized by collMod', async () => {
    await expect(
      client.db('local').command({ collMod: 'oplog.rs', cappedSize: 1e9 }),
    ).rejects.toMatchObject({
      code: 72,
      errmsg:
        "Cannot resize the oplog using this command. Use the 'replSetResizeOplog' command instead.",
    });
  });

  test('is listed as a capped collection', async () => {
    const [listed] = await client.db('local').listCollections({ name: 'oplog.rs' }).toArray();
    expect(listed).toMatchObject({
      name: 'oplog.rs',
      options: { capped: true, size: oplogBytesMax },
    });
  });

  test('shows the size it is truncated to', async () => {
    const stats = await client.db('local').command({ collStats: 'oplog.rs' });
    expect(stats).toMatchObject({ capped: true, maxSize: oplogBytesMax });
  });

  test('an awaiting cursor gets an entry as soon as it is durable', async () => {
    const oplog = client.db('local').collection('oplog.rs');
    const [newest] = await oplog.find().sort({ $natural: -1 }).limit(1).toArray();
    const tail = oplog.find(
      { ts: { $gt: newest!.ts } },
      { tailable: true, awaitData: true, maxAwaitTimeMS: 600_000 },
    );
    const next = tail.next();
    await db.collection('orders').insertOne({ _id: 2 as never });
    expect((await next)!.o).toEqual({ _id: 2 });
    await tail.close();
  });
});
