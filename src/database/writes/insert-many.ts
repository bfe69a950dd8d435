/** The `insert` command's work: documents in chunks, each chunk one entry. */
import type { CollectionInfo } from '../../../storage/index.ts';
import { encodeDocument, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { checkCollectionUuid } from '../collections/collection-uuid.ts';
import { createCollectionIn } from '../collections/definitions.ts';
import { prepareMeasurement } from '../collections/measurement.ts';
import { checkCreatable, splitNamespace } from '../collections/namespaces.ts';
import { timeSeriesOf } from '../collections/time-series.ts';
import { validate } from '../collections/validators.ts';
import type { Database } from '../database.ts';
import { duplicateKeyError } from '../indexes/duplicate-key.ts';
import type { OperationContext } from '../operation-context.ts';
import { prepareForInsert } from './prepare-document.ts';
import { answersBefore, type RetryableWrite, retryableWriteOf } from './retryable.ts';
import type { RanStatements } from './session-record.ts';
import { type WriteError, writeErrorOf } from './write-error.ts';
import type { Writer } from './writer.ts';

/** A body takes at most so many documents, or so many bytes, or so long. */
const chunkDocumentsMax = 64;
const chunkBytesMax = 1024 * 1024;
const chunkMilliseconds = 2;
/** Chunks of one command that may share a flush. */
const chunksInFlight = 4;

export interface InsertRequest {
  readonly namespace: string;
  /** What the collection must have: see `checkCollectionUuid`. */
  readonly uuid?: Buffer | undefined;
  readonly documents: readonly RawValue[];
  readonly ordered: boolean;
  /** Statement ids of a retryable write, one per document; default 0, 1, 2 ... */
  readonly statementIds?: readonly number[] | undefined;
  readonly firstStatementId?: number | undefined;
  readonly keepEmptyTimestamps?: boolean | undefined;
  /** bypassDocumentValidation. */
  readonly bypassValidation?: boolean | undefined;
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

interface SavedProgress {
  readonly next: number;
  readonly inserted: number;
  readonly errors: number;
  readonly retries: number;
}

function copyOf({ next, inserted, writeErrors, retried }: Progress): SavedProgress {
  return { next, inserted, errors: writeErrors.length, retries: retried.length };
}

function restore(progress: Progress, saved: SavedProgress): void {
  progress.next = saved.next;
  progress.inserted = saved.inserted;
  progress.writeErrors.length = saved.errors;
  progress.retried.length = saved.retries;
}

const insertedOne = encodeDocument({ n: 1 });

export async function insertMany(
  database: Database,
  operation: OperationContext,
  request: InsertRequest,
): Promise<InsertResult> {
  const progress: Progress = { next: 0, inserted: 0, stopped: false, writeErrors: [], retried: [] };
  const retryable = retryableWriteOf(operation);
  const body = (writer: Writer): void => {
    const saved = copyOf(progress);
    try {
      insertChunk(database, writer, request, progress, retryable);
    } catch (error) {
      // Nothing of this chunk stays, and the chunks queued behind it must not go on.
      restore(progress, saved);
      progress.stopped = true;
      throw error;
    }
  };
  const write = (): Promise<unknown> =>
    database.write(operation, request.namespace, body, { isBuffered: () => true });
  while (progress.next < request.documents.length && !progress.stopped) {
    const left = request.documents.length - progress.next;
    const chunks = Math.min(chunksInFlight, Math.ceil(left / chunkDocumentsMax));
    if (chunks === 1) {
      await write();
      continue;
    }
    const settled = await Promise.allSettled(Array.from({ length: chunks }, write));
    const failed = settled.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
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
  if (progress.stopped) return;
  const ran: RanStatements[] = [];
  const before = retryable && answersBefore(writer.transaction, retryable);
  const until = database.monotonicMs() + chunkMilliseconds;
  let collection = writer.catalog.byNamespace(namespace);
  let bytes = 0;
  for (let count = 0; progress.next < documents.length; count += 1) {
    if (count >= chunkDocumentsMax || bytes >= chunkBytesMax) break;
    if (count % 8 === 7 && database.monotonicMs() >= until) break;
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
  if (retryable === undefined || ran.length === 0) writer.seal();
  else writer.seal({ lsid: retryable.lsid, txnNumber: retryable.txnNumber, ran });

  function insertOne(into: Writer, document: RawValue): MongoServerError | undefined {
    try {
      checkCollectionUuid(into.catalog, namespace, request.uuid);
      const timestamp = request.keepEmptyTimestamps === true ? undefined : into.nextClusterTime;
      const whole = prepareForInsert(document, timestamp);
      collection ??= implicitlyCreated(database, into, namespace);
      const series = timeSeriesOf(collection);
      const prepared = series === undefined ? whole : prepareMeasurement(whole, series);
      bytes += prepared.length;
      validate(database, collection, {
        after: prepared,
        isBypassed: request.bypassValidation === true,
      });
      const duplicate = into.insert(collection, prepared);
      return duplicate === undefined ? undefined : duplicateKeyError(namespace, duplicate);
    } catch (error) {
      // Also of the index keys: all checks come before the first write.
      if (error instanceof MongoServerError) return error;
      throw error;
    }
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
  if (splitNamespace(namespace).collection === 'system.profile') {
    throw new MongoServerError('InvalidNamespace', `cannot write to ${namespace}`);
  }
  const uuid = database.newUuid();
  return createCollectionIn(writer, namespace, uuid);
}
