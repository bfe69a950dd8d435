import { explainFilter } from '../query/index.ts';
import { describeStage, describeTrial } from './explain-stage.ts';
import type { CachedPlanFacts } from './plan-cache.ts';
import type { PlanTrial } from './plan-trial.ts';
import { planCacheShapeHash, type ShapedQuery } from './query-shape.ts';

/** What the plan cache keeps of a trial; the winner is the first. */
export function cachedPlanFacts(
  query: ShapedQuery & { readonly allowedIndexes?: unknown },
  trials: readonly PlanTrial[],
): CachedPlanFacts {
  const { filter, sort, projectionSpec, allowedIndexes } = query;
  const order = (sort?.paths ?? []).map(({ path, direction }) => [path, direction]);
  return {
    shapeHash: planCacheShapeHash(query),
    createdFromQuery: {
      query: explainFilter(filter.root),
      sort: Object.fromEntries(order),
      projection: projectionSpec ?? {},
    },
    cachedPlan: describeStage(trials[0]!.root),
    creationExecStats: trials.map(describeTrial),
    candidatePlanScores: trials.map(({ score }) => score),
    indexFilterSet: allowedIndexes !== undefined,
  };
}
