import type { RawValue } from '../../bson/index.ts';
import { bucketsBehind, insertMany, unpackBucket } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type CommandContext, defineCommand, type ReplyDocument } from '../command.ts';
import { isUnacknowledged } from '../dispatch/write-concern.ts';
import { readStatementIds, type StatementIds } from './statement-ids.ts';

/** MongoDB's limit (maxWriteBatchSize). */
const writeBatchMax = 100_000;

interface InsertCommand extends StatementIds {
  readonly namespace: string;
  readonly documents: readonly RawValue[];
  readonly ordered: boolean;
  readonly keepEmptyTimestamps: boolean;
}

const fields = new Set([
  'bypassDocumentValidation',
  'bypassEmptyTsReplacement',
  'documents',
  'ordered',
  'stmtIds',
]);

export const insert = defineCommand<InsertCommand>({
  name: 'insert',
  help: 'Inserts documents into a collection.',
  access: 'write',
  runsOn: 'primary',
  retryable: true,
  counter: 'insert',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(fields);
    const documents = body.documents('documents');
    checkBatchSize(documents.length);
    const { firstStatementId, statementIds } = readStatementIds(body, documents.length);
    return {
      namespace: body.namespace(),
      documents,
      ordered: body.optionalStrictBool('ordered') ?? true,
      bypassValidation: body.optionalBool('bypassDocumentValidation') ?? false,
      keepEmptyTimestamps: body.optionalBool('bypassEmptyTsReplacement') ?? false,
      firstStatementId,
      statementIds,
    };
  },
  async run(request, { database, operation, writeConcern }) {
    operation.statements = request.documents.length;
    const buckets = bucketsBehind(database, request.namespace);
    if (buckets !== undefined) return insertBuckets(request, buckets, { database, operation });
    const result = await insertMany(database, operation, request);
    if (isUnacknowledged(writeConcern)) return { n: 0 };
    const reply: ReplyDocument = { n: result.inserted };
    if (result.writeErrors.length > 0) reply.writeErrors = result.writeErrors;
    if (result.retriedStatements.length > 0) reply.retriedStmtIds = result.retriedStatements;
    return reply;
  },
});

/** As a restore does. All of them or, when one is no bucket, none. */
async function insertBuckets(
  request: InsertCommand,
  { namespace, series }: NonNullable<ReturnType<typeof bucketsBehind>>,
  { database, operation }: Pick<CommandContext, 'database' | 'operation'>,
): Promise<ReplyDocument> {
  const documents = request.documents.flatMap((bucket) => unpackBucket(bucket, series));
  const { ordered } = request;
  const { writeErrors } = await insertMany(database, operation, { namespace, documents, ordered });
  return {
    n: request.documents.length,
    ...(writeErrors.length > 0 ? { writeErrors } : {}),
  };
}

export function checkBatchSize(size: number): void {
  if (size >= 1 && size <= writeBatchMax) return;
  throw new MongoServerError(
    'InvalidLength',
    `Write batch sizes must be between 1 and ${writeBatchMax}. Got ${size} operations.`,
  );
}
