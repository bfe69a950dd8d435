import { type Collation, isSameCollation } from '../../../bson/index.ts';
import type { Database } from '../../../database/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import { factsOf } from '../../../plan/index.ts';

type CollectionInfo = NonNullable<ReturnType<Database['catalog']['byNamespace']>>;

/** What a unique index promises of the paths of `$merge.on`. */
export interface SupportingIndex {
  /** It has no key for a document without them. */
  readonly isSparse: boolean;
}

/**
 * The unique index on these paths, in any order, that compares as the command does and holds all
 * documents. Throws 51183 when there is none.
 */
export function supportingIndex(
  collection: CollectionInfo | undefined,
  on: readonly string[],
  collation: Collation | undefined,
): SupportingIndex {
  if (collection === undefined && on.length === 1 && on[0] === '_id') return { isSparse: false };
  const suitable = (collection?.indexes ?? []).filter((index) => {
    if (index.state !== 'ready' || !(index.unique || index.isIdIndex)) return false;
    const facts = factsOf(index);
    if (facts.partialFilter !== undefined || !isSameCollation(facts.collation, collation))
      return false;
    const paths = index.keyPattern.map(({ path }) => path);
    return paths.length === on.length && on.every((path) => paths.includes(path));
  });
  if (suitable.length === 0) {
    throw new MongoServerError(
      51183,
      'Cannot find index to verify that join fields will be unique',
    );
  }
  return { isSparse: suitable.every((index) => factsOf(index).isSparse) };
}
