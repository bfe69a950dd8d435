/** What dispatch derives from a command's declaration and the member's state; no sockets. */
import { Binary, ObjectId, serialize, Timestamp, UUID } from 'bson';
import { expect, test } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import {
  type ClientConnection,
  type Command,
  CommandBody,
  type CommandContext,
  type CommandLog,
  Dispatcher,
  declareDefaultParameters,
  defineCommand,
  isStream,
  type OplogPosition,
  type ReplicaSetView,
  type ReplyDocument,
  ServerParameters,
  type WriteConcern,
} from '../../src/commands/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';

const topologyVersion = { processId: new ObjectId(), counter: 3n };
const lsid = { id: new UUID() };

interface Waited {
  readonly position: OplogPosition | undefined;
  readonly writeConcern: WriteConcern;
}

class StubReplicaSet implements ReplicaSetView {
  role: ReplicaSetView['role'] = 'primary';
  readonly term = 7;
  stateName = 'PRIMARY';
  readonly confirmed: number[] = [];
  readonly topologyVersion = topologyVersion;
  readonly waited: Waited[] = [];
  readonly observed: Timestamp[] = [];
  readonly awaited: Timestamp[] = [];
  failure: unknown;

  hello(): Record<string, unknown> {
    return { setName: 'rs0', isWritablePrimary: this.role === 'primary' };
  }
  async awaitTopologyChange(): Promise<void> {}
  clusterTime() {
    return {
      clusterTime: Timestamp.fromBits(2, 100),
      operationTime: Timestamp.fromBits(1, 100),
    };
  }
  observeClusterTime(time: Timestamp): void {
    this.observed.push(time);
  }
  async awaitWriteConcern(position: OplogPosition | undefined, writeConcern: WriteConcern) {
    this.waited.push({ position, writeConcern });
    if (this.failure !== undefined) throw this.failure;
  }
  async confirmLead(term: number): Promise<void> {
    this.confirmed.push(term);
    if (this.failure !== undefined) throw this.failure;
  }
  async awaitClusterTime(time: Timestamp): Promise<void> {
    this.awaited.push(time);
  }
}

let behaviour: (context: CommandContext) => ReplyDocument | Promise<ReplyDocument> = () => ({});

const write = defineCommand({
  name: 'write',
  help: 'Writes.',
  access: 'write',
  runsOn: 'primary',
  retryable: true,
  namesCollection: true,
  parse: () => undefined,
  run: (_request, context) => behaviour(context),
});

const read = defineCommand({
  name: 'read',
  help: 'Reads.',
  access: 'read',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: () => undefined,
  run: (_request, context) => behaviour(context),
});

function setUp(): {
  replicaSet: StubReplicaSet;
  dispatcher: Dispatcher;
  run: (command: Record<string, unknown>) => Promise<ReplyDocument>;
} {
  behaviour = () => ({});
  const replicaSet = new StubReplicaSet();
  const parameters = new ServerParameters();
  declareDefaultParameters(parameters, { enableTestCommands: false });
  const nothing: CommandLog['info'] = () => {};
  const dispatcher = new Dispatcher({
    commandTable: new Map<string, Command>([
      ['write', write],
      ['read', read],
    ]),
    database: { now: () => Date.now(), catalog: { byNamespace: () => undefined } } as never,
    replicaSet: replicaSet as never,
    parameters,
    server: undefined as never,
    log: { info: nothing, warning: nothing, error: nothing },
  });
  const connection = { id: 1 } as ClientConnection;
  const run = async (command: Record<string, unknown>): Promise<ReplyDocument> => {
    const bytes = Buffer.from(serialize({ ...command, $db: command.$db ?? 'test' }));
    const result = await dispatcher.dispatch(
      { body: new CommandBody(bytes, 0), exhaustAllowed: false, legacy: false },
      connection,
    );
    if (isStream(result)) throw new Error('unexpected stream');
    return { ...result, ok: Number(result.ok) };
  };
  return { replicaSet, dispatcher, run };
}

test('every reply carries the times of the set', async () => {
  const { run } = setUp();
  const reply = decodeDocument(encodeDocument(await run({ read: 'c' })), 0);
  expect(reply).toMatchObject({
    ok: 1,
    operationTime: Timestamp.fromBits(1, 100),
    $clusterTime: {
      clusterTime: Timestamp.fromBits(2, 100),
      signature: { hash: new Binary(Buffer.alloc(20)), keyId: 0n },
    },
  });
});

test('a secondary refuses writes and says which topology it knows', async () => {
  const { run, replicaSet } = setUp();
  replicaSet.role = 'secondary';
  expect(await run({ write: 'c' })).toMatchObject({
    ok: 0,
    code: 10107,
    codeName: 'NotWritablePrimary',
    errmsg: 'not primary',
    topologyVersion,
  });
});

test('a secondary reads when the read preference allows it', async () => {
  const { run, replicaSet } = setUp();
  replicaSet.role = 'secondary';
  expect(await run({ read: 'c' })).toMatchObject({
    code: 13435,
    errmsg: 'not primary and secondaryOk=false',
  });
  expect(await run({ read: 'c', $readPreference: { mode: 'secondary' } })).toMatchObject({ ok: 1 });
});

test.each<[unknown, number, string]>([
  [
    { mode: 'somebody' },
    2,
    "Enumeration value 'somebody' for field 'readPreference.mode' is not a valid value.",
  ],
  [{}, 40414, "BSON field 'readPreference.mode' is missing but a required field"],
  ['secondary', 14, '$readPreference has incorrect type: expected object but got string'],
  [
    { mode: 'primary', tags: [{ dc: 'a' }] },
    2,
    'Only empty tags are allowed with primary read preference',
  ],
  [
    { mode: 'primary', maxStalenessSeconds: 90 },
    2,
    'maxStalenessSeconds can not be set for the primary mode',
  ],
  [
    { mode: 'nearest', maxStalenessSeconds: 89 },
    160,
    'maxStalenessSeconds value can not be less than 90',
  ],
  [
    { mode: 'primary', hedge: { enabled: true } },
    72,
    'cannot enable hedging for $readPreference mode "primaryOnly"',
  ],
])(
  'a primary and a secondary refuse the read preference %j',
  async ($readPreference, code, errmsg) => {
    const { run, replicaSet } = setUp();
    for (const role of ['primary', 'secondary'] as const) {
      replicaSet.role = role;
      expect(await run({ read: 'c', $readPreference })).toMatchObject({ ok: 0, code, errmsg });
    }
  },
);

test('tags that name nothing are no tags', async () => {
  const { run } = setUp();
  for (const tags of [[], [{}]]) {
    expect(await run({ read: 'c', $readPreference: { mode: 'primary', tags } })).toMatchObject({
      ok: 1,
    });
  }
});

test('a secondary writes to its own database local', async () => {
  const { run, replicaSet } = setUp();
  replicaSet.role = 'secondary';
  expect(await run({ write: 'c', $db: 'local' })).toMatchObject({ ok: 1 });
});

test('a member that is neither refuses reads whatever the preference', async () => {
  const { run, replicaSet } = setUp();
  replicaSet.role = 'other';
  expect(await run({ read: 'c', $readPreference: { mode: 'nearest' } })).toMatchObject({
    code: 13436,
    codeName: 'NotPrimaryOrSecondary',
  });
});

test('a numbered write may be retried after a change of primary, another may not', async () => {
  const { run, replicaSet } = setUp();
  replicaSet.role = 'secondary';
  expect(await run({ write: 'c', lsid, txnNumber: 1n })).toMatchObject({
    code: 10107,
    errorLabels: ['RetryableWriteError'],
  });
  expect(await run({ write: 'c', lsid })).not.toHaveProperty('errorLabels');
});

test('a number on a command that cannot be retried is refused', async () => {
  const { run } = setUp();
  expect(await run({ read: 'c', lsid, txnNumber: 1n })).toMatchObject({ ok: 0, code: 50768 });
});

test('a cluster time that is news is observed', async () => {
  const { run, replicaSet } = setUp();
  const times = [Timestamp.fromBits(3, 100), Timestamp.fromBits(0, 101)];
  for (const clusterTime of times) {
    await run({ read: 'c', $clusterTime: { clusterTime, signature: {} } });
  }
  // What this member says itself, and what it said before, is none.
  for (const clusterTime of [Timestamp.fromBits(2, 100), Timestamp.fromBits(9, 99)]) {
    await run({ read: 'c', $clusterTime: { clusterTime, signature: {} } });
  }
  expect(replicaSet.observed.map(String)).toEqual(times.map(String));
});

test.each([{}, { clusterTime: 5 }, { clusterTime: null }])(
  'a cluster time that is no timestamp is refused: %o',
  async ($clusterTime) => {
    const { run } = setUp();
    expect(await run({ read: 'c', $clusterTime })).toMatchObject({
      ok: 0,
      codeName: 'TypeMismatch',
    });
  },
);

test('a time a client asks for is awaited', async () => {
  const { run, replicaSet } = setUp();
  const time = Timestamp.fromBits(7, 99);
  await run({ read: 'c', readConcern: { level: 'majority', afterClusterTime: time } });
  expect(replicaSet.awaited.map(String)).toEqual([String(time)]);
});

test('running operations are listed in the order in which they came', () => {
  const { operations } = setUp().dispatcher;
  const [a, b, c] = ['a', 'b', 'c'].map((name) => operations.start(1, name, ''));
  const names = () => operations.all().map(({ command }) => command);
  expect(names()).toEqual(['a', 'b', 'c']);
  expect(operations.get(b!.opId)).toBe(b);
  operations.finish(b!);
  operations.finish(b!);
  expect(names()).toEqual(['a', 'c']);
  operations.finish(c!);
  const d = operations.start(1, 'd', '');
  expect(names()).toEqual(['a', 'd']);
  operations.finish(a!);
  operations.finish(d);
  expect(names()).toEqual([]);
  expect(operations.get(d.opId)).toBeUndefined();
});

test('a cluster time more than a year ahead is refused, and one nobody has shown not awaited', async () => {
  const { run, replicaSet } = setUp();
  const secs = Math.floor(Date.now() / 1000) + 366 * 24 * 60 * 60;
  const far = Timestamp.fromBits(1, secs);
  expect(await run({ read: 'c', $clusterTime: { clusterTime: far, signature: {} } })).toMatchObject(
    { code: 210, codeName: 'ClusterTimeFailsRateLimiter' },
  );
  expect(replicaSet.observed).toEqual([]);
  expect(await run({ read: 'c', readConcern: { afterClusterTime: far } })).toMatchObject({
    code: 72,
  });
  expect(replicaSet.awaited).toEqual([]);
});

test('the read concern reaches the command', async () => {
  const { run } = setUp();
  behaviour = (context) => ({ level: context.readConcern.level });
  expect(await run({ read: 'c', readConcern: { level: 'majority' } })).toMatchObject({
    level: 'majority',
  });
});

test('a linearizable read is confirmed by a majority after it was made', async () => {
  const { run, replicaSet } = setUp();
  const linearizable = { read: 'c', readConcern: { level: 'linearizable' } };
  behaviour = () => {
    expect(replicaSet.confirmed).toEqual([]);
    return {};
  };
  expect(await run(linearizable)).toMatchObject({ ok: 1 });
  expect(replicaSet.confirmed).toEqual([7]);
  expect(replicaSet.waited).toEqual([]);
  behaviour = () => ({});
  replicaSet.failure = new MongoServerError('PrimarySteppedDown', 'stepped down');
  expect(await run(linearizable)).toMatchObject({ ok: 0, code: 189 });
  replicaSet.role = 'secondary';
  expect(await run({ ...linearizable, $readPreference: { mode: 'secondary' } })).toMatchObject({
    ok: 0,
    code: 10107,
  });
});

test('a write to the database local waits for nobody', async () => {
  const { run, replicaSet } = setUp();
  await run({ write: 'c', $db: 'local' });
  expect(replicaSet.waited).toEqual([]);
});

test('a write waits for a majority by default, for what it wrote', async () => {
  const { run, replicaSet } = setUp();
  behaviour = (context) => {
    context.operation.lastGtid = { term: 1, opid: 5 };
    return { n: 1 };
  };
  expect(await run({ write: 'c' })).toMatchObject({ n: 1, ok: 1 });
  expect(replicaSet.waited).toMatchObject([
    {
      position: { term: 1, opid: 5 },
      writeConcern: { w: 'majority', wtimeout: 0, provenance: 'implicitDefault' },
    },
  ]);
});

test('a write that changed nothing waits for the newest entry', async () => {
  const { run, replicaSet } = setUp();
  await run({ write: 'c', writeConcern: { w: 2, wtimeout: 100 } });
  expect(replicaSet.waited).toMatchObject([
    { position: undefined, writeConcern: { w: 2, wtimeout: 100, provenance: 'clientSupplied' } },
  ]);
});

test('w: 0 waits for nobody', async () => {
  const { run, replicaSet } = setUp();
  await run({ write: 'c', writeConcern: { w: 0 } });
  expect(replicaSet.waited).toEqual([]);
});

test('a wait that takes too long is told beside the result', async () => {
  const { run, replicaSet } = setUp();
  replicaSet.failure = new MongoServerError(
    'WriteConcernFailed',
    'waiting for replication timed out',
  );
  behaviour = () => ({ n: 1 });
  expect(await run({ write: 'c', writeConcern: { w: 3, wtimeout: 10 } })).toMatchObject({
    ok: 1,
    n: 1,
    writeConcernError: {
      code: 64,
      codeName: 'WriteConcernFailed',
      errmsg: 'waiting for replication timed out',
      errInfo: {
        wtimeout: true,
        writeConcern: { w: 3, wtimeout: 10, provenance: 'clientSupplied' },
      },
    },
  });
});

test('a primary that steps down while a numbered write waits lets it be retried', async () => {
  const { run, replicaSet } = setUp();
  replicaSet.failure = new MongoServerError('PrimarySteppedDown', 'stepped down');
  expect(await run({ write: 'c', lsid, txnNumber: 1n })).toMatchObject({
    ok: 1,
    writeConcernError: { code: 189 },
    errorLabels: ['RetryableWriteError'],
  });
});

test('what was written before an error is waited for, and counted once', async () => {
  const { run, replicaSet, dispatcher } = setUp();
  behaviour = async (context) => {
    context.operation.lastGtid = { term: 1, opid: 5 };
    throw new MongoServerError('DuplicateKey', 'E11000');
  };
  expect(await run({ write: 'c' })).toMatchObject({ ok: 0, code: 11000 });
  expect(replicaSet.waited.length).toBe(1);
  expect(dispatcher.counters.commands.get('write')).toEqual({ total: 1, failed: 1 });
  expect([...dispatcher.operations.all()]).toEqual([]);
});

test('a fault of ours is answered without its insides', async () => {
  const { run, dispatcher } = setUp();
  behaviour = () => {
    throw new TypeError('x is undefined');
  };
  expect(await run({ read: 'c' })).toMatchObject({ ok: 0, code: 1, codeName: 'InternalError' });
  expect([...dispatcher.operations.all()]).toEqual([]);
});

test.each<[string, unknown, number]>([
  ['w beyond 50', { w: 51 }, 9],
  ['w negative', { w: -1 }, 9],
  ['w a bool', { w: true }, 9],
  ['an unknown field', { w: 1, x: 1 }, 40415],
  ['a string', 'majority', 14],
])('a write concern with %s is refused', async (_name, writeConcern, code) => {
  const { run } = setUp();
  expect(await run({ write: 'c', writeConcern })).toMatchObject({ ok: 0, code });
});
