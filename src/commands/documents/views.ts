/**
 * Reads of views: the query becomes a pipeline behind the view's own, over the collection underneath.
 * What a pipeline cannot say is refused as MongoDB does.
 */
import {
  BsonType,
  ElementReader,
  encodeValue,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import {
  distinctOfResults,
  type FindFields,
  pipelineOf,
  type ResolvedView,
  refuseTimeSeries,
  refuseView,
  stagesOf,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandContext } from '../command.ts';
import { type AggregateRequest, openAggregate, withPipeline } from './aggregate.ts';
import type { Count } from './count.ts';
import type { Distinct } from './distinct.ts';

/** For commands that are about a collection itself. Throws when their namespace is a view's. */
export function refuseOnView({ database, operation }: CommandContext): void {
  const { catalog, engine } = database;
  refuseView({ catalog, reader: engine.latest }, operation.namespace);
}

/** For commands of which a time series is no collection either: MongoDB has a view in its place. */
export function refuseOnViewOrTimeSeries(context: CommandContext): void {
  refuseOnView(context);
  const info = context.database.catalog.byNamespace(context.operation.namespace);
  if (info !== undefined) refuseTimeSeries(info);
}

/** An aggregate of the view, as one of the collection underneath. */
export function aggregateOnView(request: AggregateRequest, view: ResolvedView): AggregateRequest {
  checkCollation(request.collation, view);
  return underneath(view, stagesOf(request.pipelineSpec), request);
}

/** What find, count and distinct have in common, as a pipeline over the view. */
export function queryOnView(
  fields: Pick<
    FindFields,
    'filter' | 'sort' | 'skip' | 'limit' | 'projection' | 'hint' | 'collation' | 'allowDiskUse'
  >,
  view: ResolvedView,
  constants?: RawValue,
): AggregateRequest {
  const { filter, sort, skip, limit, projection, hint } = fields;
  checkCollation(fields.collation, view);
  const stages: RawValue[] = [];
  const add = (name: string, argument: unknown): void => {
    stages.push(encodeValue({ [name]: argument }));
  };
  if (filter !== undefined && !isEmpty(filter)) add('$match', filter);
  if (sort !== undefined && !isEmpty(sort)) add('$sort', sort);
  if (skip !== undefined && skip > 0) add('$skip', skip);
  if (limit !== undefined && limit > 0) add('$limit', limit);
  if (projection !== undefined && !isEmpty(projection)) {
    checkProjection(projection);
    add('$project', projection);
  }
  return underneath(view, stages, {
    hint,
    let: constants,
    collation: undefined,
    isOnDatabase: false,
    batchSize: undefined,
    allowDiskUse: fields.allowDiskUse,
    explain: false,
  });
}

/** Throws for what the projection of find has and `$project` has not. */
function checkProjection({ buffer, start }: RawValue): void {
  const reader = new ElementReader(buffer, start);
  while (reader.next()) {
    if (reader.type !== BsonType.object) continue;
    if (findField(buffer, reader.start, '$elemMatch') === undefined) continue;
    throw new MongoServerError('InvalidPipelineOperator', "Unrecognized expression '$elemMatch'");
  }
}

function underneath(
  view: ResolvedView,
  own: readonly RawValue[],
  rest: Omit<AggregateRequest, 'namespace' | 'pipelineSpec'>,
): AggregateRequest {
  const pipelineSpec = pipelineOf([...view.stages, ...own]);
  return { ...rest, namespace: view.namespace, pipelineSpec, collation: view.collation };
}

/** Operations on a view have the collation the view has. */
function checkCollation(given: GivenCollation | undefined, { collation }: ResolvedView): void {
  if (given === undefined || given?.id === collation?.id) return;
  throw new MongoServerError(
    'OptionNotSupportedOnView',
    "Cannot override a view's default collation",
  );
}

const emptyDocumentLength = 5;

function isEmpty({ start, end }: RawValue): boolean {
  return end - start === emptyDocumentLength;
}

/** A cursor over the results; must be closed. */
export function openOnView(asked: AggregateRequest, context: CommandContext) {
  const { database, operation } = context;
  const request = withPipeline(asked, database, operation);
  return openAggregate(context, request).cursor;
}

export async function countOnView(
  request: Count,
  view: ResolvedView,
  context: CommandContext,
): Promise<number> {
  const cursor = openOnView(queryOnView(request, view), context);
  try {
    return await cursor.executor.count(context.operation);
  } finally {
    cursor.close();
  }
}

export async function distinctOnView(
  { path, filter, hint, collation }: Distinct,
  view: ResolvedView,
  context: CommandContext,
): Promise<RawValue> {
  const cursor = openOnView(queryOnView({ filter, hint, collation }, view), context);
  try {
    return await distinctOfResults(
      cursor.executor,
      context.operation,
      path,
      view.collation ?? undefined,
    );
  } finally {
    cursor.close();
  }
}

/** Throws for what find can be asked and a pipeline cannot. */
export function checkFindOnView(asked: Readonly<Record<string, boolean>>): void {
  for (const [option, isAsked] of Object.entries(asked)) {
    if (!isAsked) continue;
    throw new MongoServerError(
      'InvalidPipelineOperator',
      `Option ${option} not supported in aggregation.`,
    );
  }
}
