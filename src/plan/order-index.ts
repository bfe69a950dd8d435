import type { CollectionInfo, IndexInfo } from '../../storage/index.ts';
import { factsOf } from './index-facts.ts';

/**
 * The index whose order is the natural order of the collection: of a clustered one that on `_id`, of a
 * time series the server's own on the time.
 */
export function orderIndexOf({ indexes: [first] }: CollectionInfo): IndexInfo | undefined {
  return first !== undefined && factsOf(first).isClustered ? first : undefined;
}

/** No client has asked for it, and none may name it. */
export function isOwnIndex(index: IndexInfo): boolean {
  return !index.isIdIndex && factsOf(index).isClustered;
}
