/** Stages as explain and `$planCacheStats` show them. */
import { type PlanTrial, totalOf } from './plan-trial.ts';
import type { Stage } from './stage.ts';

export interface ExecutionFacts {
  readonly returned: number;
  readonly milliseconds: number;
}

/** A plan's trial, in `allPlansExecution` and in `$planCacheStats`. */
export function describeTrial({ root, results, score }: PlanTrial): Record<string, unknown> {
  return {
    nReturned: results,
    executionTimeMillisEstimate: 0,
    totalKeysExamined: totalOf(root, (stage) => stage.keysExamined),
    totalDocsExamined: totalOf(root, (stage) => stage.documentsExamined),
    score,
    executionStages: measureStage(root, undefined),
  };
}

/** A stage and those below it, as planned. */
export function describeStage(stage: Stage): Record<string, unknown> {
  return {
    stage: stage.name,
    ...stage.explainFields(),
    ...below(stage, describeStage),
  };
}

/** A stage and those below it, with what they did. */
export function measureStage(
  stage: Stage,
  execution: ExecutionFacts | undefined,
): Record<string, unknown> {
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
    ...below(stage, (child) => measureStage(child, execution)),
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
