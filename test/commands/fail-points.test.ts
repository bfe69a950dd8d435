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
