import type { Pipeline } from '../../aggregation/index.ts';
import type { Collation } from '../../bson/index.ts';
import { type Database, emptyFilter } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Filter } from '../../query/index.ts';

type CollectionInfo = NonNullable<ReturnType<Database['catalog']['byNamespace']>>;

/** What the front of a pipeline asks of a collection. Throws when a `$geoNear` finds no index there. */
export function frontFilter(
  { front }: Pipeline,
  collection: CollectionInfo | undefined,
  namespace: string,
  collation: Collation | undefined,
): Filter {
  const { near, filter } = front;
  if (near === undefined) return filter ?? emptyFilter(collation);
  if (collection === undefined) {
    throw new MongoServerError('NamespaceNotFound', `ns not found: ${namespace}`);
  }
  return near.filterAt(near.key ?? onlyPlaceField(collection));
}

/** The field of the only `2d` index, else of the only `2dsphere` index. */
function onlyPlaceField({ indexes, namespace }: CollectionInfo): string {
  for (const wanted of ['2d', '2dsphere']) {
    const paths = indexes.flatMap(({ keyPattern }) => {
      const part = keyPattern.find(({ kind }) => kind === wanted);
      return part === undefined ? [] : [part.path];
    });
    const [path, ...others] = paths;
    if (others.length > 0) {
      throw new MongoServerError(
        'IndexNotFound',
        `There is more than one ${wanted} index on ${namespace}; unsure which to use for $geoNear`,
      );
    }
    if (path !== undefined) return path;
  }
  throw new MongoServerError(
    'IndexNotFound',
    '$geoNear requires a 2d or 2dsphere index, but none were found',
  );
}
