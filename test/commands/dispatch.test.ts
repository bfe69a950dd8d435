import { Long, type MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';
import { RawClient } from '../support/raw-client.ts';

let running: RunningServer;
let client: MongoClient;

beforeAll(async () => {
  running = await startCommandServer();
  client = await running.client();
});
afterAll(() => running.stop());

async function failure(command: Record<string, unknown>, database = 'admin') {
  return client
    .db(database)
    .command(command)
    .then(
      () => expect.fail('the command must fail'),
      (error: { errorResponse?: Record<string, unknown> }) => error.errorResponse,
    );
}

test('an unknown command is answered as every client expects it', async () => {
  expect(await failure({ atlasVersion: 1 })).toEqual({
    ok: 0,
    errmsg: "no such command: 'atlasVersion'",
    code: 59,
    codeName: 'CommandNotFound',
  });
});

test('a command for admin is refused elsewhere', async () => {
  expect(await failure({ getLog: '*' }, 'test')).toMatchObject({
    code: 13,
    errmsg: 'getLog may only be run against the admin database.',
  });
});

test('an unknown field is named', async () => {
  expect(await failure({ connectionStatus: 1, nonsense: 1 })).toMatchObject({
    code: 40415,
    errmsg: "BSON field 'connectionStatus.nonsense' is an unknown field.",
  });
});

test('a field of the wrong type is named with what was expected', async () => {
  expect(await failure({ connectionStatus: 1, showPrivileges: 'yes' })).toMatchObject({
    code: 14,
    errmsg:
      "BSON field 'connectionStatus.showPrivileges' is the wrong type 'string', expected types '[bool, long, int, decimal, double']",
  });
});

test.each(['', 'a.b', 'a b', 'a$b', 'a/b', 'x'.repeat(64)])(
  'the database name "%s" is refused',
  async (name) => {
    const raw = await RawClient.connect(running.port);
    expect(await raw.command({ ping: 1, $db: name })).toMatchObject({
      ok: 0,
      codeName: 'InvalidNamespace',
    });
    raw.close();
  },
);

describe('generic arguments', () => {
  test('help: true tells about a command in place of running it', async () => {
    const admin = client.db('admin');
    expect(await admin.command({ fsync: 1, lock: true, help: true })).toMatchObject({
      ok: 1,
      help: expect.stringMatching(/^help for: fsync \w/),
    });
    expect(await admin.command({ ping: 1, help: 0 })).not.toHaveProperty('help');
  });

  test.each<[string, Record<string, unknown>]>([
    ['comment', { comment: { a: 1 } }],
    ['maxTimeMS', { maxTimeMS: 1000 }],
    ['$readPreference', { $readPreference: { mode: 'nearest' } }],
    ['apiVersion', { apiVersion: '1', apiStrict: true, apiDeprecationErrors: true }],
    ['mayBypassWriteBlocking', { mayBypassWriteBlocking: true }],
    ['$audit', { $audit: {} }],
  ])('%s is accepted', async (_name, fields) => {
    expect(await client.db('admin').command({ ping: 1, ...fields })).toMatchObject({ ok: 1 });
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['a negative maxTimeMS', { maxTimeMS: -1 }, 2],
    ['a maxTimeMS that is not whole', { maxTimeMS: 1.5 }, 9],
    ['apiVersion 2', { apiVersion: '2' }, 322],
    ['apiStrict alone', { apiStrict: true }, 72],
    ['a transaction', { startTransaction: true, autocommit: false }, 238],
    ['txnNumber without session', { txnNumber: Long.fromNumber(1) }, 72],
    ['an unknown read concern', { readConcern: { level: 'best' } }, 2],
    ['snapshot where it has no meaning', { readConcern: { level: 'snapshot' } }, 72],
    ['a read concern of an unknown origin', { readConcern: { provenance: 'me' } }, 2],
    ['linearizable where it has no meaning', { readConcern: { level: 'linearizable' } }, 72],
    ['majority where it has no meaning', { readConcern: { level: 'majority' } }, 72],
    ['a write concern where nothing is written', { writeConcern: { w: 1 } }, 72],
  ])('%s is refused', async (_name, fields, code) => {
    const raw = await RawClient.connect(running.port);
    expect(await raw.command({ ping: 1, $db: 'admin', ...fields })).toMatchObject({ ok: 0, code });
    raw.close();
  });

  test('apiStrict refuses a command outside the stable API', async () => {
    expect(await failure({ serverStatus: 1, apiVersion: '1', apiStrict: true })).toMatchObject({
      code: 323,
    });
  });
});

test('a request without $db is refused', async () => {
  const raw = await RawClient.connect(running.port);
  expect(await raw.command({ ping: 1 })).toMatchObject({ code: 40571 });
  raw.close();
});
