/** What stages that read other collections have in common. */
import { MongoServerError } from '../../errors/index.ts';
import { NestingStage, type Stage } from '../../plan/index.ts';
import type { ForeignCollections, PipelineContext } from '../pipeline-stage.ts';

/** Throws where a pipeline has one collection only. */
export function foreignOf({ foreign }: PipelineContext, stage: string): ForeignCollections {
  if (foreign !== undefined) return foreign;
  throw new MongoServerError('NotImplemented', `Stage ${stage} is not implemented here`);
}

/** What the plans of a stage have looked at, as explain shows it; nothing of a stage that did not run. */
export function explainExamined(built: Stage | undefined): Record<string, unknown> {
  if (!(built instanceof NestingStage)) return {};
  const { keys, documents, collectionScans, indexes } = built.examined;
  return {
    totalDocsExamined: BigInt(documents),
    totalKeysExamined: BigInt(keys),
    collectionScans: BigInt(collectionScans),
    indexesUsed: [...indexes],
  };
}
