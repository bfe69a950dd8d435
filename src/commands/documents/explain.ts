import { collectionIn, planFind, type ResolvedView, variablesOf } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type ExplainVerbosity,
  FastCount,
  type QueryPlan,
  queryShapeHash,
  type Stage,
  WouldWrite,
} from '../../plan/index.ts';
import { type CommandContext, defineCommand, type ReplyDocument } from '../command.ts';
import { CommandBody } from '../dispatch/command-body.ts';
import { plannedSettings, settingsOf, shapeOfQuery } from '../plans/query-settings.ts';
import { type AggregateRequest, withPipeline } from './aggregate.ts';
import { explainAggregate } from './explain-aggregate.ts';
import { bytesOf, type ExplainRequest, planFacts, surroundings } from './explain-facts.ts';
import { type ExplainedQuery, type NotExplained, readExplained } from './explained-command.ts';
import { sortSpaceOf } from './sort-space.ts';
import { parsedUpdate } from './update.ts';
import { viewBehind } from './view-behind.ts';
import { aggregateOnView, queryOnView } from './views.ts';

interface Explain extends ExplainRequest {
  readonly query: ExplainedQuery | AggregateRequest | NotExplained;
}

const emptyDocumentLength = 5;

const verbosities: ReadonlySet<string> = new Set([
  'queryPlanner',
  'executionStats',
  'allPlansExecution',
]);

export const explain = defineCommand<Explain>({
  name: 'explain',
  help: 'Tells how a command would be answered.',
  access: 'read',
  runsOn: 'secondaryOk',
  parse(body) {
    body.rejectUnknown(['verbosity']);
    const command = body.requireDocument(body.name);
    const verbosity = body.optionalString('verbosity') ?? 'allPlansExecution';
    if (!verbosities.has(verbosity)) {
      throw new MongoServerError(
        'BadValue',
        `Enumeration value '${verbosity}' for field 'explain.verbosity' is not a valid value.`,
      );
    }
    if (command.end - command.start === emptyDocumentLength) {
      return { verbosity: 'queryPlanner', command: bytesOf(command), query: { notExplained: '' } };
    }
    const inner = new CommandBody(command.buffer, command.start);
    inner.database = body.database;
    return {
      verbosity: verbosity as ExplainVerbosity,
      command: bytesOf(command),
      query: readExplained(inner),
    };
  },
  run(request, context) {
    const { query } = request;
    if ('notExplained' in query) throw cannotExplain(query.notExplained, context);
    const view = viewBehind(context, query.namespace);
    if (view !== undefined) return explainOnView(query, view, context, request);
    if ('pipelineSpec' in query) {
      return explainAggregate(withPipeline(query, context.database), context, request);
    }
    return explainQuery(query, context, request);
  },
});

function explainOnView(
  query: ExplainedQuery | AggregateRequest,
  view: ResolvedView,
  context: CommandContext,
  request: ExplainRequest,
): Promise<ReplyDocument> {
  if ('fields' in query && query.write !== undefined) {
    throw new MongoServerError(
      'CommandNotSupportedOnView',
      `Namespace ${query.namespace} is a view, not a collection`,
    );
  }
  const aggregate =
    'fields' in query ? queryOnView(query.fields, view) : aggregateOnView(query, view);
  return explainAggregate(withPipeline(aggregate, context.database), context, request);
}

function cannotExplain(name: string, { commandTable }: CommandContext): MongoServerError {
  if (commandTable.has(name)) {
    return new MongoServerError('IllegalOperation', `Explain not supported for command: ${name}`);
  }
  return new MongoServerError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
}

async function explainQuery(
  query: ExplainedQuery,
  context: CommandContext,
  { verbosity, command }: ExplainRequest,
): Promise<ReplyDocument> {
  const { namespace, fields, shape, key } = query;
  const { database, operation, readConcern } = context;
  const view = database.readView(readConcern.level);
  try {
    const shaped = shape && shapeOfQuery(shape, namespace, fields, key);
    const settings =
      shaped &&
      plannedSettings(
        settingsOf(database, () => shaped),
        namespace,
      );
    const plan = planFind(
      database,
      namespace,
      collectionIn(database, view, namespace),
      { ...fields, settings },
      { countOnly: shape === 'count', reader: view.reader, isExplain: true },
    );
    const whole = whatRuns(plan, query, context);
    const facts = await planFacts(whole, verbosity, view.reader, operation, {
      mayBeExpress: mayBeExpress(query),
      sortSpace: sortSpaceOf(context, fields.allowDiskUse),
    });
    return { ...facts, ...surroundings(context, command, shaped && queryShapeHash(shaped)) };
  } finally {
    view.close();
  }
}

/** A lookup by one key gives documents as they are, in no order, all that there are. */
function mayBeExpress({ fields, shape }: ExplainedQuery): boolean {
  if (shape === 'count' || shape === 'distinct') return false;
  const { hint, sort, skip, min, max, returnKey, showRecordId, tailable } = fields;
  if (returnKey === true || showRecordId === true || tailable === true) return false;
  return [hint, sort, skip, min, max].every((given) => given === undefined);
}

/** The plan with what the command does with its results. Nothing is written. */
function whatRuns(plan: QueryPlan, query: ExplainedQuery, context: CommandContext): QueryPlan {
  const { shape, write } = query;
  if (shape === 'count') return fastCount(plan, query, context) ?? plan;
  if (write === undefined) return plan;
  const { isMulti, returnsDocument } = write;
  const kind = write.update === undefined ? ('DELETE' as const) : ('UPDATE' as const);
  const change = write.update && changeOf(query, context);
  const above = (root: Stage): Stage =>
    new WouldWrite(root, { kind, isMulti, returnsDocument, ...change });
  return { ...plan, root: above(plan.root), rejected: plan.rejected.map(above) };
}

/** A count without a filter or a hint is read off the statistics. */
function fastCount(
  plan: QueryPlan,
  { namespace, fields }: ExplainedQuery,
  { database }: CommandContext,
): QueryPlan | undefined {
  if (!plan.filter.isEmpty || fields.hint !== undefined) return undefined;
  if (database.catalog.byNamespace(namespace) === undefined) return undefined;
  const { count } = database.measure(namespace);
  const skipped = Math.min(fields.skip ?? 0, count);
  const limit = fields.limit === undefined || fields.limit === 0 ? count : fields.limit;
  const root = new FastCount(Math.min(count - skipped, limit), skipped);
  return { ...plan, root, rejected: [], trials: [] };
}

function changeOf({ namespace, fields, write }: ExplainedQuery, { database }: CommandContext) {
  const each = write!.update!;
  const variables = variablesOf(database, fields.let);
  const { filter, update, upsert } = parsedUpdate(database, namespace, each, variables);
  const facts = { filter, now: database.now(), clusterTime: database.lastClusterTime };
  return {
    changes: (document: Buffer, start: number) => update.apply(document, start, facts).modified,
    upserts: upsert,
  };
}
