/** The operations of `testRunner`: fail points, and assertions about sessions, indexes and events. */
import type { Document, MongoClient } from 'mongodb';
import type { Entities } from './entities.ts';
import { isExpectedEvent } from './expect-events.ts';
import { CannotRun } from './format.ts';
import { canonical, Mismatch } from './match.ts';
import { ObservedClient } from './observed-client.ts';

/** What such an operation may reach beside entities. */
export interface RunnerAccess {
  readonly entities: Entities;
  /** The runner's own client, which no test observes. */
  readonly internal: MongoClient;
  /** Fail points to turn off when the test ends, with the client they were set by. */
  readonly failPoints: { readonly client: MongoClient; readonly name: string }[];
}

/** The driver's names of a transaction's states, and those of specification files. */
const transactionStates: Readonly<Record<string, string>> = {
  NO_TRANSACTION: 'none',
  STARTING_TRANSACTION: 'starting',
  TRANSACTION_IN_PROGRESS: 'in_progress',
  TRANSACTION_COMMITTED: 'committed',
  TRANSACTION_COMMITTED_EMPTY: 'committed',
  TRANSACTION_ABORTED: 'aborted',
};

type RunnerOperation = (access: RunnerAccess, args: Document) => Promise<void> | void;

export const testRunnerOperations: Readonly<Record<string, RunnerOperation>> = {
  failPoint: async (access, { client, failPoint }) => {
    const target = access.entities.get(client, ObservedClient).client;
    await target.db('admin').command(failPoint);
    access.failPoints.push({ client: target, name: failPoint.configureFailPoint });
  },
  targetedFailPoint: () => {
    throw new CannotRun('needs a sharded cluster: a fail point on the router of a session');
  },
  createEntities: ({ entities }, { entities: specifications }) => entities.create(specifications),

  assertSessionTransactionState: ({ entities }, { session, state }) => {
    const { transaction } = entities.session(session) as unknown as {
      transaction: { state: string };
    };
    const actual = transactionStates[transaction.state];
    claim(actual === state, `the state is ${actual}`);
  },
  assertSessionPinned: ({ entities }, { session }) =>
    claim(entities.session(session).isPinned, 'the session is not pinned'),
  assertSessionUnpinned: ({ entities }, { session }) =>
    claim(!entities.session(session).isPinned, 'the session is pinned'),
  assertSessionDirty: ({ entities }, { session }) =>
    claim(isDirty(entities, session), 'the session is not dirty'),
  assertSessionNotDirty: ({ entities }, { session }) =>
    claim(!isDirty(entities, session), 'the session is dirty'),
  assertSameLsidOnLastTwoCommands: ({ entities }, { client }) => {
    const [first, second] = lastTwoLsids(entities, client);
    claim(first === second, 'the session ids of the last two commands differ');
  },
  assertDifferentLsidOnLastTwoCommands: ({ entities }, { client }) => {
    const [first, second] = lastTwoLsids(entities, client);
    claim(first !== second, 'the session ids of the last two commands are the same');
  },

  assertCollectionExists: async ({ internal }, { databaseName, collectionName }) =>
    claim(
      (await collectionNames(internal, databaseName)).includes(collectionName),
      `there is no collection ${collectionName}`,
    ),
  assertCollectionNotExists: async ({ internal }, { databaseName, collectionName }) =>
    claim(
      !(await collectionNames(internal, databaseName)).includes(collectionName),
      `there is a collection ${collectionName}`,
    ),
  assertIndexExists: async ({ internal }, { databaseName, collectionName, indexName }) =>
    claim(
      (await indexNames(internal, databaseName, collectionName)).includes(indexName),
      `there is no index ${indexName}`,
    ),
  assertIndexNotExists: async ({ internal }, { databaseName, collectionName, indexName }) =>
    claim(
      !(await indexNames(internal, databaseName, collectionName)).includes(indexName),
      `there is an index ${indexName}`,
    ),

  assertNumberConnectionsCheckedOut: ({ entities }, { client, connections }) => {
    const { checkedOutConnections } = entities.get(client, ObservedClient);
    claim(checkedOutConnections === connections, `${checkedOutConnections} are checked out`);
  },
  assertEventCount: ({ entities }, { client, event, count }) => {
    const actual = entities
      .get(client, ObservedClient)
      .events.filter((seen) => isExpectedEvent(event, seen, entities)).length;
    claim(actual === count, `${actual} such events were seen, expected ${count}`);
  },
  waitForEvent: ({ entities }, { client, event, count }) =>
    entities
      .get(client, ObservedClient)
      .awaitEvents(
        (events) => events.filter((seen) => isExpectedEvent(event, seen, entities)).length >= count,
      ),
};

function claim(holds: boolean, otherwise: string): void {
  if (!holds) throw new Mismatch(otherwise);
}

function isDirty(entities: Entities, name: string): boolean {
  const { serverSession } = entities.session(name);
  return (serverSession as unknown as { isDirty: boolean }).isDirty;
}

function lastTwoLsids(entities: Entities, client: string): [string, string] {
  const started = entities
    .get(client, ObservedClient)
    .events.filter(({ name }) => name === 'commandStartedEvent')
    .slice(-2);
  claim(started.length === 2, 'fewer than two commands were sent');
  return started.map(({ event }) => canonical(event.command.lsid)) as [string, string];
}

async function collectionNames(client: MongoClient, database: string): Promise<string[]> {
  const collections = await client.db(database).listCollections({}, { nameOnly: true }).toArray();
  return collections.map(({ name }) => name);
}

/** None for a collection that does not exist. */
async function indexNames(
  client: MongoClient,
  database: string,
  collection: string,
): Promise<string[]> {
  if (!(await collectionNames(client, database)).includes(collection)) return [];
  const indexes = await client.db(database).collection(collection).listIndexes().toArray();
  return indexes.map(({ name }) => name);
}
