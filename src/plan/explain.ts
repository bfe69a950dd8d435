import { explainFilter } from '../query/index.ts';
import { describeExpress, expressPlanOf } from './explain-express.ts';
import {
  describeStage,
  describeTrial,
  type ExecutionFacts,
  measureStage,
} from './explain-stage.ts';
import { totalOf } from './plan-trial.ts';
import type { QueryPlan } from './planner.ts';
import { planCacheShapeHash } from './query-shape.ts';

export type ExplainVerbosity = 'queryPlanner' | 'executionStats' | 'allPlansExecution';

/**
 * Explain's `explainVersion`, `queryPlanner` and, of a plan that has run, `executionStats`, with the
 * field names of MongoDB. `command`, `serverInfo` and the rest are the command's to add. `mayBeExpress`: the
 * query asks for nothing that a lookup by one key cannot give: no hint, no order, no range, no record ids.
 */
export function explainPlan(
  plan: QueryPlan,
  verbosity: ExplainVerbosity,
  execution?: ExecutionFacts,
  mayBeExpress = false,
): Record<string, unknown> {
  const isAlone = plan.rejected.length === 0 && plan.trials.length === 0;
  const express = mayBeExpress && isAlone ? expressPlanOf(plan.root) : undefined;
  const parsedQuery = explainFilter(plan.filter.root);
  const collation = plan.filter.collation ?? plan.sort?.collation;
  const queryHash = planCacheShapeHash(plan);
  const result: Record<string, unknown> = {
    explainVersion: '1',
    queryPlanner: {
      namespace: plan.namespace,
      parsedQuery,
      ...(collation === undefined ? {} : { collation: collation.document }),
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
      winningPlan:
        express === undefined
          ? { isCached: plan.isCached, ...describeStage(plan.root) }
          : describeExpress(express, false),
      rejectedPlans: plan.rejected.map((root) => ({ isCached: false, ...describeStage(root) })),
    },
  };
  if (verbosity === 'queryPlanner') return result;
  result.executionStats = {
    executionSuccess: true,
    nReturned: execution?.returned ?? 0,
    executionTimeMillis: Math.round(execution?.milliseconds ?? 0),
    totalKeysExamined: totalOf(plan.root, (stage) => stage.keysExamined),
    totalDocsExamined: totalOf(plan.root, (stage) => stage.documentsExamined),
    executionStages:
      express === undefined
        ? { isCached: plan.isCached, ...measureStage(plan.root, execution) }
        : describeExpress(express, true),
    ...(verbosity === 'allPlansExecution'
      ? { allPlansExecution: plan.trials.map(describeTrial) }
      : {}),
  };
  return result;
}
