import type { RawValue } from '../../bson/index.ts';
import { BsonType, findField } from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import {
  checkTimeSeriesSort,
  type Database,
  effectiveCollation,
  findAndModifyHooks,
  type RetryableWrite,
  retryableWriteOf,
  runDelete,
  runUpdate,
  type UpdateOutcome,
  variablesOf,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Variables } from '../../expressions/index.ts';
import { parseHint } from '../../plan/index.ts';
import { parseFilter, parseProjection, parseSort } from '../../query/index.ts';
import { defineCommand, type ReplyDocument } from '../command.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import type { Operation } from '../dispatch/operation.ts';
import { parsedUpdate, type UpdateFields } from './update.ts';

interface FindAndModify {
  readonly namespace: string;
  readonly query: RawValue;
  readonly sort: RawValue | undefined;
  readonly fields: RawValue | undefined;
  readonly hint: RawValue | undefined;
  /** Undefined: remove. */
  readonly update: RawValue | undefined;
  readonly returnNew: boolean;
  readonly upsert: boolean;
  readonly arrayFilters: RawValue | undefined;
  readonly let: RawValue | undefined;
  readonly collation: GivenCollation | undefined;
  readonly bypassValidation: boolean;
  readonly keepEmptyTimestamps: boolean;
  readonly statementId: number;
}

const fields = new Set([
  'arrayFilters',
  'bypassDocumentValidation',
  'bypassEmptyTsReplacement',
  'collation',
  'fields',
  'hint',
  'let',
  'new',
  'query',
  'remove',
  'sort',
  'update',
  'upsert',
]);

const emptyDocument: RawValue = { buffer: Buffer.from([5, 0, 0, 0, 0]), type: 3, start: 0, end: 5 };

export const findAndModify = defineCommand<FindAndModify>({
  name: 'findAndModify',
  aliases: ['findandmodify'],
  help: 'Changes or removes one document and returns it.',
  access: 'write',
  runsOn: 'primary',
  retryable: true,
  namesCollection: true,
  parse: readFindAndModify,
  run(request, { database, operation }) {
    checkTimeSeriesSort(database.catalog, request.namespace, request.sort);
    return request.update === undefined
      ? remove(request, database, operation)
      : change(request, request.update, database, operation);
  },
});

export function readFindAndModify(body: CommandBody): FindAndModify {
  body.rejectUnknown(fields);
  const remove = body.optionalBool('remove') ?? false;
  const returnNew = body.optionalBool('new') ?? false;
  const upsert = body.optionalBool('upsert') ?? false;
  const update = updateOf(body);
  if (remove && update !== undefined)
    throw refused('Cannot specify both an update and remove=true');
  if (!remove && update === undefined) {
    throw refused('Either an update or remove=true must be specified');
  }
  // The blank at the end is MongoDB's.
  if (remove && upsert) throw refused('Cannot specify both upsert=true and remove=true ');
  if (remove && returnNew) {
    throw refused(
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  }
  const arrayFilters = body.optionalArray('arrayFilters');
  if (arrayFilters !== undefined) {
    if (remove) throw refused('Cannot specify arrayFilters and remove=true');
    if (update?.type === BsonType.array) {
      throw refused('Cannot specify arrayFilters and a pipeline update');
    }
  }
  return {
    namespace: body.namespace(),
    query: body.optionalDocument('query') ?? emptyDocument,
    sort: body.optionalDocument('sort'),
    fields: body.optionalDocument('fields'),
    hint: body.value('hint'),
    update,
    returnNew,
    upsert,
    arrayFilters,
    let: body.optionalDocument('let'),
    collation: readCollation(body),
    bypassValidation: body.optionalBool('bypassDocumentValidation') ?? false,
    keepEmptyTimestamps: body.optionalBool('bypassEmptyTsReplacement') ?? false,
    statementId: body.optionalInt('stmtId') ?? 0,
  };
}

function updateOf(body: CommandBody): RawValue | undefined {
  const value = body.value('update');
  if (value === undefined || value.type === 10) return undefined;
  if (value.type === 3 || value.type === 4) return value;
  throw refused('Update argument must be either an object or an array');
}

function refused(message: string): MongoServerError {
  return new MongoServerError('FailedToParse', message);
}

async function remove(
  request: FindAndModify,
  database: Database,
  operation: Operation,
): Promise<ReplyDocument> {
  const { query, sort, namespace } = request;
  const collation = effectiveCollation(request.collation, database.catalog.byNamespace(namespace));
  const variables = variablesOf(database, request.let, collation, operation);
  const project = projector(request, variables);
  const replyOf = (document: Buffer | undefined): ReplyDocument => ({
    lastErrorObject: { n: document === undefined ? 0 : 1 },
    value: document === undefined ? null : project(document),
  });
  const retry = new Retry(retryableWriteOf(operation), request.statementId);
  const outcome = await runDelete(
    database,
    operation,
    {
      namespace,
      filterSpec: query,
      filter: parseFilter(query.buffer, query.start, { variables, place: 'query' }),
      multi: false,
      sort: sort && parseSort(sort.buffer, sort.start, collation),
      hint: parseHint(request.hint),
    },
    retry.hooks(({ document }: { document: Buffer | undefined }) => replyOf(document)),
  );
  return retry.reply() ?? replyOf(outcome.document);
}

async function change(
  request: FindAndModify,
  update: RawValue,
  database: Database,
  operation: Operation,
): Promise<ReplyDocument> {
  const collation = effectiveCollation(
    request.collation,
    database.catalog.byNamespace(request.namespace),
  );
  const variables = variablesOf(database, request.let, collation, operation);
  const project = projector(request, variables);
  const replyOf = (outcome: UpdateOutcome): ReplyDocument => {
    const { matched, upsertedId } = outcome;
    const shown = request.returnNew ? outcome.after : outcome.before;
    return {
      lastErrorObject: {
        n: matched + (upsertedId === undefined ? 0 : 1),
        updatedExisting: matched > 0,
        ...(upsertedId === undefined ? {} : { upserted: upsertedId }),
      },
      value: shown === undefined ? null : project(shown),
    };
  };
  const retry = new Retry(retryableWriteOf(operation), request.statementId);
  const { bypassValidation, keepEmptyTimestamps } = request;
  const statement: UpdateFields = {
    filter: request.query,
    update,
    multi: false,
    upsert: request.upsert,
    arrayFilters: request.arrayFilters,
    hint: request.hint,
    sort: request.sort,
    collation: request.collation,
    constants: undefined,
  };
  const outcome = await runUpdate(
    database,
    operation,
    {
      bypassValidation,
      keepEmptyTimestamps,
      ...parsedUpdate(database, request.namespace, statement, variables),
      errorContext: 'Plan executor error during findAndModify',
    },
    retry.hooks(replyOf),
  );
  return retry.reply() ?? replyOf(outcome);
}

function projector(
  { fields: spec, query, returnNew }: FindAndModify,
  variables: Variables,
): (document: Buffer) => Buffer {
  if (spec === undefined) return (document) => document;
  const filter = parseFilter(query.buffer, query.start, { variables, place: 'query' });
  const projection = parseProjection(spec.buffer, spec.start, { filter, variables });
  if (projection.isPositional && returnNew) {
    throw new MongoServerError(
      'BadValue',
      'Cannot use a positional projection and return the new document.',
    );
  }
  if (projection.metaWords.size > 0) {
    throw new MongoServerError(
      'NotImplemented',
      "$meta in the fields of 'findAndModify' is not implemented",
    );
  }
  return (document) => projection.apply(document, 0);
}

/** A findAndModify whose whole reply is kept in the session's record. */
class Retry {
  readonly #write: RetryableWrite | undefined;
  readonly #statementId: number;
  #answer: Buffer | undefined;

  constructor(write: RetryableWrite | undefined, statementId: number) {
    this.#write = write;
    this.#statementId = statementId;
  }

  hooks<Outcome>(replyOf: (outcome: Outcome) => ReplyDocument) {
    return findAndModifyHooks<Outcome>(
      this.#write,
      this.#statementId,
      (answer) => {
        this.#answer = answer;
      },
      replyOf,
    );
  }

  /** The reply of the first execution, when this was a repetition. */
  reply(): ReplyDocument | undefined {
    if (this.#answer === undefined) return undefined;
    return {
      lastErrorObject: findField(this.#answer, 0, 'lastErrorObject'),
      value: findField(this.#answer, 0, 'value'),
      retriedStmtId: this.#statementId,
    };
  }
}
