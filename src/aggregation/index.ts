/** The aggregation room: pipelines, expressions, accumulators. */

export { explainStages, Pipeline, parsePipeline } from './pipeline.ts';
export type { StageSource } from './pipeline-stage.ts';
