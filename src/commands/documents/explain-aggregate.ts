import { explainStages, type StageResults } from '../../aggregation/index.ts';
import type { ReadView } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { explainPlan, PlanExecutor, type QueryPlan, queryShapeHash } from '../../plan/index.ts';
import type { CommandContext, ReplyDocument } from '../command.ts';
import { type Aggregate, planFront } from './aggregate.ts';
import { type ExplainRequest, planFacts, surroundings } from './explain-facts.ts';
import { ForeignCollections } from './foreign-collections.ts';
import { checkOutput } from './output/write-output.ts';
import { sortSpaceOf } from './sort-space.ts';
import { stageSources } from './stage-sources.ts';

/**
 * A pipeline that comes down to a query is explained as one; else its stages are listed, behind `$cursor` for
 * what the query below answers.
 */
export async function explainAggregate(
  request: Aggregate,
  context: CommandContext,
  { verbosity, command }: ExplainRequest,
): Promise<ReplyDocument> {
  const { database, operation, readConcern } = context;
  const { pipeline, namespace } = request;
  const { output } = pipeline;
  if (output !== undefined) {
    checkNotExecuted(output.stage, verbosity);
    checkOutput(output, request, context);
  }
  const hash = queryShapeHash({ command: 'aggregate', namespace, pipeline: request.pipelineSpec });
  const view = database.readView(readConcern.level);
  try {
    const plan = planFront(database, view, request, true);
    if (plan !== undefined && pipeline.rest.length === 0) {
      const { sort, skip } = pipeline.front;
      const mayBeExpress = request.hint === undefined && sort === undefined && skip === undefined;
      const sortSpace = sortSpaceOf(context, request.allowDiskUse);
      const facts = await planFacts(plan, verbosity, view.reader, operation, {
        mayBeExpress,
        sortSpace,
      });
      return { ...facts, ...surroundings(context, command, hash) };
    }
    const run =
      verbosity === 'queryPlanner' ? undefined : await runPipeline(request, context, view, plan);
    const results = run?.results ?? [];
    const cursor: ReplyDocument[] = [];
    if (plan !== undefined) {
      const { explainVersion: _, ...front } = explainPlan(plan, verbosity, run?.front);
      const { built: _root, ...given } = results.shift() ?? {};
      cursor.push({ $cursor: front, ...given });
    }
    return {
      explainVersion: '1',
      stages: [...cursor, ...explainStages(pipeline.rest, results)],
      ...surroundings(context, command, hash),
    };
  } finally {
    view.close();
  }
}

/** What writes is never run for an explain. */
function checkNotExecuted(stage: '$out' | '$merge', verbosity: string): void {
  if (verbosity === 'queryPlanner') return;
  throw new MongoServerError(
    stage === '$out' ? 51029 : 51184,
    `explain of ${stage} is not allowed with verbosity: ${verbosity}`,
  );
}

interface PipelineRun {
  /** Of the plan of the front. */
  readonly front: { readonly returned: number; readonly milliseconds: number };
  /** Of the front, if there is one, and of each stage. */
  readonly results: StageResults[];
}

async function runPipeline(
  { pipeline, namespace, allowDiskUse }: Aggregate,
  context: CommandContext,
  view: ReadView,
  plan: QueryPlan | undefined,
): Promise<PipelineRun> {
  const sourcesOf = (asked: string) => stageSources(context, asked);
  const foreign = new ForeignCollections(context.database, view, { sourcesOf, isExplain: true });
  const built = pipeline.buildEach(plan?.root, { sources: sourcesOf(namespace), foreign });
  const executor = new PlanExecutor(built.at(-1)!, view.reader, {
    isCounted: false,
    sortSpace: sortSpaceOf(context, allowDiskUse),
  });
  await executor.count(context.operation.interrupt);
  const milliseconds = executor.elapsedMilliseconds;
  const executionTimeMillisEstimate = BigInt(Math.round(milliseconds));
  const stages = plan === undefined ? built : [plan.root, ...built];
  return {
    front: { returned: plan?.root.stats.advanced ?? 0, milliseconds },
    results: stages.map((stage) => ({
      built: stage,
      nReturned: BigInt(stage.stats.advanced),
      executionTimeMillisEstimate,
    })),
  };
}
