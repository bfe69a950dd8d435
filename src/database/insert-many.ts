/** The `insert` command's work: documents in chunks, each chunk one entry. */
import type { CollectionInfo } from '../../storage/index.ts';
import { encodeDocument, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Database } from './database.ts';
import { createCollectionIn } from './definitions.ts';
import { duplicateKeyError } from './duplicate-key.ts';
import { checkCreatable } from './namespaces.ts';
import type { OperationContext } from './operation-context.ts';
import { prepareForInsert } from './prepare-document.ts';
import { answersBefore, type RetryableWrite, retryableWriteOf } from './retryable.ts';
import type { RanStatements } from './session-record.ts';
import { type WriteError, writeErrorOf } from './write-error.ts';
import type { Writer } from './writer.ts';

/** A body takes at most so many documents, or so many bytes, or so long. */
const chunkDocumentsMax = 64;
const chunkBytesMax = 1024 * 1024;
const chunkMilliseconds = 2;

export interface InsertRequest {
  readonly namespace: string;
  readonly documents: readonly RawValue[];
  readonly ordered: boolean;
  /** Statement ids of a retryable write, one per document; default 0, 1, 2 ... */
  readonly statementIds?: readonly number[] | undefined;
  readonly firstStatementId?: number | undefined;
  readonly keepEmptyTimestamps?: boolean | undefined;
}

export interface InsertResult {
  readonly inserted: number;
  readonly writeErrors: readonly WriteError[];
  readonly retriedStatements: readonly number[];
}

interface Progress {
  next: number;
  inserted: number;
  stopped: boolean;
  readonly writeErrors: WriteError[];
  readonly retried: number[];
}

const insertedOne = encodeDocument({ n: 1 });

export async function insertMany(
  database: Database,
  operation: OperationContext,
  request: InsertRequest,
): Promise<InsertResult> {
  const progress: Progress = { next: 0, inserted: 0, stopped: false, writeErrors: [], retried: [] };
  const retryable = retryableWriteOf(operation);
  while (progress.next < request.documents.length && !progress.stopped) {
    // Chunks are not queued ahead: a body that throws must not have successors that succeed.
    const saved = {
      ...progress,
      errors: progress.writeErrors.length,
      retries: progress.retried.length,
    };
    try {
      await database.write(operation, request.namespace, (writer) => {
        insertChunk(database, writer, request, progress, retryable);
      });
    } catch (error) {
      progress.writeErrors.length = saved.errors;
      progress.retried.length = saved.retries;
      throw error;
    }
  }
  return {
    inserted: progress.inserted,
    writeErrors: progress.writeErrors,
    retriedStatements: progress.retried,
  };
}

function insertChunk(
  database: Database,
  writer: Writer,
  request: InsertRequest,
  progress: Progress,
  retryable: RetryableWrite | undefined,
): void {
  const { documents, namespace, ordered } = request;
  const ran: RanStatements[] = [];
  const before = retryable && answersBefore(writer.transaction, retryable);
  const until = performance.now() + chunkMilliseconds;
  let collection = writer.catalog.byNamespace(namespace);
  let bytes = 0;
  for (let count = 0; progress.next < documents.length; count += 1) {
    if (count >= chunkDocumentsMax || bytes >= chunkBytesMax) break;
    if (count % 8 === 7 && performance.now() >= until) break;
    const index = progress.next;
    progress.next += 1;
    const statement = statementIdOf(request, index);
    if (before?.(statement) !== undefined) {
      progress.inserted += 1;
      progress.retried.push(statement);
      continue;
    }
    const error = insertOne(writer, documents[index] as RawValue);
    if (error === undefined) {
      progress.inserted += 1;
      if (retryable !== undefined) ran.push({ first: statement, count: 1, answer: insertedOne });
      continue;
    }
    progress.writeErrors.push(writeErrorOf(index, error));
    if (ordered) {
      progress.stopped = true;
      break;
    }
  }
  writer.seal(retryable === undefined || ran.length === 0 ? undefined : { ...retryable, ran });

  function insertOne(into: Writer, document: RawValue): MongoServerError | undefined {
    let prepared: Buffer;
    try {
      prepared = prepareForInsert(document, () => into.nextClusterTime);
      collection ??= implicitlyCreated(database, into, namespace);
    } catch (error) {
      if (error instanceof MongoServerError) return error;
      throw error;
    }
    bytes += prepared.length;
    const duplicate = into.insert(collection, prepared);
    return duplicate === undefined ? undefined : duplicateKeyError(namespace, duplicate);
  }
}

function statementIdOf(request: InsertRequest, index: number): number {
  return request.statementIds?.[index] ?? (request.firstStatementId ?? 0) + index;
}

/** The collection a first insert or upsert makes, in an entry before it. */
export function implicitlyCreated(
  database: Database,
  writer: Writer,
  namespace: string,
): CollectionInfo {
  checkCreatable(namespace);
  const uuid = database.newUuid();
  return createCollectionIn(writer, namespace, uuid);
}
