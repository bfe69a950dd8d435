/** The `cursor` of a reply: a first batch, and an open cursor when there is more. */
import type { BatchSource, CursorOptions, Database } from '../../database/index.ts';
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

export async function firstBatchReply(
  database: Database,
  operation: Operation,
  { namespace, source, batchSize, singleBatch = false, options = {}, errorContext }: FirstBatch,
): Promise<ReplyDocument> {
  let keep = false;
  try {
    const batch = await source.nextBatch({
      maxDocuments: batchSize ?? defaultFirstBatch,
      maxBytes: batchBytesMax,
      interrupt: operation,
    });
    keep = !singleBatch && (!batch.isExhausted || options.tailable === true);
    const id = keep
      ? database.cursors.open(namespace, source, { ...options, session: operation.session?.id }).id
      : 0n;
    return { cursor: { firstBatch: batch.documents, id, ns: namespace } };
  } catch (error) {
    const isTold = errorContext !== undefined && error instanceof MongoServerError;
    throw isTold ? error.during(errorContext) : error;
  } finally {
    if (!keep) source.close();
  }
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
