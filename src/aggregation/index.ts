/** The aggregation room: pipelines and their stages. */

export { type PipelineHome, parsePipeline } from './parse-pipeline.ts';
export { explainStages, Pipeline, type StageResults } from './pipeline.ts';
export type { MergeTarget, OutTarget, PipelineOutput } from './pipeline-output.ts';
export type {
  ForeignCollections,
  ForeignNamespace,
  ForeignPlan,
  StageSource,
} from './pipeline-stage.ts';
export { readCollStats } from './stages/coll-stats-argument.ts';
export { searchIndexesNotEnabled } from './stages/search.ts';
