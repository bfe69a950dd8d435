/** The plan room: from a parsed query to a tree of stages that pulls documents out of the storage. */

export { collectionScansOf } from './collection-scans.ts';
export { debugQueryShape } from './debug-query-shape.ts';
export { PlanExecutor } from './executor.ts';
export { type ExplainVerbosity, explainPlan } from './explain.ts';
export { findById, idIndexOf, isIdLookup } from './find-by-id.ts';
export { type Hint, hintedIndex, parseHint } from './hint.ts';
export { implies } from './implication.ts';
export { factsOf, pathsOf } from './index-facts.ts';
export {
  isWildcardPath,
  kindOf,
  knownKinds,
  missingKinds,
  wildcardPaths,
} from './index-kinds/index.ts';
export { parseKeyRange } from './key-range.ts';
export { isOwnIndex, orderIndexOf } from './order-index.ts';
export { type CachedPlan, PlanCache } from './plan-cache.ts';
export { planQuery, type QueryPlan } from './planner.ts';
export type { PlanChoice, PlannedSettings, QueryRequest } from './query-request.ts';
export {
  planCacheShape,
  queryShapeHash,
  type ShapedCommand,
  type ShapedQuery,
} from './query-shape.ts';
export { indexUse, noteScans } from './scan-counts.ts';
export { nextTurn, SliceClock } from './slice-clock.ts';
export { sortInSlices } from './sliced-sort.ts';
export { defaultSortSpace, type SortSpace } from './sort-space.ts';
export { Stage, Work, type WorkResult } from './stage.ts';
export { FastCount } from './stages/fast-count.ts';
export { FilterStage } from './stages/filter.ts';
export { Limit } from './stages/limit.ts';
export { type Examined, NestingStage } from './stages/nesting.ts';
export { Skip } from './stages/skip.ts';
export { Sort, type SortKeys } from './stages/sort.ts';
export { WithMetadata } from './stages/with-metadata.ts';
export { WouldWrite, type WriteDescription } from './stages/would-write.ts';
export { checkWithoutCollection } from './text-access.ts';
export { replaceEventLoop } from './turns.ts';
