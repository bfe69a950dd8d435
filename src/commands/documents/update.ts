import type { RawValue } from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import {
  checkTimeSeriesUpdate,
  type Database,
  effectiveCollation,
  retryableWriteOf,
  runUpdate,
  type StatementPlace,
  updateHooks,
  variablesOf,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Variables } from '../../expressions/index.ts';
import { parseHint } from '../../plan/index.ts';
import { checkUpsertFilter, parseFilter, parseSort, parseUpdate } from '../../query/index.ts';
import { defineCommand, type ReplyDocument } from '../command.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import type { Operation } from '../dispatch/operation.ts';
import { isUnacknowledged } from '../dispatch/write-concern.ts';
import { checkBatchSize } from './insert.ts';
import { runStatements } from './run-statements.ts';
import { readStatementIds, type StatementIds } from './statement-ids.ts';

export interface UpdateFields {
  readonly filter: RawValue;
  readonly update: RawValue;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly arrayFilters: RawValue | undefined;
  readonly hint: RawValue | undefined;
  readonly sort: RawValue | undefined;
  readonly collation: GivenCollation | undefined;
  /** Constants of an update by a pipeline. */
  readonly constants: RawValue | undefined;
}

interface UpdateCommand extends StatementIds {
  readonly namespace: string;
  readonly statements: readonly UpdateFields[];
  readonly ordered: boolean;
  readonly let: RawValue | undefined;
  readonly bypassValidation: boolean;
  readonly keepEmptyTimestamps: boolean;
}

const fields = new Set([
  'bypassDocumentValidation',
  'bypassEmptyTsReplacement',
  'let',
  'ordered',
  'stmtIds',
  'updates',
]);

const statementFields = new Set([
  'arrayFilters',
  'c',
  'collation',
  'hint',
  'multi',
  'q',
  'sort',
  'u',
  'upsert',
]);

export const update = defineCommand<UpdateCommand>({
  name: 'update',
  help: 'Changes documents of a collection.',
  access: 'write',
  runsOn: 'primary',
  retryable: true,
  counter: 'update',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(fields);
    const documents = body.documents('updates');
    checkBatchSize(documents.length);
    const { firstStatementId, statementIds } = readStatementIds(body, documents.length);
    return {
      namespace: body.namespace(),
      statements: documents.map(readUpdate),
      let: body.optionalDocument('let'),
      bypassValidation: body.optionalBool('bypassDocumentValidation') ?? false,
      keepEmptyTimestamps: body.optionalBool('bypassEmptyTsReplacement') ?? false,
      ordered: body.optionalStrictBool('ordered') ?? true,
      firstStatementId,
      statementIds,
    };
  },
  async run(request, { database, operation, writeConcern }) {
    let n = 0;
    let nModified = 0;
    const upserted: { index: number; _id: RawValue }[] = [];
    const retried: number[] = [];
    const { statements } = request;
    operation.statements = statements.length;
    const variables = variablesOf(database, request.let, undefined, operation);
    const { outcomes, writeErrors } = await runStatements(
      statements.length,
      { ordered: request.ordered },
      (index, place) => {
        const statementId =
          request.statementIds?.[index] ?? (request.firstStatementId ?? 0) + index;
        return runUpdateStatement(database, operation, {
          namespace: request.namespace,
          fields: statements[index] as UpdateFields,
          variables,
          bypassValidation: request.bypassValidation,
          keepEmptyTimestamps: request.keepEmptyTimestamps,
          statementId,
          place,
          onRetried: () => retried.push(statementId),
        });
      },
    );
    if (isUnacknowledged(writeConcern)) return { n: 0, nModified: 0 };
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome === undefined) continue;
      n += outcome.matched;
      nModified += outcome.modified;
      if (outcome.upsertedId === undefined) continue;
      n += 1;
      upserted.push({ index, _id: outcome.upsertedId });
    }
    const reply: ReplyDocument = { n, nModified };
    if (upserted.length > 0) reply.upserted = upserted;
    if (writeErrors.length > 0) reply.writeErrors = writeErrors;
    if (retried.length > 0) reply.retriedStmtIds = retried;
    return reply;
  },
});

export function readUpdate(document: RawValue): UpdateFields {
  const nested = new NestedFields('update.updates', document, statementFields);
  return updateFieldsOf(nested, { filter: 'q', update: 'u', constants: 'c' });
}

/** `update` and `bulkWrite` have other names for the filter and the update. */
export function updateFieldsOf(
  nested: NestedFields,
  names: { readonly filter: string; readonly update: string; readonly constants: string },
): UpdateFields {
  const multi = nested.optionalStrictBool('multi') ?? false;
  const sort = nested.optionalDocument('sort');
  if (multi && sort !== undefined) {
    throw new MongoServerError('FailedToParse', 'Cannot specify sort with multi=true');
  }
  return {
    filter: nested.requireDocument(names.filter),
    update: updateValue(nested, names.update),
    multi,
    upsert: nested.optionalStrictBool('upsert') ?? false,
    arrayFilters: nested.optionalArray('arrayFilters'),
    hint: nested.optionalHint(),
    sort,
    collation: readCollation(nested),
    constants: nested.optionalDocument(names.constants),
  };
}

function updateValue(nested: NestedFields, name: string): RawValue {
  const value = nested.value(name) ?? nested.missing(name);
  if (value.type === 3 || value.type === 4) return value;
  throw new MongoServerError(
    'FailedToParse',
    'Update argument must be either an object or an array',
  );
}

interface UpdateStatement {
  readonly namespace: string;
  /** What the collection must have: see `checkCollectionUuid`. */
  readonly uuid?: Buffer | undefined;
  readonly fields: UpdateFields;
  readonly variables: Variables;
  readonly bypassValidation: boolean;
  readonly keepEmptyTimestamps: boolean;
  readonly statementId: number;
  readonly place: StatementPlace | undefined;
  readonly onRetried: () => void;
}

/** One statement of `update` or `bulkWrite`. */
export function runUpdateStatement(
  database: Database,
  operation: Operation,
  statement: UpdateStatement,
) {
  const { namespace, fields: each, variables, statementId } = statement;
  const { bypassValidation, keepEmptyTimestamps, uuid } = statement;
  const retryable = retryableWriteOf(operation);
  if (retryable !== undefined && each.multi) {
    throw new MongoServerError('InvalidOptions', 'Cannot use retryable writes with multi=true');
  }
  const parsed = parsedUpdate(database, namespace, each, variables);
  const update = { bypassValidation, keepEmptyTimestamps, uuid, ...parsed };
  return runUpdate(database, operation, update, {
    place: statement.place,
    ...updateHooks(retryable, statementId, statement.onRetried),
  });
}

export function parsedUpdate(
  database: Database,
  namespace: string,
  each: UpdateFields,
  constants: Variables,
) {
  const collation = effectiveCollation(each.collation, database.catalog.byNamespace(namespace));
  const variables = constants.under(collation);
  const { filter, update: change, multi, upsert, arrayFilters, sort } = each;
  checkTimeSeriesUpdate(database.catalog, namespace, each);
  const parsed = parseUpdate(change, {
    upsert,
    arrayFilters,
    variables,
    constants: each.constants,
  });
  if (multi && parsed.isReplacement) {
    throw new MongoServerError(
      'FailedToParse',
      'multi update is not supported for replacement-style update',
    );
  }
  const parsedFilter = parseFilter(filter.buffer, filter.start, { variables, place: 'query' });
  if (upsert) checkUpsertFilter(parsedFilter);
  return {
    namespace,
    filterSpec: filter,
    filter: parsedFilter,
    update: parsed,
    multi,
    upsert,
    sort: sort && parseSort(sort.buffer, sort.start, collation),
    hint: parseHint(each.hint),
  };
}
