import { explainStages } from '../aggregation/index.ts';
import { BsonType, documentEnd, type RawValue } from '../bson/index.ts';
import { collectionIn, type FindFields, planFind, type ResolvedView } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { noVariables } from '../expressions/index.ts';
import {
  type ExplainVerbosity,
  explainPlan,
  PlanExecutor,
  type QueryPlan,
  queryShapeHash,
} from '../plan/index.ts';
import {
  type Aggregate,
  type AggregateRequest,
  openAggregate,
  planFront,
  readAggregate,
  withPipeline,
} from './aggregate.ts';
import { type CommandContext, defineCommand, type ReplyDocument } from './command.ts';
import { CommandBody } from './command-body.ts';
import { readCount } from './count.ts';
import { readDelete } from './delete.ts';
import { readDistinct } from './distinct.ts';
import { readFind } from './find.ts';
import { readFindAndModify } from './find-and-modify.ts';
import { plannedSettings, settingsOf, shapeOfQuery } from './query-settings.ts';
import { stageSources } from './stage-sources.ts';
import { readUpdate } from './update.ts';
import { serverVersion } from './version.ts';
import { aggregateOnView, queryOnView, viewBehind } from './views.ts';

interface Explained {
  readonly namespace: string;
  readonly fields: FindFields;
  /** The stage above the query: UPDATE, DELETE, COUNT ... */
  readonly above: string | undefined;
  readonly countOnly: boolean;
  /** The command, when it has a query shape. */
  readonly shape?: 'find' | 'count' | 'distinct';
  /** The field of a distinct. */
  readonly key?: string;
}

interface NotExplained {
  /** Name of a command that is there but has no plan, or is not there. */
  readonly notExplained: string;
}

interface Explain {
  readonly verbosity: ExplainVerbosity;
  readonly command: Buffer;
  readonly query: Explained | AggregateRequest | NotExplained;
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
      query: explainable(inner),
    };
  },
  run({ verbosity, command, query }, context) {
    if ('notExplained' in query) throw cannotExplain(query.notExplained, context);
    const view = viewBehind(context, query.namespace);
    if (view !== undefined) return explainOnView(query, view, context, verbosity, command);
    if ('pipelineSpec' in query) {
      const request = withPipeline(query, context.database);
      return explainAggregate(request, context, verbosity, command);
    }
    return explainQuery(query, context, verbosity, command);
  },
});

function explainOnView(
  query: Explained | AggregateRequest,
  view: ResolvedView,
  context: CommandContext,
  verbosity: ExplainVerbosity,
  command: Buffer,
): Promise<ReplyDocument> {
  if ('fields' in query && query.above !== undefined) {
    throw new MongoServerError(
      'CommandNotSupportedOnView',
      `Namespace ${query.namespace} is a view, not a collection`,
    );
  }
  const request =
    'fields' in query ? queryOnView(query.fields, view) : aggregateOnView(query, view);
  return explainAggregate(withPipeline(request, context.database), context, verbosity, command);
}

function explainable(body: CommandBody): Explained | AggregateRequest | NotExplained {
  switch (body.name) {
    case 'find': {
      const { namespace, fields } = readFind(body);
      return { namespace, fields, above: undefined, countOnly: false, shape: 'find' };
    }
    case 'aggregate':
      return readAggregate(body);
    case 'count': {
      const { namespace, filter, hint, skip, limit, collation } = readCount(body);
      return {
        namespace,
        fields: { filter, hint, skip, limit, collation, variables: noVariables },
        above: undefined,
        countOnly: true,
        shape: 'count',
      };
    }
    case 'distinct': {
      const { namespace, filter, hint, path, collation } = readDistinct(body);
      return {
        namespace,
        fields: { filter, hint, collation, variables: noVariables },
        above: undefined,
        countOnly: false,
        shape: 'distinct',
        key: path,
      };
    }
    case 'findAndModify':
    case 'findandmodify': {
      const {
        namespace,
        query,
        sort,
        hint,
        update,
        let: constants,
        collation,
      } = readFindAndModify(body);
      const above = update === undefined ? 'DELETE' : 'UPDATE';
      return {
        namespace,
        fields: { filter: query, sort, hint, limit: 1, let: constants, collation },
        above,
        countOnly: false,
      };
    }
    case 'update': {
      const { filter, hint, sort, collation } = readUpdate(onlyOne(body, 'updates'));
      return {
        namespace: body.namespace(),
        fields: { filter, hint, sort, collation, let: body.optionalDocument('let') },
        above: 'UPDATE',
        countOnly: false,
      };
    }
    case 'delete': {
      const { filter, hint, collation } = readDelete(onlyOne(body, 'deletes'));
      return {
        namespace: body.namespace(),
        fields: { filter, hint, collation, let: body.optionalDocument('let') },
        above: 'DELETE',
        countOnly: false,
      };
    }
    default:
      return { notExplained: body.name };
  }
}

function cannotExplain(name: string, { commandTable }: CommandContext): MongoServerError {
  if (commandTable.has(name)) {
    return new MongoServerError('IllegalOperation', `Explain not supported for command: ${name}`);
  }
  return new MongoServerError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
}

function onlyOne(body: CommandBody, field: string): RawValue {
  const [only, ...more] = body.documents(field);
  if (only === undefined || more.length > 0) {
    throw new MongoServerError('InvalidLength', `explained write batches must be of size 1`);
  }
  return only;
}

async function explainQuery(
  { namespace, fields, above, countOnly, shape, key }: Explained,
  context: CommandContext,
  verbosity: ExplainVerbosity,
  command: Buffer,
): Promise<ReplyDocument> {
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
      { countOnly, reader: view.reader, isExplain: true },
    );
    const facts = await explained(plan, verbosity, view.reader, operation);
    const hash = shaped && queryShapeHash(shaped);
    return { ...withStageAbove(facts, above), ...surroundings(context, command, hash) };
  } finally {
    view.close();
  }
}

async function explained(
  plan: QueryPlan,
  verbosity: ExplainVerbosity,
  reader: ConstructorParameters<typeof PlanExecutor>[1],
  interrupt: { check(): void },
): Promise<ReplyDocument> {
  if (verbosity === 'queryPlanner') return explainPlan(plan, verbosity);
  const executor = new PlanExecutor(plan.root, reader, false);
  const returned = await executor.count(interrupt);
  return explainPlan(plan, verbosity, { returned, milliseconds: executor.elapsedMilliseconds });
}

/** Puts what the command does with the results above the plan that finds them. Nothing is written. */
function withStageAbove(facts: ReplyDocument, stage: string | undefined): ReplyDocument {
  if (stage === undefined) return facts;
  const planner = facts.queryPlanner as ReplyDocument;
  const wrapped: ReplyDocument = {
    ...facts,
    queryPlanner: { ...planner, winningPlan: { stage, inputStage: planner.winningPlan } },
  };
  const execution = facts.executionStats as ReplyDocument | undefined;
  if (execution !== undefined) {
    const { nReturned: found, ...inner } = execution.executionStages as ReplyDocument;
    wrapped.executionStats = {
      ...execution,
      nReturned: 0,
      executionStages: {
        stage,
        nReturned: 0,
        ...(stage === 'UPDATE'
          ? { nMatched: found, nWouldModify: found, nWouldUpsert: 0 }
          : { nWouldDelete: found }),
        inputStage: { nReturned: found, ...inner },
      },
    };
  }
  return wrapped;
}

export async function explainAggregate(
  request: Aggregate,
  context: CommandContext,
  verbosity: ExplainVerbosity,
  command: Buffer,
): Promise<ReplyDocument> {
  const { database, operation, readConcern } = context;
  const { pipeline, namespace } = request;
  const hash = queryShapeHash({ command: 'aggregate', namespace, pipeline: request.pipelineSpec });
  const view = database.readView(readConcern.level);
  try {
    const plan = planFront(database, view, request, true);
    if (plan === undefined) {
      return {
        explainVersion: '1',
        stages: explainStages(pipeline.stages),
        ...surroundings(context, command, hash),
      };
    }
    if (pipeline.rest.length === 0) {
      const facts = await explained(plan, verbosity, view.reader, operation);
      return { ...facts, ...surroundings(context, command, hash) };
    }
    if (verbosity !== 'queryPlanner') {
      const run = openAggregate(
        database,
        readConcern.level,
        request,
        stageSources(context, namespace),
      );
      try {
        await run.cursor.executor.count(operation);
      } finally {
        run.cursor.close();
      }
    }
    const { explainVersion, ...front } = await explained(plan, verbosity, view.reader, operation);
    return {
      explainVersion,
      stages: [{ $cursor: front }, ...explainStages(pipeline.rest)],
      ...surroundings(context, command, hash),
    };
  } finally {
    view.close();
  }
}

function surroundings(
  { server }: CommandContext,
  command: Buffer,
  hash: string | undefined,
): ReplyDocument {
  return {
    command,
    serverInfo: {
      host: server.host.replace(/:\d+$/, ''),
      port: server.port,
      version: serverVersion,
      gitVersion: 'arkset',
    },
    serverParameters: {},
    ...(hash === undefined ? {} : { queryShapeHash: hash }),
  };
}

function bytesOf(value: RawValue): Buffer {
  if (value.type !== BsonType.object) throw new Error('a command is a document');
  return Buffer.from(value.buffer.subarray(value.start, documentEnd(value.buffer, value.start)));
}
