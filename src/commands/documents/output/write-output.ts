import type { PipelineOutput } from '../../../aggregation/index.ts';
import type { RawValue } from '../../../bson/index.ts';
import { effectiveCollation, type QueryCursor } from '../../../database/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import type { CommandContext } from '../../command.ts';
import type { ReadConcern } from '../../dispatch/read-concern.ts';
import type { Aggregate } from '../aggregate.ts';
import { aggregationContext } from '../cursor-reply.ts';
import { mergeInto } from './merge-into.ts';
import { replaceTarget } from './replace-target.ts';
import { supportingIndex } from './supporting-index.ts';
import { targetNamespace } from './target-namespace.ts';

/** Documents written at once, at most, and bytes of them. */
const batchDocuments = 1000;
const batchBytes = 4 * 1024 * 1024;

/** Takes the documents of one batch. */
export type BatchWriter = (documents: readonly RawValue[]) => Promise<void>;

/** Throws what is wrong with the place a pipeline writes to, before it reads anything. */
export function checkOutput(
  output: PipelineOutput,
  { collation, namespace }: Aggregate,
  context: CommandContext,
): void {
  const target = targetNamespace(output, context);
  if (output.stage === '$out') return;
  const { catalog } = context.database;
  const used = effectiveCollation(collation, catalog.byNamespace(namespace));
  supportingIndex(catalog.byNamespace(target), output.on, used);
}

/** Neither stage reads what must be the newest of all. */
export function checkOutputConcern(stage: string, { level }: ReadConcern): void {
  if (level !== 'linearizable') return;
  throw new MongoServerError(
    'InvalidOptions',
    `${stage} cannot be used with a 'linearizable' read concern level`,
  );
}

/** Runs a pipeline to its end and writes what comes out. */
export async function writeOutput(
  output: PipelineOutput,
  request: Aggregate,
  context: CommandContext,
  cursor: QueryCursor,
): Promise<void> {
  const namespace = targetNamespace(output, context);
  const run = async (write: BatchWriter): Promise<void> => {
    for (let isExhausted = false; !isExhausted; ) {
      const batch = await cursor.nextBatch({
        maxDocuments: batchDocuments,
        maxBytes: batchBytes,
        interrupt: context.operation,
      });
      isExhausted = batch.isExhausted;
      const documents = batch.documents.documents();
      if (documents.length > 0) await write(documents);
    }
  };
  try {
    if (output.stage === '$out') await replaceTarget(output, namespace, request, context, run);
    else await run(mergeInto(output, namespace, request, context));
  } catch (error) {
    throw error instanceof MongoServerError ? error.during(aggregationContext) : error;
  }
}
