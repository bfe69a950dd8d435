import { BsonType, findField, type RawValue } from '../../bson/index.ts';
import {
  type FindFields,
  findContext,
  hasDocuments,
  openFind,
  pointLookupTaking,
  type ResolvedView,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type CommandContext, defineCommand, type ReplyDocument } from '../command.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { numberOf } from '../dispatch/field-values.ts';
import {
  checkNotRejected,
  plannedSettings,
  settingsOf,
  shapeOfQuery,
} from '../plans/query-settings.ts';
import type { AggregateRequest } from './aggregate.ts';
import { aggregationContext, firstBatchReply } from './cursor-reply.ts';
import { cursorOfDocument, emptyCursor } from './ended-cursor.ts';
import { sortSpaceOf } from './sort-space.ts';
import { viewBehind } from './view-behind.ts';
import { checkFindOnView, openOnView, queryOnView } from './views.ts';

interface Find {
  readonly namespace: string;
  readonly fields: FindFields;
  readonly batchSize: number | undefined;
  readonly singleBatch: boolean;
  readonly awaitData: boolean;
  readonly noTimeout: boolean;
}

const fields = new Set([
  'allowDiskUse',
  'allowPartialResults',
  'awaitData',
  'batchSize',
  'collation',
  'filter',
  'hint',
  'let',
  'limit',
  'max',
  'min',
  'noCursorTimeout',
  'oplogReplay',
  'projection',
  'returnKey',
  'showRecordId',
  'singleBatch',
  'skip',
  'sort',
  'tailable',
]);

/** What most finds say; to look for the others in vain would cost more than to look the document up. */
const commonFields = new Set(['batchSize', 'filter', 'limit', 'singleBatch']);

const notNegative = { minimum: 0 } as const;

export const find = defineCommand<Find>({
  name: 'find',
  help: 'Returns the documents that match a filter.',
  access: 'read',
  runsOn: 'secondaryOk',
  counter: 'query',
  namesCollection: true,
  parse: readFind,
  run(request, context) {
    const view = viewBehind(context, request.namespace);
    if (view !== undefined) return findOnView(request, view, context);
    return findById(request, context) ?? findMany(request, context);
  },
});

/** Also for explain. */
export function readFind(body: CommandBody): Find {
  return body.hasOnly(commonFields) ? readCommonFind(body) : readAnyFind(body);
}

/** The same as the other, without what it would find absent. */
function readCommonFind(body: CommandBody): Find {
  const namespace = body.namespace();
  refuseNullFilter(body);
  const singleBatch = body.optionalBool('singleBatch') ?? false;
  const filter = body.optionalDocument('filter');
  const limit = body.optionalInt('limit', notNegative);
  const batchSize = body.optionalInt('batchSize', notNegative);
  return {
    namespace,
    fields: { filter, limit },
    batchSize,
    singleBatch,
    awaitData: false,
    noTimeout: false,
  };
}

function refuseNullFilter(body: CommandBody): void {
  if (body.value('filter')?.type !== BsonType.null) return;
  throw body.wrongType('filter', BsonType.null, "'object'");
}

function readAnyFind(body: CommandBody): Find {
  body.rejectUnknown(fields);
  const namespace = body.namespace();
  refuseNullFilter(body);
  // Of a sharded cluster; here there are no parts.
  body.optionalBool('allowPartialResults');
  const tailable = body.optionalBool('tailable') ?? false;
  const awaitData = body.optionalBool('awaitData') ?? false;
  const singleBatch = body.optionalBool('singleBatch') ?? false;
  if (awaitData && !tailable) {
    throw new MongoServerError(
      'FailedToParse',
      "Cannot set 'awaitData' without also setting 'tailable'",
    );
  }
  if (tailable && singleBatch) {
    throw new MongoServerError(
      'BadValue',
      "cannot use tailable option with the 'singleBatch' option",
    );
  }
  const sort = body.optionalDocument('sort');
  if (tailable && sort !== undefined && !isForward(sort)) {
    throw new MongoServerError(
      'BadValue',
      'cannot use tailable option with a sort other than {$natural: 1}',
    );
  }
  return {
    namespace,
    fields: readFields(body, tailable),
    batchSize: body.optionalInt('batchSize', notNegative),
    singleBatch,
    awaitData,
    noTimeout: body.optionalBool('noCursorTimeout') ?? false,
  };
}

function readFields(body: CommandBody, tailable: boolean): FindFields {
  const sort = body.optionalDocument('sort');
  const natural = sort !== undefined && isNaturalSort(sort) ? sort : undefined;
  return {
    filter: body.optionalDocument('filter'),
    sort: natural === undefined ? sort : undefined,
    projection: body.optionalDocument('projection'),
    skip: body.optionalInt('skip', notNegative),
    limit: body.optionalInt('limit', notNegative),
    hint: natural ?? presentValue(body, 'hint'),
    tailable,
    min: body.optionalDocument('min'),
    max: body.optionalDocument('max'),
    returnKey: body.optionalBool('returnKey'),
    showRecordId: body.optionalBool('showRecordId'),
    let: body.optionalDocument('let'),
    collation: readCollation(body),
    allowDiskUse: body.optionalBool('allowDiskUse'),
  };
}

/** `{$natural: 1}` as a sort is a scan in that direction, which is what the hint says. */
function isNaturalSort(sort: RawValue): boolean {
  const { buffer, start } = sort;
  return buffer.toString('latin1', start + 5, start + 14) === '$natural\0';
}

/** In the order a tailable cursor follows: none is said, or it is the natural one. */
function isForward({ buffer, start, end }: RawValue): boolean {
  if (end - start === 5) return true;
  const natural = findField(buffer, start, '$natural');
  return natural !== undefined && numberOf(natural) === 1;
}

function presentValue(body: CommandBody, field: string): RawValue | undefined {
  const value = body.value(field);
  return value === undefined || value.type === 10 ? undefined : value;
}

/** `{_id: value}`: no plan, no cursor, no promise. */
function findById(request: Find, context: CommandContext): ReplyDocument | undefined {
  const { fields, namespace, batchSize } = request;
  if (batchSize === 0 || fields.hint !== undefined || fields.tailable) return undefined;
  if (fields.skip !== undefined && fields.skip > 0) return undefined;
  if (fields.returnKey || fields.showRecordId || fields.min || fields.max) return undefined;
  const { database, readConcern } = context;
  const cursor = pointLookupTaking(
    database,
    readConcern.level,
    namespace,
    fields,
    cursorOfDocument,
  );
  return cursor === undefined ? undefined : { cursor: cursor ?? emptyCursor(namespace) };
}

function findAsAggregate(request: Find, view: ResolvedView): AggregateRequest {
  const { fields, singleBatch, noTimeout } = request;
  checkFindOnView({
    min: fields.min !== undefined,
    max: fields.max !== undefined,
    returnKey: fields.returnKey === true,
    showRecordId: fields.showRecordId === true,
    tailable: fields.tailable === true,
    noCursorTimeout: noTimeout,
    singleBatch: singleBatch && fields.limit !== 1,
  });
  return queryOnView(fields, view, fields.let);
}

function findOnView(request: Find, view: ResolvedView, context: CommandContext) {
  const { namespace, batchSize } = request;
  return firstBatchReply(context.database, context.operation, {
    namespace,
    source: openOnView(findAsAggregate(request, view), context),
    batchSize,
    options: { linearizableIn: context.linearizableIn },
    errorContext: aggregationContext,
  });
}

function findMany(request: Find, context: CommandContext) {
  const { database, operation, readConcern, linearizableIn } = context;
  const { namespace, batchSize, singleBatch, awaitData, noTimeout } = request;
  const settings = settingsOf(database, () => shapeOfQuery('find', namespace, request.fields));
  checkNotRejected(settings);
  const fields =
    settings === undefined
      ? request.fields
      : { ...request.fields, settings: plannedSettings(settings, namespace) };
  const sortSpace =
    fields.sort === undefined ? undefined : sortSpaceOf(context, fields.allowDiskUse);
  const run = { operation, sortSpace };
  const source = openFind(database, readConcern.level, namespace, fields, run);
  const tailable = fields.tailable === true && hasDocuments(database, namespace);
  const options = { tailable, awaitData, noTimeout, linearizableIn };
  return firstBatchReply(database, operation, {
    namespace,
    source,
    batchSize,
    singleBatch,
    options,
    errorContext: findContext,
  });
}
