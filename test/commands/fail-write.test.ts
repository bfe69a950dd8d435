/** The fail point onPrimaryTransactionalWrite, under retryable writes of the driver. */
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';

interface Thing {
  _id: number;
  n?: number;
}

let cluster: Cluster;
let client: MongoClient;
let things: Collection<Thing>;
let sent: string[];

beforeAll(async () => {
  cluster = await Cluster.start({ members: 1, setParameter: { enableTestCommands: '1' } });
  client = await new MongoClient(cluster.uri, { monitorCommands: true }).connect();
  client.on('commandStarted', ({ commandName }) => sent.push(commandName));
  things = client.db('fail').collection('things');
});

beforeEach(async () => {
  sent = [];
  await configure({ mode: 'off' });
  await things.drop();
  await things.insertOne({ _id: 1, n: 0 });
  sent = [];
});

afterAll(async () => {
  await client.close();
  await cluster.stop();
});

async function configure(fields: Record<string, unknown>): Promise<void> {
  await client
    .db('admin')
    .command({ configureFailPoint: 'onPrimaryTransactionalWrite', ...fields });
  sent = [];
}

const increment = () => things.updateOne({ _id: 1 }, { $inc: { n: 1 } });

test('a write whose connection is lost after it was done is not repeated by its retry', async () => {
  await configure({ mode: { times: 1 } });
  expect(await increment()).toMatchObject({ modifiedCount: 1 });
  expect(sent).toEqual(['update', 'update']);
  expect(await things.findOne()).toEqual({ _id: 1, n: 1 });
});

test('a write that is undone is done by its retry', async () => {
  await configure({ mode: { times: 1 }, data: { failBeforeCommitExceptionCode: 1 } });
  expect(await increment()).toMatchObject({ modifiedCount: 1 });
  expect(sent).toEqual(['update', 'update']);
  expect(await things.findOne()).toEqual({ _id: 1, n: 1 });
});

test('a write that is undone twice was never done', async () => {
  await configure({ mode: { times: 2 }, data: { failBeforeCommitExceptionCode: 1 } });
  await expect(increment()).rejects.toThrow();
  expect(await things.findOne()).toEqual({ _id: 1, n: 0 });
});

test('a connection may be kept: the client is told of the code', async () => {
  const data = { failBeforeCommitExceptionCode: 1, closeConnection: false };
  await configure({ mode: { times: 1 }, data });
  await expect(things.insertMany([{ _id: 2 }, { _id: 3 }])).rejects.toMatchObject({ code: 1 });
  expect(await things.countDocuments()).toBe(1);
});

test('a write that is not retryable is not hit', async () => {
  await configure({ mode: 'alwaysOn', data: { failBeforeCommitExceptionCode: 1 } });
  expect(await things.updateMany({}, { $inc: { n: 1 } })).toMatchObject({ modifiedCount: 1 });
  expect(sent).toEqual(['update']);
});
