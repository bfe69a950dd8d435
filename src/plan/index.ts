/** The plan room: from a parsed query to a tree of stages that pulls documents out of the storage. */

export { DocumentArena } from './document-arena.ts';
export {
  type Batch,
  type BatchRequest,
  type InterruptCheck,
  maxBatchBytes,
  PlanExecutor,
  sliceMilliseconds,
} from './executor.ts';
export { type ExplainVerbosity, explainPlan } from './explain.ts';
export { explainFilter } from './explain-filter.ts';
export { type FoundRecord, findById } from './find-by-id.ts';
export { type Hint, parseHint } from './hint.ts';
export { planQuery, type QueryPlan, type QueryRequest } from './planner.ts';
export { Stage, type StageStats, Work, type WorkResult } from './stage.ts';
export { CollectionScan } from './stages/collection-scan.ts';
export { FilterStage } from './stages/filter.ts';
export { Limit } from './stages/limit.ts';
export { Skip } from './stages/skip.ts';
export { Sort, sortMemoryLimitBytes } from './stages/sort.ts';
