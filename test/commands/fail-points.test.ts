import type { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';
import { RawClient } from '../support/raw-client.ts';

let running: RunningServer;
let client: MongoClient;

beforeAll(async () => {
  running = await startCommandServer({ enableTestCommands: true });
  client = await running.client({ appName: 'victim' });
});
afterEach(() => configure({ mode: 'off' }));
afterAll(() => running.stop());

async function configure(fields: Record<string, unknown>) {
  return client.db('admin').command({ configureFailPoint: 'failCommand', ...fields });
}

async function failure(command: Record<string, unknown>) {
  return client
    .db('admin')
    .command(command)
    .then(
      () => undefined,
      (error: { errorResponse?: Record<string, unknown> }) => error.errorResponse ?? error,
    );
}

test('a command fails as often as asked, with the code and labels asked for', async () => {
  await configure({
    mode: { times: 2 },
    data: { failCommands: ['buildInfo'], errorCode: 91, errorLabels: ['ALabel'] },
  });
  for (let count = 0; count < 2; count++) {
    expect(await failure({ buildInfo: 1 })).toMatchObject({
      code: 91,
      codeName: 'ShutdownInProgress',
      errmsg: "Failing command via 'failCommand' failpoint",
      errorLabels: ['ALabel'],
    });
  }
  expect(await failure({ buildInfo: 1 })).toBeUndefined();
});

test('skipped commands pass first, other commands and applications always', async () => {
  await configure({ mode: { skip: 1 }, data: { failCommands: ['buildInfo'], errorCode: 91 } });
  expect(await failure({ hostInfo: 1 })).toBeUndefined();
  expect(await failure({ buildInfo: 1 })).toBeUndefined();
  expect(await failure({ buildInfo: 1 })).toMatchObject({ code: 91 });
  await configure({
    mode: 'alwaysOn',
    data: { failCommands: ['buildInfo'], errorCode: 91, appName: 'another' },
  });
  expect(await failure({ buildInfo: 1 })).toBeUndefined();
});

test('a command is held up for the time asked', async () => {
  await configure({
    mode: { times: 1 },
    data: { failCommands: ['buildInfo'], blockConnection: true, blockTimeMS: 40 },
  });
  const before = performance.now();
  expect(await failure({ buildInfo: 1 })).toBeUndefined();
  expect(performance.now() - before).toBeGreaterThan(35);
});

test('a connection is closed without a reply', async () => {
  await configure({
    mode: { times: 1 },
    data: { failCommands: ['hostInfo'], closeConnection: true },
  });
  const raw = await RawClient.connect(running.port);
  await expect(raw.command({ hostInfo: 1, $db: 'admin' })).rejects.toThrow('closed');
});

test('a write concern error is added to the reply', async () => {
  await configure({
    mode: { times: 1 },
    data: { failCommands: ['hostInfo'], writeConcernError: { code: 64, errmsg: 'slow' } },
  });
  const raw = await RawClient.connect(running.port);
  expect(await raw.command({ hostInfo: 1, $db: 'admin' })).toMatchObject({
    ok: 1,
    writeConcernError: { code: 64, errmsg: 'slow' },
  });
  raw.close();
});

test('a server without test commands does not know the command', async () => {
  const plain = await startCommandServer();
  const raw = await RawClient.connect(plain.port);
  expect(
    await raw.command({ configureFailPoint: 'failCommand', mode: 'alwaysOn', $db: 'admin' }),
  ).toMatchObject({ ok: 0, code: 59 });
  raw.close();
  await plain.stop();
});

test('a client without an API version is refused where one is required', async () => {
  const raw = await RawClient.connect(running.port);
  await raw.command({ setParameter: 1, requireApiVersion: true, $db: 'admin' });
  expect(await raw.command({ ping: 1, $db: 'admin' })).toMatchObject({ code: 498870 });
  expect(await raw.command({ ping: 1, apiVersion: '1', $db: 'admin' })).toMatchObject({ ok: 1 });
  await raw.command({ setParameter: 1, requireApiVersion: false, $db: 'admin' });
  raw.close();
});

test('a command is held up no longer than it may last', async () => {
  await configure({
    mode: { times: 1 },
    data: { failCommands: ['count'], blockConnection: true, blockTimeMS: 60_000 },
  });
  expect(await failure({ count: 'x', maxTimeMS: 20 })).toMatchObject({
    code: 50,
    codeName: 'MaxTimeMSExpired',
  });
});

test('only the connection of a thread, or the members of a set, may be meant', async () => {
  const raw = await RawClient.connect(running.port);
  const { connectionId } = await raw.command({ hello: 1, $db: 'admin' });
  const data = { failCommands: ['hostInfo'], errorCode: 8000 };
  await configure({ mode: 'alwaysOn', data: { ...data, threadName: 'conn0' } });
  expect(await raw.command({ hostInfo: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  await configure({ mode: 'alwaysOn', data: { ...data, threadName: `conn${connectionId}` } });
  expect(await raw.command({ hostInfo: 1, $db: 'admin' })).toMatchObject({ code: 8000 });
  raw.close();
});

test('with a probability of 0 nothing is hit, with 1 everything', async () => {
  const data = { failCommands: ['hostInfo'], errorCode: 8000 };
  await configure({ mode: { activationProbability: 0 }, data });
  for (let count = 0; count < 20; count++) expect(await failure({ hostInfo: 1 })).toBeUndefined();
  await configure({ mode: { activationProbability: 1 }, data });
  expect(await failure({ hostInfo: 1 })).toMatchObject({ code: 8000 });
});

test('what was hit is counted', async () => {
  const { count } = await configure({ mode: 'off' });
  await configure({ mode: { times: 2 }, data: { failCommands: ['hostInfo'], errorCode: 8000 } });
  await failure({ hostInfo: 1 });
  expect(await configure({ mode: 'off' })).toMatchObject({ count: count + 1 });
});

test.each<[Record<string, unknown>, number, string]>([
  [{ mode: 'sometimes' }, 2, 'unknown fail point mode: "sometimes"'],
  [{ mode: { times: -1 } }, 2, 'unknown fail point mode: {"times":-1}'],
  [{ mode: { activationProbability: 2 } }, 2, 'unknown fail point mode'],
  [{ mode: 'off', data: { failEverything: true } }, 238, 'failEverything is not implemented'],
  [{ mode: 'off', data: { failCommands: 'find' } }, 14, 'failCommands has the wrong type'],
  [{ mode: 'off', data: { blockConnection: true } }, 72, "must specify 'blockTimeMS'"],
  [{ mode: 'off', data: { blockConnection: true, blockTimeMS: -1 } }, 72, 'non-negative'],
  [{ mode: 'off', configureFailPoint: 'failAtWill' }, 266, 'failAtWill not found'],
])('%j is refused with %i', async (fields, code, text) => {
  expect(await failure({ configureFailPoint: 'failCommand', ...fields })).toMatchObject({
    code,
    errmsg: expect.stringContaining(text),
  });
});
