import { Long, type MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';

let running: RunningServer;
let client: MongoClient;
const log = ['{"msg":"first line"}', '{"msg":"second line"}'];

beforeAll(async () => {
  running = await startCommandServer({
    recentLog: (name) => (name === 'global' ? log : undefined),
    argv: ['arkd', '--port', '0'],
    options: { net: { port: 0 } },
  });
  client = await running.client();
});
afterAll(() => running.stop());

async function run(command: Record<string, unknown>) {
  return client.db('admin').command(command);
}

async function failure(command: Record<string, unknown>) {
  return run(command).then(
    () => expect.fail('the command must fail'),
    (error: { errorResponse?: Record<string, unknown> }) => error.errorResponse,
  );
}

test('buildInfo gives a version tools can compare, and our own', async () => {
  for (const name of ['buildInfo', 'buildinfo']) {
    const reply = await run({ [name]: 1 });
    expect(reply).toMatchObject({
      version: expect.stringMatching(/^8\.0\.\d+$/),
      versionArray: [8, 0, expect.any(Number), 0],
      maxBsonObjectSize: 16_777_216,
      modules: [],
      arkset: { version: expect.any(String) },
    });
  }
});

describe('parameters', () => {
  test('featureCompatibilityVersion is a document', async () => {
    expect(await run({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
      featureCompatibilityVersion: { version: '8.0' },
    });
  });

  test('a star gives all of them', async () => {
    const reply = await run({ getParameter: '*' });
    expect(Object.keys(reply)).toEqual(
      expect.arrayContaining(['featureCompatibilityVersion', 'enableTestCommands', 'quiet']),
    );
  });

  test('a name nobody knows is refused', async () => {
    expect(await failure({ getParameter: 1, nonsense: 1 })).toMatchObject({ code: 72 });
    expect(await failure({ setParameter: 1, nonsense: 1 })).toMatchObject({ code: 72 });
  });

  test('a parameter is changed and the value before is told', async () => {
    expect(await run({ setParameter: 1, quiet: true })).toMatchObject({ was: false });
    expect(await run({ setParameter: 1, quiet: false })).toMatchObject({ was: true });
  });

  test('a constant cannot be changed', async () => {
    expect(await failure({ setParameter: 1, enableTestCommands: true })).toMatchObject({
      code: 20,
    });
  });
});

test('getLog gives names, lines and refusals', async () => {
  expect(await run({ getLog: '*' })).toMatchObject({ names: ['global', 'startupWarnings', 'rs'] });
  expect(await run({ getLog: 'global' })).toMatchObject({ totalLinesWritten: 2, log });
  expect(await run({ getLog: 'startupWarnings' })).toMatchObject({ totalLinesWritten: 0, log: [] });
  expect(await failure({ getLog: 'x' })).toMatchObject({ errmsg: "No log named 'x'" });
});

test('getCmdLineOpts gives the options as given and as parsed', async () => {
  expect(await run({ getCmdLineOpts: 1 })).toMatchObject({
    argv: ['arkd', '--port', '0'],
    parsed: { net: { port: 0 } },
  });
});

test('serverStatus has the fields mongostat reads', async () => {
  const before = await run({ serverStatus: 1 });
  await run({ ping: 1 });
  const after = await run({ serverStatus: 1 });
  expect(after).toMatchObject({
    process: 'mongod',
    pid: process.pid,
    connections: { current: expect.any(Number), available: expect.any(Number) },
    extra_info: { page_faults: expect.any(Number) },
    mem: { bits: 64, resident: expect.any(Number), virtual: expect.any(Number) },
    storageEngine: { name: 'lmdb' },
    globalLock: { currentQueue: { total: 0 } },
  });
  expect(after.opcounters.command).toBe(before.opcounters.command + 2);
  expect(after.network.bytesIn).toBeGreaterThan(before.network.bytesIn);
  expect(after.metrics.commands.ping.total).toBeGreaterThan(0);
});

test('listCommands lists what dispatch knows, each once', async () => {
  const { commands } = await run({ listCommands: 1 });
  expect(Object.keys(commands)).toEqual(expect.arrayContaining(['hello', 'ping', 'getLog']));
  expect(commands).not.toHaveProperty('isMaster');
  expect(commands.getLog).toMatchObject({ adminOnly: true, requiresAuth: true });
  for (const each of Object.values<{ help: string }>(commands)) expect(each.help).not.toBe('');
});

test('the connection knows its address and that nobody is logged in', async () => {
  expect((await run({ whatsmyuri: 1 })).you).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(await run({ connectionStatus: 1, showPrivileges: true })).toMatchObject({
    authInfo: {
      authenticatedUsers: [],
      authenticatedUserRoles: [],
      authenticatedUserPrivileges: [],
    },
  });
});

test.each<[string, Record<string, unknown>]>([
  ['hostInfo', { os: { type: expect.any(String) }, system: { numCores: expect.any(Number) } }],
  ['connPoolStats', { pools: {} }],
  ['top', { totals: {} }],
  ['fsync', { numFiles: 1 }],
  ['usersInfo', { users: [] }],
  ['rolesInfo', { roles: [] }],
  ['logout', { ok: 1 }],
  ['logRotate', { ok: 1 }],
  ['startSession', { timeoutMinutes: 30 }],
])('%s answers', async (name, expected) => {
  expect(await run({ [name]: 1 })).toMatchObject(expected);
});

test.each<[Record<string, unknown>, string]>([
  [{ fsync: 1, lock: true }, 'NotImplemented'],
  [{ createUser: 'x', pwd: 'y', roles: [] }, 'NotImplemented'],
  [{ currentOp: 1, $or: 1 }, 'BadValue'],
  [{ saslStart: 1, mechanism: 'PLAIN', payload: '' }, 'MechanismUnavailable'],
  [{ saslContinue: 1, conversationId: 1 }, 'ProtocolError'],
  [{ getDefaultRWConcern: 1 }, 'Location51300'],
])('%j is refused with %s', async (command, codeName) => {
  expect(await failure(command)).toMatchObject({ codeName });
});

test('profile tells and sets the limit of slow commands', async () => {
  expect(await run({ profile: 0, slowms: 250 })).toMatchObject({ was: 0, slowms: 100 });
  expect(await run({ profile: -1 })).toMatchObject({ was: 0, slowms: 250 });
});

describe('running operations', () => {
  async function currentTopology() {
    const { topologyVersion } = await run({ hello: 1 });
    return { ...topologyVersion, counter: Long.fromNumber(topologyVersion.counter) };
  }

  async function awaitHello() {
    const topologyVersion = await currentTopology();
    const other = await running.client();
    const pending = other
      .db('admin')
      .command({ hello: 1, topologyVersion, maxAwaitTimeMS: 20_000, comment: 'find me' })
      .then(
        () => undefined,
        (error: { code?: number }) => error,
      );
    for (;;) {
      const { inprog } = await run({ currentOp: 1, 'command.comment': 'find me' });
      if (inprog.length > 0) return { found: inprog[0], pending };
    }
  }

  test('currentOp shows a command and killOp ends it', async () => {
    const { found, pending } = await awaitHello();
    expect(found).toMatchObject({ type: 'op', active: true, opid: expect.any(Number) });
    expect(await run({ killOp: 1, op: found.opid })).toMatchObject({
      info: 'attempting to kill op',
    });
    expect(await pending).toMatchObject({ code: 11601 });
  });

  test('killAllSessions ends the commands of sessions', async () => {
    const { found, pending } = await awaitHello();
    expect(found.lsid).toBeDefined();
    await run({ killAllSessions: [] });
    expect(await pending).toMatchObject({ code: 11601 });
  });

  test('maxTimeMS ends what waits', async () => {
    const topologyVersion = await currentTopology();
    expect(
      await failure({ hello: 1, topologyVersion, maxAwaitTimeMS: 20_000, maxTimeMS: 30 }),
    ).toMatchObject({ code: 50, errmsg: 'operation exceeded time limit' });
  });
});

test.each(['buildInfo', 'getCmdLineOpts', 'getLog', 'hostInfo', 'ping'])(
  '%s refuses fields it does not know',
  async (name) => {
    await expect(run({ [name]: 1, colour: 1 })).rejects.toMatchObject({ code: 40415 });
  },
);
