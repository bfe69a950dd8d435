import { type Pipeline, parsePipeline } from '../../aggregation/index.ts';
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import {
  collectionIn,
  type Database,
  effectiveCollation,
  planChoice,
  QueryCursor,
  type ReadView,
  variablesOf,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { parseHint, planQuery, type QueryPlan } from '../../plan/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { checkStableApi } from '../dispatch/api-version.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { numberOf } from '../dispatch/field-values.ts';
import type { Operation } from '../dispatch/operation.ts';
import { parseReadConcern } from '../dispatch/read-concern.ts';
import {
  checkNotRejected,
  plannedSettings,
  type QuerySettings,
  settingsOf,
} from '../plans/query-settings.ts';
import { aggregationContext, cursorBatchSize, firstBatchReply } from './cursor-reply.ts';
import { explainAggregate } from './explain-aggregate.ts';
import { ForeignCollections, pipelineHome } from './foreign-collections.ts';
import { frontFilter } from './front-filter.ts';
import { checkOutput, checkOutputConcern, writeOutput } from './output/write-output.ts';
import { sortSpaceOf } from './sort-space.ts';
import { stageSources } from './stage-sources.ts';
import { viewBehind } from './view-behind.ts';
import { aggregateOnView } from './views.ts';

/** The fields of the command; its expressions need the times of a running operation. */
export interface AggregateRequest {
  readonly namespace: string;
  /** `{aggregate: 1}`: about the database, not a collection. */
  readonly isOnDatabase: boolean;
  readonly pipelineSpec: RawValue;
  readonly let: RawValue | undefined;
  readonly collation: GivenCollation | undefined;
  readonly hint: RawValue | undefined;
  readonly batchSize: number | undefined;
  readonly allowDiskUse: boolean | undefined;
  readonly explain: boolean;
  /** bypassDocumentValidation, of what the pipeline writes. */
  readonly bypassValidation?: boolean;
}

export interface Aggregate extends AggregateRequest {
  readonly pipeline: Pipeline;
}

const fields = new Set([
  'allowDiskUse',
  'bypassDocumentValidation',
  'collation',
  'cursor',
  'explain',
  'hint',
  'let',
  'pipeline',
]);

/** Stages that are about no collection. */
const databaseStages: ReadonlySet<string> = new Set(['$documents', '$querySettings']);

export const aggregate = defineCommand<AggregateRequest>({
  name: 'aggregate',
  help: 'Runs an aggregation pipeline.',
  access: 'read',
  runsOn: 'secondaryOk',
  supportsWriteConcern: true,
  counter: 'query',
  namesCollection: true,
  parse(body) {
    const request = readAggregate(body);
    if (!request.explain && body.optionalDocument('cursor') === undefined) {
      throw new MongoServerError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    }
    checkReadConcern(body, request);
    return request;
  },
  async run(asked, context) {
    const { database, operation } = context;
    const view = viewBehind(context, asked.namespace);
    const request = withPipeline(
      view === undefined ? asked : aggregateOnView(asked, view),
      database,
      operation,
    );
    const { output } = request.pipeline;
    if (output !== undefined && !request.explain) {
      checkOutputConcern(output.stage, context.readConcern);
      checkOutput(output, request, context);
    }
    if (!request.explain) checkNotRejected(settingsOfAggregate(database, request));
    if (request.explain) {
      const command = Buffer.from(operation.body ?? []);
      return explainAggregate(request, context, { verbosity: 'queryPlanner', command });
    }
    const { cursor } = openAggregate(context, request);
    if (output !== undefined) {
      try {
        await writeOutput(output, request, context, cursor);
      } finally {
        cursor.close();
      }
      return { cursor: { firstBatch: [], id: 0n, ns: asked.namespace } };
    }
    return firstBatchReply(database, operation, {
      namespace: asked.namespace,
      source: cursor,
      batchSize: request.batchSize,
      options: { linearizableIn: context.linearizableIn },
      errorContext: aggregationContext,
    });
  },
});

export function readAggregate(body: CommandBody): AggregateRequest {
  body.rejectUnknown(fields);
  if (body.value('allowDiskUse')?.type === BsonType.null) {
    throw body.wrongType('allowDiskUse', BsonType.null, "'bool'");
  }
  const allowDiskUse = body.optionalStrictBool('allowDiskUse');
  const explain = readExplain(body);
  const bypassValidation = body.optionalBool('bypassDocumentValidation') ?? false;
  const target = body.value(body.name);
  const isOnDatabase = target !== undefined && numberOf(target) !== undefined;
  if (isOnDatabase && numberOf(target) !== 1) {
    throw new MongoServerError(
      'BadValue',
      "Invalid command format: the 'aggregate' field must specify a collection name or 1",
    );
  }
  const pipelineSpec = body.value('pipeline');
  if (pipelineSpec === undefined) throw body.missing('pipeline');
  checkStableApi(body, pipelineSpec);
  return {
    namespace: isOnDatabase ? `${body.database}.$cmd.aggregate` : body.namespace(),
    isOnDatabase,
    pipelineSpec,
    let: body.optionalDocument('let'),
    collation: readCollation(body),
    hint: body.value('hint'),
    batchSize: cursorBatchSize(body),
    allowDiskUse,
    explain,
    bypassValidation,
  };
}

/** The request with its pipeline read and checked as a whole. */
export function withPipeline(
  request: AggregateRequest,
  database: Database,
  operation?: Operation,
): Aggregate {
  const { isOnDatabase, pipelineSpec } = request;
  const collection = database.catalog.byNamespace(request.namespace);
  const collation = effectiveCollation(request.collation, collection);
  const variables = variablesOf(database, request.let, collation, operation);
  const home = pipelineHome(database, request.namespace, collation);
  const pipeline = parsePipeline(pipelineSpec, variables, home);
  if (isOnDatabase && !pipeline.isSource) {
    throw new MongoServerError(
      'InvalidNamespace',
      `{aggregate: 1} is not valid for '${pipeline.stages[0]?.name ?? 'an empty pipeline'}'; a collection is required.`,
    );
  }
  const first = pipeline.stages[0]?.name ?? '';
  if (!isOnDatabase && databaseStages.has(first)) {
    throw new MongoServerError(
      'InvalidNamespace',
      `'${first}' can only be run with {aggregate: 1}`,
    );
  }
  return { ...request, pipeline };
}

/** Stages that show what is in memory. */
const localStages: ReadonlySet<string> = new Set([
  '$currentOp',
  '$listLocalSessions',
  '$planCacheStats',
]);

/** Of what the client says, also where every level comes to the same. */
function checkReadConcern(body: CommandBody, { pipelineSpec }: AggregateRequest): void {
  const { level } = parseReadConcern(body);
  if (level === 'local' || pipelineSpec.type !== BsonType.array) return;
  const stages = new ElementReader(pipelineSpec.buffer, pipelineSpec.start);
  if (!stages.next() || stages.type !== BsonType.object) return;
  const first = new ElementReader(pipelineSpec.buffer, stages.start);
  const name = first.next() ? first.name() : '';
  if (!localStages.has(name)) return;
  throw new MongoServerError(
    'InvalidOptions',
    `Aggregation stage ${name} cannot run with a readConcern other than 'local', or in a multi-document transaction. Current readConcern: ${level}`,
  );
}

function readExplain(body: CommandBody): boolean {
  if (body.value('explain')?.type === BsonType.null) {
    throw body.wrongType('explain', BsonType.null, "'bool'");
  }
  const explain = body.optionalStrictBool('explain') ?? false;
  if (explain && body.has('writeConcern')) {
    throw new MongoServerError(
      'FailedToParse',
      "Aggregation explain does not support the 'writeConcern' option",
    );
  }
  return explain;
}

function settingsOfAggregate(
  database: Database,
  { namespace, pipelineSpec }: Aggregate,
): QuerySettings | undefined {
  return settingsOf(database, () => ({
    command: 'aggregate',
    namespace,
    pipeline: pipelineSpec,
  }));
}

/** The plan of the pipeline's front, when a collection is read. */
export function planFront(
  database: Database,
  view: ReadView,
  request: Aggregate,
  isExplain = false,
): QueryPlan | undefined {
  const { pipeline, namespace } = request;
  if (pipeline.isSource) return undefined;
  const { front } = pipeline;
  const collection = collectionIn(database, view, namespace);
  const collation = effectiveCollation(request.collation, collection);
  const shaped = {
    filter: frontFilter(pipeline, collection, namespace, collation),
    sort: front.sort,
  };
  return planQuery({
    ...shaped,
    collection,
    namespace,
    allowedIndexes: database.indexFilters.allowed(collection, shaped),
    settings: plannedSettings(settingsOfAggregate(database, request), namespace),
    skip: front.skip,
    limit: front.limit,
    hint: parseHint(request.hint),
    metaWords: pipeline.metaWords,
    choice: planChoice(database, { reader: view.reader, isExplain }),
  });
}

export function openAggregate(
  context: CommandContext,
  request: Aggregate,
): { cursor: QueryCursor; plan: QueryPlan | undefined } {
  const { database } = context;
  const view = database.readView(context.readConcern.level);
  try {
    const plan = planFront(database, view, request);
    const sourcesOf = (namespace: string) => stageSources(context, namespace);
    const foreign = new ForeignCollections(database, view, { sourcesOf });
    const options = { sources: sourcesOf(request.namespace), foreign };
    const list = database.virtualCollections.get(request.namespace)?.documents;
    const root =
      list === undefined || request.pipeline.isSource
        ? request.pipeline.build(plan?.root, options)
        : request.pipeline.buildOver(list, options);
    const collection = collectionIn(database, view, request.namespace);
    const finished = (): void => plan?.finished();
    const sortSpace = sortSpaceOf(context, request.allowDiskUse);
    const cursor = new QueryCursor(database, view, collection, { root, finished }, { sortSpace });
    return { cursor, plan };
  } catch (error) {
    view.close();
    throw error;
  }
}
