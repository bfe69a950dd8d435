/** The runner itself, with a file of ours: what holds passes, what does not is found. */
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';
import type { SpecificationFile, SpecificationTest } from './format.ts';
import { compareVersions, type ServerUnderTest, serverUnderTest } from './requirements.ts';
import { runFile } from './run-file.ts';

let cluster: Cluster;
let internal: MongoClient;
let server: ServerUnderTest;

beforeAll(async () => {
  cluster = await Cluster.start({ members: 1, setParameter: { enableTestCommands: '1' } });
  internal = await new MongoClient(cluster.uri).connect();
  server = await serverUnderTest(internal);
});

afterAll(async () => {
  await internal.close();
  await cluster.stop();
});

const data = { collectionName: 'things', databaseName: 'runner', documents: [{ _id: 1, n: 1 }] };

function fileOf(test: Omit<SpecificationTest, 'description'>): SpecificationFile {
  return {
    description: 'ours',
    schemaVersion: '1.9',
    createEntities: [
      { client: { id: 'client0', observeEvents: ['commandStartedEvent'] } },
      { database: { id: 'database0', client: 'client0', databaseName: 'runner' } },
      { collection: { id: 'things', database: 'database0', collectionName: 'things' } },
      { session: { id: 'session0', client: 'client0' } },
    ],
    initialData: [data],
    tests: [{ description: 'a test', ...test }],
  };
}

async function outcomeOf(test: Omit<SpecificationTest, 'description'>): Promise<string> {
  for await (const { outcome, reason } of runFile(fileOf(test), {
    uri: cluster.uri,
    internal,
    server,
  })) {
    return reason === undefined ? outcome : `${outcome}: ${reason}`;
  }
  return 'no test';
}

const increment = {
  name: 'updateOne',
  object: 'things',
  arguments: { filter: { _id: 1 }, update: { $inc: { n: 1 } }, session: 'session0' },
};
const duplicate = { name: 'insertOne', object: 'things', arguments: { document: { _id: 1 } } };

it('passes a test whose result, events and outcome are as expected', async () => {
  expect(
    await outcomeOf({
      operations: [{ ...increment, expectResult: { modifiedCount: 1 } }],
      expectEvents: [
        {
          client: 'client0',
          events: [
            {
              commandStartedEvent: {
                commandName: 'update',
                command: { update: 'things', lsid: { $$sessionLsid: 'session0' } },
              },
            },
          ],
        },
      ],
      outcome: [{ ...data, documents: [{ n: 2, _id: 1 }] }],
    }),
  ).toBe('passed');
});

it.each<[string, Omit<SpecificationTest, 'description'>, string]>([
  [
    'result',
    { operations: [{ ...increment, expectResult: { modifiedCount: 2 } }] },
    'failed: modifiedCount: expected 2, got 1',
  ],
  [
    'outcome',
    { operations: [increment], outcome: [data] },
    'failed: things: expected [{"_id":"1","n":"1"}], found [{"_id":"1","n":"2"}]',
  ],
  [
    'number of events',
    { operations: [increment], expectEvents: [{ client: 'client0', events: [] }] },
    'failed: expected 0 events, seen: commandStartedEvent of update',
  ],
  [
    'event',
    {
      operations: [],
      expectEvents: [
        { client: 'client0', events: [{ commandStartedEvent: { commandName: 'find' } }] },
      ],
    },
    'failed: event 0 (commandStartedEvent of find) did not come; seen: none',
  ],
  [
    'absence of an error',
    { operations: [{ ...increment, expectError: { isError: true } }] },
    'failed: updateOne did not fail',
  ],
  [
    'error code',
    { operations: [{ ...duplicate, expectError: { errorCode: 8000 } }] },
    'failed: expected code 8000, got MongoServerError: E11000 duplicate key error collection: runner.things index: _id_ dup key: { _id: 1 }',
  ],
  [
    'unexpected error',
    { operations: [duplicate] },
    'failed: MongoServerError: E11000 duplicate key error collection: runner.things index: _id_ dup key: { _id: 1 }',
  ],
  ['skip reason', { skipReason: 'later', operations: [] }, 'skipped: later'],
  [
    'requirement',
    { operations: [], runOnRequirements: [{ topologies: ['sharded'] }] },
    'skipped: needs a topology sharded',
  ],
  [
    'command the server says it does not have yet',
    {
      operations: [
        { name: 'runCommand', object: 'database0', arguments: { command: { createUser: 'x' } } },
      ],
    },
    'unbuilt: createUser is not implemented yet',
  ],
  [
    'operation nobody knows',
    { operations: [{ name: 'fly', object: 'things' }] },
    'skipped: the runner has no operation fly',
  ],
])('tells of a wrong or unmet %s', async (_, test, outcome) => {
  expect(await outcomeOf(test)).toBe(outcome);
});

it.each([
  [{ isError: true, isClientError: false, errorCode: 11000, errorContains: 'e11000 DUPLICATE' }],
  [{ errorLabelsOmit: ['RetryableWriteError'], errorResponse: { code: 11000 } }],
])('passes an error that is %j', async (expectError) => {
  expect(await outcomeOf({ operations: [{ ...duplicate, expectError }] })).toBe('passed');
});

it('turns a fail point off when its test ends', async () => {
  const failPoint = {
    configureFailPoint: 'failCommand',
    mode: 'alwaysOn',
    data: { failCommands: ['update'], errorCode: 8000 },
  };
  const set = {
    name: 'failPoint',
    object: 'testRunner',
    arguments: { client: 'client0', failPoint },
  };
  expect(
    await outcomeOf({
      operations: [set, { ...increment, expectError: { errorCode: 8000 } }],
      outcome: [data],
    }),
  ).toBe('passed');
  expect(await outcomeOf({ operations: [increment] })).toBe('passed');
});

it.each([
  ['8.0', 0],
  ['7.99', 1],
  ['8.0.1', -1],
])('version 8.0.0 is compared with %s', (version, sign) => {
  expect(Math.sign(compareVersions([8, 0, 0], version))).toBe(sign);
});
