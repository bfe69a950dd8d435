import { Binary } from 'bson';
import type { CatalogState } from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { splitNamespace } from './namespaces.ts';

/**
 * A command may say by `collectionUUID` which collection it means: throws CollectionUUIDMismatch
 * unless the one of this name has it. The error tells where the collection is now, if it is in the
 * same database.
 */
export function checkCollectionUuid(
  catalog: CatalogState,
  namespace: string,
  uuid: Buffer | undefined,
): void {
  if (uuid === undefined || catalog.byNamespace(namespace)?.uuid.equals(uuid) === true) return;
  const { database, collection } = splitNamespace(namespace);
  const actual = [...catalog.collections()].find((info) => info.uuid.equals(uuid));
  const found = actual && splitNamespace(actual.namespace);
  throw new MongoServerError(
    'CollectionUUIDMismatch',
    'Collection UUID does not match that specified',
    {
      fields: {
        db: database,
        collectionUUID: new Binary(uuid, 4),
        expectedCollection: collection,
        actualCollection: found?.database === database ? found.collection : null,
      },
    },
  );
}
