import type { RawValue } from '../bson/index.ts';
import { insertMany } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';
import { type StatementIds, statementIds } from './statement-ids.ts';

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
  'maxTimeMS',
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
    return {
      namespace: body.namespace(),
      documents,
      ordered: body.optionalStrictBool('ordered') ?? true,
      bypassValidation: body.optionalBool('bypassDocumentValidation') ?? false,
      keepEmptyTimestamps: body.optionalBool('bypassEmptyTsReplacement') ?? false,
      ...statementIds(body, documents.length),
    };
  },
  async run(request, { database, operation }) {
    operation.statements = request.documents.length;
    const result = await insertMany(database, operation, request);
    return {
      n: result.inserted,
      ...(result.writeErrors.length > 0 ? { writeErrors: result.writeErrors } : {}),
      ...(result.retriedStatements.length > 0 ? { retriedStmtIds: result.retriedStatements } : {}),
    };
  },
});

export function checkBatchSize(size: number): void {
  if (size >= 1 && size <= writeBatchMax) return;
  throw new MongoServerError(
    'InvalidLength',
    `Write batch sizes must be between 1 and ${writeBatchMax}. Got ${size} operations.`,
  );
}
