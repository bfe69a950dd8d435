import { explainFilter } from './explain-filter.ts';
import type { QueryPlan } from './planner.ts';
import { planCacheShapeHash } from './query-shape.ts';
import type { Stage } from './stage.ts';

export type ExplainVerbosity = 'queryPlanner' | 'executionStats' | 'allPlansExecution';

export interface ExecutionFacts {
  readonly returned: number;
  readonly milliseconds: number;
}

/**
 * Explain's `explainVersion`, `queryPlanner` and, of a plan that has run, `executionStats`, with the
 * field names of MongoDB. `command`, `serverInfo` and the rest are the command's to add.
 */
export function explainPlan(
  plan: QueryPlan,
  verbosity: ExplainVerbosity,
  execution?: ExecutionFacts,
): Record<string, unknown> {
  const parsedQuery = explainFilter(plan.filter.root);
  const queryHash = planCacheShapeHash(plan);
  const result: Record<string, unknown> = {
    explainVersion: '1',
    queryPlanner: {
      namespace: plan.namespace,
      parsedQuery,
      indexFilterSet: plan.isFiltered,
      queryHash,
      planCacheShapeHash: queryHash,
      planCacheKey: queryHash,
      ...(plan.settings === undefined ? {} : { querySettings: plan.settings.given }),
      optimizationTimeMillis: 0,
      maxIndexedOrSolutionsReached: false,
      maxIndexedAndSolutionsReached: false,
      maxScansToExplodeReached: false,
      prunedSimilarIndexes: false,
      winningPlan: { isCached: false, ...describe(plan.root) },
      rejectedPlans: plan.rejected.map((root) => ({ isCached: false, ...describe(root) })),
    },
  };
  if (verbosity === 'queryPlanner') return result;
  result.executionStats = {
    executionSuccess: true,
    nReturned: execution?.returned ?? 0,
    executionTimeMillis: Math.round(execution?.milliseconds ?? 0),
    totalKeysExamined: total(plan.root, (stage) => stage.keysExamined),
    totalDocsExamined: total(plan.root, (stage) => stage.documentsExamined),
    executionStages: { isCached: false, ...measure(plan.root, execution) },
    ...(verbosity === 'allPlansExecution' ? { allPlansExecution: [] } : {}),
  };
  return result;
}

function total(stage: Stage, of: (stage: Stage) => number): number {
  return stage.children.reduce((sum, child) => sum + total(child, of), of(stage));
}

/** A stage and those below it, as planned. */
function describe(stage: Stage): Record<string, unknown> {
  return {
    stage: stage.name,
    ...stage.explainFields(),
    ...below(stage, describe),
  };
}

/** A stage and those below it, with what they did. */
function measure(stage: Stage, execution: ExecutionFacts | undefined): Record<string, unknown> {
  const { stats } = stage;
  return {
    stage: stage.name,
    nReturned: stats.advanced,
    executionTimeMillisEstimate: Math.round(execution?.milliseconds ?? 0),
    works: stats.works,
    advanced: stats.advanced,
    needTime: stats.needTime,
    needYield: 0,
    saveState: stats.saves,
    restoreState: stats.restores,
    isEOF: stats.isEof ? 1 : 0,
    ...stage.explainFields(),
    ...stage.explainCounters(),
    ...below(stage, (child) => measure(child, execution)),
  };
}

function below(
  stage: Stage,
  explain: (child: Stage) => Record<string, unknown>,
): Record<string, unknown> {
  const { children } = stage;
  if (children.length === 0) return {};
  if (children.length === 1) return { inputStage: explain(children[0]!) };
  return { inputStages: children.map(explain) };
}
