import type { RawValue } from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import {
  type Database,
  type DeleteOutcome,
  deleteHooks,
  effectiveCollation,
  retryableWriteOf,
  runDelete,
  type StatementPlace,
  variablesOf,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Variables } from '../../expressions/index.ts';
import { parseHint } from '../../plan/index.ts';
import { parseFilter } from '../../query/index.ts';
import { defineCommand } from '../command.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import type { Operation } from '../dispatch/operation.ts';
import { isUnacknowledged } from '../dispatch/write-concern.ts';
import { checkBatchSize } from './insert.ts';
import { runStatements } from './run-statements.ts';
import { readStatementIds, type StatementIds } from './statement-ids.ts';

export interface DeleteFields {
  readonly filter: RawValue;
  readonly multi: boolean;
  readonly hint: RawValue | undefined;
  readonly collation: GivenCollation | undefined;
}

interface DeleteCommand extends StatementIds {
  readonly namespace: string;
  readonly statements: readonly DeleteFields[];
  readonly ordered: boolean;
  readonly let: RawValue | undefined;
}

const statementFields = new Set(['q', 'limit', 'collation', 'hint']);

export const deleteCommand = defineCommand<DeleteCommand>({
  name: 'delete',
  help: 'Removes documents of a collection.',
  access: 'write',
  runsOn: 'primary',
  retryable: true,
  counter: 'delete',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['deletes', 'ordered', 'let', 'stmtIds', 'bypassDocumentValidation']);
    const documents = body.documents('deletes');
    checkBatchSize(documents.length);
    return {
      namespace: body.namespace(),
      statements: documents.map(readDelete),
      let: body.optionalDocument('let'),
      ordered: body.optionalStrictBool('ordered') ?? true,
      ...readStatementIds(body, documents.length),
    };
  },
  async run(request, { database, operation, writeConcern }) {
    const retried: number[] = [];
    const { statements, namespace } = request;
    operation.statements = statements.length;
    const variables = variablesOf(database, request.let, undefined, operation);
    const { outcomes, writeErrors } = await runStatements(
      statements.length,
      { ordered: request.ordered },
      (index, place) => {
        const each = statements[index] as DeleteFields;
        const statementId =
          request.statementIds?.[index] ?? (request.firstStatementId ?? 0) + index;
        return runDeleteStatement(database, operation, {
          namespace,
          fields: each,
          variables,
          statementId,
          place,
          onRetried: () => retried.push(statementId),
        });
      },
    );
    if (isUnacknowledged(writeConcern)) return { n: 0 };
    const n = outcomes.reduce((sum, outcome) => sum + (outcome?.deleted ?? 0), 0);
    return {
      n,
      ...(writeErrors.length > 0 ? { writeErrors } : {}),
      ...(retried.length > 0 ? { retriedStmtIds: retried } : {}),
    };
  },
});

interface DeleteStatement {
  readonly namespace: string;
  /** What the collection must have: see `checkCollectionUuid`. */
  readonly uuid?: Buffer | undefined;
  readonly fields: DeleteFields;
  readonly variables: Variables;
  readonly statementId: number;
  readonly place: StatementPlace | undefined;
  readonly onRetried: () => void;
}

/** One statement of `delete` or `bulkWrite`. */
export function runDeleteStatement(
  database: Database,
  operation: Operation,
  { namespace, uuid, fields: each, variables, statementId, place, onRetried }: DeleteStatement,
): Promise<DeleteOutcome> {
  const retryable = retryableWriteOf(operation);
  if (retryable !== undefined && each.multi) {
    throw new MongoServerError('InvalidOptions', 'Cannot use retryable writes with limit=0');
  }
  const collation = effectiveCollation(each.collation, database.catalog.byNamespace(namespace));
  return runDelete(
    database,
    operation,
    {
      namespace,
      uuid,
      filterSpec: each.filter,
      filter: parseFilter(each.filter.buffer, each.filter.start, {
        variables: variables.under(collation),
        place: 'query',
      }),
      multi: each.multi,
      hint: parseHint(each.hint),
    },
    { place, ...deleteHooks(retryable, statementId, onRetried) },
  );
}

export function readDelete(document: RawValue): DeleteFields {
  const nested = new NestedFields('delete.deletes', document, statementFields);
  const filter = nested.requireDocument('q');
  const limit = nested.optionalNumber('limit') ?? nested.missing('limit');
  if (limit !== 0 && limit !== 1) {
    throw new MongoServerError(
      'FailedToParse',
      `The limit field in delete objects must be 0 or 1. Got ${limit}`,
    );
  }
  return {
    filter,
    multi: limit === 0,
    hint: nested.optionalHint(),
    collation: readCollation(nested),
  };
}
