/** The `cursor` of a reply: a first batch, and an open cursor when there is more. */
import type { BatchSource, CursorOptions, Database } from '../database/index.ts';
import type { ReplyDocument } from './command.ts';
import type { CommandBody } from './command-body.ts';
import type { Operation } from './operation.ts';

/** Documents of a first batch when the client does not say. */
const defaultFirstBatch = 101;
/** The documents of one reply together. */
export const batchBytesMax = 16 * 1024 * 1024;

export interface FirstBatch {
  readonly namespace: string;
  readonly source: BatchSource;
  /** Undefined: 101. */
  readonly batchSize: number | undefined;
  readonly singleBatch?: boolean;
  readonly options?: CursorOptions;
}

export async function firstBatchReply(
  database: Database,
  operation: Operation,
  { namespace, source, batchSize, singleBatch = false, options = {} }: FirstBatch,
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
  } finally {
    if (!keep) source.close();
  }
}

/** `cursor: {batchSize}` of list commands and aggregate. */
export function cursorBatchSize(body: CommandBody): number | undefined {
  const cursor = body.optionalDocument('cursor');
  if (cursor === undefined) return undefined;
  const { batchSize } = body.decode('cursor') as { batchSize?: unknown };
  if (batchSize === undefined) return undefined;
  if (typeof batchSize !== 'number' && typeof batchSize !== 'bigint') {
    throw body.wrongType('cursor.batchSize', 2, "'[long, int, decimal, double]'");
  }
  return Math.max(0, Math.trunc(Number(batchSize)));
}
