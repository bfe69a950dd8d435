import type { CollectionInfo } from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Database } from '../database.ts';
import type { OperationContext } from '../operation-context.ts';
import { existingCollection } from './collections.ts';
import { renameCollectionIn } from './definitions.ts';
import { sourceOf } from './view-definitions.ts';
import { refuseView } from './views.ts';

const commandFailed = 125;

/**
 * Gives a finished collection the name of another, which goes in the same step, if it is still the one
 * that was found (undefined: none) with the options and indexes it had.
 */
export async function replaceCollection(
  database: Database,
  operation: OperationContext,
  from: string,
  to: string,
  found: CollectionInfo | undefined,
): Promise<void> {
  await database.write(operation, from, (writer) => {
    const target = writer.catalog.byNamespace(to);
    if (target === undefined) refuseView(sourceOf(writer), to);
    if (!isUnchanged(found, target)) {
      throw new MongoServerError(
        commandFailed,
        `collection options or indexes of target collection ${to} changed during processing`,
      );
    }
    renameCollectionIn(writer, existingCollection(writer.catalog, from), to, target);
  });
}

function isUnchanged(found: CollectionInfo | undefined, now: CollectionInfo | undefined): boolean {
  if (found === undefined || now === undefined) return found === now;
  return (
    found.id === now.id &&
    found.options.equals(now.options) &&
    found.indexes.length === now.indexes.length &&
    found.indexes.every(({ id }, at) => id === now.indexes[at]!.id)
  );
}
