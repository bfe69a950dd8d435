/** The `cursor` of a reply: a first batch, and an open cursor when there is more. */
import { copyValue } from '../../bson/index.ts';
import type { BatchSource, CursorOptions, Database, DocumentBatch } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { ReplyDocument } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import type { Operation } from '../dispatch/operation.ts';

/** Documents of a first batch when the client does not say. */
const defaultFirstBatch = 101;
/** What errors of a running pipeline say first. */
export const aggregationContext = 'PlanExecutor error during aggregation';
/** The documents of one reply together. */
export const batchBytesMax = 16 * 1024 * 1024;

export interface FirstBatch {
  readonly namespace: string;
  readonly source: BatchSource;
  /** Undefined: 101. */
  readonly batchSize: number | undefined;
  readonly singleBatch?: boolean;
  readonly options?: CursorOptions;
  /** What errors of the execution say first; none for commands that run no plan. */
  readonly errorContext?: string;
}

/** A promise only when the batch takes its time: to wait for one that is there costs as much as a plan. */
export function firstBatchReply(
  database: Database,
  operation: Operation,
  first: FirstBatch,
): ReplyDocument | Promise<ReplyDocument> {
  const { source, batchSize, errorContext } = first;
  const fail = (error: unknown): never => {
    source.close();
    const isTold = errorContext !== undefined && error instanceof MongoServerError;
    throw isTold ? error.during(errorContext) : error;
  };
  try {
    const batch = source.nextBatch({
      maxDocuments: batchSize ?? defaultFirstBatch,
      maxBytes: batchBytesMax,
      interrupt: operation,
    });
    if (!(batch instanceof Promise)) return replyOf(batch, database, operation, first);
    return batch.then((later) => replyOf(later, database, operation, first)).catch(fail);
  } catch (error) {
    return fail(error);
  }
}

/** The source is closed, or kept in an open cursor. */
function replyOf(
  { documents, isExhausted }: DocumentBatch,
  database: Database,
  operation: Operation,
  { namespace, source, singleBatch = false, options = {} }: FirstBatch,
): ReplyDocument {
  let id = 0n;
  if (!singleBatch && (!isExhausted || options.tailable === true)) {
    const session = operation.session?.id;
    const comment = operation.comment && copyValue(operation.comment);
    id = database.cursors.open(namespace, source, { ...options, comment, session }).id;
  } else {
    source.close();
  }
  return { cursor: { firstBatch: documents, id, ns: namespace } };
}

const cursorFields: ReadonlySet<string> = new Set(['batchSize']);

/** `cursor: {batchSize}` of list commands and aggregate. */
export function cursorBatchSize(body: CommandBody): number | undefined {
  const cursor = body.optionalDocument('cursor');
  if (cursor === undefined) return undefined;
  const nested = new NestedFields(`${body.name}.cursor`, cursor, cursorFields);
  const batchSize = nested.optionalNumber('batchSize');
  if (batchSize !== undefined && batchSize < 0) {
    throw new MongoServerError(
      'BadValue',
      `BSON field 'batchSize' value must be >= 0, actual value '${batchSize}'`,
    );
  }
  return batchSize;
}
