import type { CollectionInfo } from '../../../storage/index.ts';
import type { Database } from '../database.ts';
import type { OperationContext } from '../operation-context.ts';
import { type CollectionOptions, withOptions } from './collection-options.ts';
import { existingCollection } from './collections.ts';
import { changeOptionsIn } from './definitions.ts';

/**
 * Gives a collection other options. `decide` sees the collection as the write finds it, and answers
 * what changes, or throws. Documents stay as they are.
 */
export async function changeOptions(
  database: Database,
  operation: OperationContext,
  namespace: string,
  decide: (info: CollectionInfo) => CollectionOptions,
): Promise<void> {
  await database.write(operation, namespace, (writer) => {
    const info = existingCollection(writer.catalog, namespace);
    const options = withOptions(info.options, decide(info));
    if (!options.equals(info.options)) changeOptionsIn(writer, info, options);
  });
}
