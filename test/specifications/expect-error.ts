/** Whether an operation failed as a specification file expects: its section "expectedError". */
import type { Document } from 'mongodb';
import {
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoError,
  MongoOperationTimeoutError,
  MongoServerError,
} from 'mongodb';
import { bulkWriteDocument } from './collection-operations.ts';
import { clientBulkWriteDocument } from './entity-operations.ts';
import type { ExpectedError } from './format.ts';
import { type MatchContext, Mismatch, match } from './match.ts';

/** Throws Mismatch for an error that is not the expected one. */
export function expectError(expected: ExpectedError, error: unknown, context: MatchContext): void {
  if (!(error instanceof Error)) throw new Mismatch('the operation did not fail');
  const serverError = serverErrorOf(error);
  const { isClientError, isTimeoutError, errorContains, errorCode, errorCodeName } = expected;
  if (isClientError !== undefined && isClientError !== (serverError === undefined)) {
    throw wrong(error, isClientError ? "an error of the client's" : "an error of the server's");
  }
  if (
    isTimeoutError !== undefined &&
    isTimeoutError !== error instanceof MongoOperationTimeoutError
  ) {
    throw wrong(error, isTimeoutError ? 'a time-out of the client' : 'no time-out of the client');
  }
  if (errorContains !== undefined && !messagesOf(error).includes(errorContains.toLowerCase())) {
    throw wrong(error, `a message with "${errorContains}"`);
  }
  if (errorCode !== undefined && Number(serverError?.code) !== Number(errorCode)) {
    throw wrong(error, `code ${Number(errorCode)}`);
  }
  if (errorCodeName !== undefined && !codeNamesOf(error).includes(errorCodeName.toLowerCase())) {
    throw wrong(error, `code name ${errorCodeName}`);
  }
  for (const label of expected.errorLabelsContain ?? []) {
    if (!hasLabel(error, label)) throw wrong(error, `label ${label}`);
  }
  for (const label of expected.errorLabelsOmit ?? []) {
    if (hasLabel(error, label)) throw wrong(error, `no label ${label}`);
  }
  expectParts(expected, error, serverError, context);
}

function expectParts(
  expected: ExpectedError,
  error: Error,
  serverError: MongoServerError | undefined,
  context: MatchContext,
): void {
  const bulk = error instanceof MongoClientBulkWriteError ? error : undefined;
  if (expected.writeErrors !== undefined) {
    const actual = Object.fromEntries(bulk?.writeErrors ?? []);
    expectKeys(Object.keys(expected.writeErrors), Object.keys(actual));
    for (const [index, value] of Object.entries(expected.writeErrors)) {
      match(value, actual[index], context);
    }
  }
  if (expected.writeConcernErrors !== undefined) {
    match(expected.writeConcernErrors, bulk?.writeConcernErrors ?? [], context);
  }
  if (expected.errorResponse !== undefined) {
    match(expected.errorResponse, serverError?.errorResponse ?? serverError, context);
  }
  if (expected.expectResult !== undefined) {
    match(expected.expectResult, partialResult(error), context);
  }
}

/** The answer of the server an error stands for, that inside a bulk write's own among them. */
function serverErrorOf(error: Error): MongoServerError | undefined {
  if (error instanceof MongoClientBulkWriteError && error.cause instanceof MongoServerError) {
    return error.cause;
  }
  return error instanceof MongoServerError ? error : undefined;
}

/** Of the error and of the write errors it gathers, in lower case. */
function messagesOf(error: Error): string {
  const texts = [error.message, (error.cause as Error | undefined)?.message];
  if (error instanceof MongoBulkWriteError) {
    for (const part of asArray(error.writeErrors)) texts.push(part.errmsg);
    texts.push(error.result.getWriteConcernError()?.errmsg);
  }
  return texts
    .filter((text) => text !== undefined)
    .join('\n')
    .toLowerCase();
}

function codeNamesOf(error: Error): readonly string[] {
  const parts: readonly Document[] =
    error instanceof MongoBulkWriteError
      ? [error, error.errorResponse ?? {}, error.result.getWriteConcernError()?.toJSON() ?? {}]
      : [serverErrorOf(error) ?? {}, serverErrorOf(error)?.errorResponse ?? {}];
  const nested = parts.flatMap((part) => [
    part.codeName,
    part.writeConcernError?.codeName,
    part.result?.writeConcernError?.codeName,
  ]);
  return nested.filter((name) => typeof name === 'string').map((name) => name.toLowerCase());
}

function hasLabel(error: Error, label: string): boolean {
  const isLabelled = (value: unknown) => value instanceof MongoError && value.hasErrorLabel(label);
  return (
    isLabelled(error) || (error instanceof MongoClientBulkWriteError && isLabelled(error.cause))
  );
}

/** What was written before the error, where an error tells. */
function partialResult(error: Error): Document | undefined {
  if (error instanceof MongoBulkWriteError) return bulkWriteDocument(error.result);
  if (error instanceof MongoClientBulkWriteError && error.partialResult !== undefined) {
    return clientBulkWriteDocument(error.partialResult);
  }
  return undefined;
}

function expectKeys(expected: readonly string[], actual: readonly string[]): void {
  const same = expected.length === actual.length && expected.every((key) => actual.includes(key));
  if (!same)
    throw new Mismatch(`write errors of ${expected.join()}, got those of ${actual.join()}`);
}

function asArray<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function wrong(error: Error, wanted: string): Mismatch {
  return new Mismatch(`expected ${wanted}, got ${error.name}: ${error.message}`, { cause: error });
}
