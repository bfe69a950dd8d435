/** One operation of a test: performs it, and holds its result or error against what is expected. */
import type { Document } from 'mongodb';
import { AbstractCursor, Collection, Db, GridFSBucket } from 'mongodb';
import { collectionOperations } from './collection-operations.ts';
import {
  bucketOperations,
  clientOperations,
  cursorOperations,
  databaseOperations,
  sessionOperations,
} from './entity-operations.ts';
import { expectError } from './expect-error.ts';
import { CannotRun, type Operation } from './format.ts';
import { Mismatch, match } from './match.ts';
import { ObservedClient } from './observed-client.ts';
import { plainTop } from './plain.ts';
import { type RunnerAccess, testRunnerOperations } from './test-runner-operations.ts';

/** Throws Mismatch when the result or error is not the expected one. */
export async function runOperation(operation: Operation, access: RunnerAccess): Promise<void> {
  await attempt(operation, access);
}

/** @returns the error, when one was expected or is not looked at */
async function attempt(operation: Operation, access: RunnerAccess): Promise<unknown> {
  const { entities } = access;
  if (operation.object === 'testRunner') {
    const run = testRunnerOperations[operation.name];
    if (run === undefined) throw new CannotRun(`the runner has no operation ${operation.name}`);
    await run(access, plainTop(operation.arguments ?? {}));
    return undefined;
  }
  let result: unknown;
  try {
    result = await perform(operation, access);
  } catch (error) {
    if (error instanceof CannotRun || error instanceof Mismatch) throw error;
    if (operation.ignoreResultAndError) return error;
    if (operation.expectError === undefined) throw error;
    expectError(operation.expectError, error, entities);
    return error;
  }
  if (operation.ignoreResultAndError) return undefined;
  if (operation.expectError !== undefined) throw new Mismatch(`${operation.name} did not fail`);
  if (operation.saveResultAsEntity !== undefined) {
    entities.set(operation.saveResultAsEntity, result);
  }
  if ('expectResult' in operation) {
    // The values of `distinct` are no root documents.
    match(operation.expectResult, result, entities, operation.name !== 'distinct');
  }
  return undefined;
}

async function perform(operation: Operation, access: RunnerAccess): Promise<unknown> {
  const { entities } = access;
  const { name, object } = operation;
  const args = withSession(operation.arguments ?? {}, access);
  if (entities.isSession(object)) {
    const session = entities.session(object);
    if (name === 'withTransaction') return withTransaction(operation, access);
    return lookUp(sessionOperations, name)(session, args);
  }
  const entity = entities.entity(object);
  if (entity instanceof Collection) return lookUp(collectionOperations, name)(entity, args);
  if (entity instanceof Db) return lookUp(databaseOperations, name)(entity, args);
  if (entity instanceof ObservedClient) return lookUp(clientOperations, name)(entity, args);
  if (entity instanceof AbstractCursor) return lookUp(cursorOperations, name)(entity, args);
  if (entity instanceof GridFSBucket) return lookUp(bucketOperations, name)(entity, args);
  throw new CannotRun(`the runner has no operations for ${object}`);
}

function lookUp<Run>(table: Readonly<Record<string, Run>>, name: string): Run {
  const run = table[name];
  if (run === undefined) throw new CannotRun(`the runner has no operation ${name}`);
  return run;
}

function withSession(args: Document, { entities }: RunnerAccess): Document {
  const { session, ...rest } = plainTop(args);
  return session === undefined ? rest : { ...rest, session: entities.session(session) };
}

/** Errors of the callback's operations go on to the driver, expected or not. */
async function withTransaction(operation: Operation, access: RunnerAccess): Promise<unknown> {
  const { callback, ...options } = plainTop(operation.arguments ?? {});
  const session = access.entities.session(operation.object);
  return session.withTransaction(async () => {
    for (const inner of callback as readonly Operation[]) {
      const error = await attempt(inner, access);
      if (error !== undefined) throw error;
    }
  }, options);
}
