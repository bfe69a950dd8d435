/**
 * A specification file against a server: its tests one after the other, each with its own data and
 * entities. Source: "Unified Test Format", "Test Runner Implementation".
 */
import type { Document, MongoClient } from 'mongodb';
import { Entities } from './entities.ts';
import { expectEvents } from './expect-events.ts';
import {
  CannotRun,
  type CollectionData,
  type SpecificationFile,
  type SpecificationTest,
} from './format.ts';
import { canonical, Mismatch } from './match.ts';
import { plain } from './plain.ts';
import { type ServerUnderTest, unmetRequirement } from './requirements.ts';
import { runOperation } from './run-operation.ts';
import type { RunnerAccess } from './test-runner-operations.ts';

export interface TestResult {
  readonly test: string;
  /** `unbuilt`: the server says that it has not yet what the test needs. */
  readonly outcome: 'passed' | 'failed' | 'unbuilt' | 'skipped';
  /** Why it was skipped, what failed, or what is not built. */
  readonly reason?: string;
}

export interface RunnerOptions {
  readonly uri: string;
  /** Connected to `uri`; prepares and inspects data. */
  readonly internal: MongoClient;
  readonly server: ServerUnderTest;
  /** Why a test is not to be run, if it is not. */
  readonly skip?: (file: SpecificationFile, test: SpecificationTest) => string | undefined;
}

/** Newer ones of this major version add what the runner skips by name. */
const schemaMajor = '1';
const testTimeoutMs = 30_000;

const majority = { writeConcern: { w: 'majority' } } as const;

export async function* runFile(
  file: SpecificationFile,
  options: RunnerOptions,
): AsyncGenerator<TestResult> {
  if (file.schemaVersion.split('.')[0] !== schemaMajor) {
    const reason = `schema version ${file.schemaVersion} is not known`;
    for (const { description } of file.tests) {
      yield { test: description, outcome: 'failed', reason };
    }
    return;
  }
  const fileReason = unmetRequirement(file.runOnRequirements, options.server);
  for (const test of file.tests) {
    const { description, skipReason, runOnRequirements } = test;
    const reason =
      fileReason ??
      skipReason ??
      unmetRequirement(runOnRequirements, options.server) ??
      options.skip?.(file, test);
    if (reason !== undefined) {
      yield { test: description, outcome: 'skipped', reason };
      continue;
    }
    try {
      await runTest(file, test, options);
      yield { test: description, outcome: 'passed' };
    } catch (error) {
      yield { test: description, ...resultOf(error) };
    }
  }
}

function resultOf(error: unknown): Omit<TestResult, 'test'> {
  if (!(error instanceof Error)) return { outcome: 'failed', reason: String(error) };
  const unbuilt = notImplemented(error);
  if (unbuilt !== undefined) return { outcome: 'unbuilt', reason: unbuilt };
  const outcome = error instanceof CannotRun ? 'skipped' : 'failed';
  return { outcome, reason: `${nameOf(error)}${error.message}` };
}

/** NotImplemented: how the server refuses what it does not have yet. */
const notImplementedCode = 238;

/** What the server says is not implemented, if that is behind the error. */
function notImplemented(error: Error): string | undefined {
  const { code, message, cause } = error as Error & { code?: unknown };
  if (code === notImplementedCode) return message;
  return cause instanceof Error ? notImplemented(cause) : undefined;
}

function nameOf(error: Error): string {
  return error instanceof CannotRun || error instanceof Mismatch ? '' : `${error.name}: `;
}

async function runTest(
  file: SpecificationFile,
  test: SpecificationTest,
  { uri, internal }: RunnerOptions,
): Promise<void> {
  if (test.expectLogMessages !== undefined) throw new CannotRun("the driver's log is not observed");
  if (test.expectTracingMessages !== undefined) throw new CannotRun('the driver does not trace');
  for (const data of file.initialData ?? []) await prepare(internal, data);
  const access: RunnerAccess = { entities: new Entities(uri), internal, failPoints: [] };
  try {
    await within(testTimeoutMs, perform(file, test, access));
  } finally {
    await disableFailPoints(access);
    await access.entities.close();
    if (JSON.stringify(test.operations).includes('Transaction"')) {
      await internal.db('admin').command({ killAllSessions: [] });
    }
  }
}

async function perform(
  file: SpecificationFile,
  test: SpecificationTest,
  access: RunnerAccess,
): Promise<void> {
  const { entities, internal } = access;
  await entities.create(file.createEntities ?? []);
  for (const operation of test.operations) await runOperation(operation, access);
  for (const client of entities.clients) client.stopListening();
  await disableFailPoints(access);
  for (const expected of test.expectEvents ?? []) {
    expectEvents(expected, entities.observed(expected.client), entities);
  }
  for (const data of test.outcome ?? []) await expectData(internal, data);
}

async function prepare(internal: MongoClient, data: CollectionData): Promise<void> {
  const { databaseName, collectionName, documents, createOptions } = data;
  const database = internal.db(databaseName);
  await database.dropCollection(collectionName, majority);
  if (createOptions !== undefined || documents.length === 0) {
    await database.createCollection(collectionName, { ...plain(createOptions ?? {}), ...majority });
  }
  if (documents.length > 0) {
    await database.collection(collectionName).insertMany([...documents], majority);
  }
}

/** Documents in order of _id, and nothing but them; only the order of keys may differ. */
async function expectData(internal: MongoClient, data: CollectionData): Promise<void> {
  const { databaseName, collectionName, documents } = data;
  const actual: Document[] = await internal
    .db(databaseName)
    .collection(collectionName)
    .find({}, { sort: { _id: 1 }, readPreference: 'primary', readConcern: { level: 'local' } })
    .toArray();
  if (canonical(actual) !== canonical(documents)) {
    throw new Mismatch(
      `${collectionName}: expected ${canonical(documents)}, found ${canonical(actual)}`,
    );
  }
}

async function disableFailPoints({ failPoints }: RunnerAccess): Promise<void> {
  for (const { client, name } of failPoints.splice(0)) {
    await client.db('admin').command({ configureFailPoint: name, mode: 'off' });
  }
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took more than ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
