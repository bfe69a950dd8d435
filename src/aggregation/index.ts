/** The aggregation room: pipelines, expressions, accumulators. */

export { operators as expressionOperators } from './expressions/index.ts';
export {
  type BuildOptions,
  explainStages,
  maxPipelineStages,
  Pipeline,
  type PipelineFront,
  parsePipeline,
} from './pipeline.ts';
export type { PipelineContext, PipelineStage, StageSource } from './pipeline-stage.ts';
export { stages as pipelineStages } from './stages/index.ts';
