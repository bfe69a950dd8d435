/** The aggregation room: pipelines and their stages. */

export { explainStages, Pipeline, parsePipeline, type StageResults } from './pipeline.ts';
export type { StageSource } from './pipeline-stage.ts';
export { readCollStats } from './stages/coll-stats-argument.ts';
export { searchIndexesNotEnabled } from './stages/search.ts';
