/** The collation an operation on a collection has: its own, or else the collection's default. */
import type { CollectionInfo } from '../../../storage/index.ts';
import { findField } from '../../bson/index.ts';
import {
  type GivenCollation,
  type LocaleCollation,
  parseCollation,
} from '../../collation/index.ts';

const emptyDocumentLength = 5;

/** By the bytes of the options, which every version of a collection's row shares. */
const known = new WeakMap<Buffer, { readonly collation: LocaleCollation | undefined }>();

/** Undefined: the simple collation, the order of bytes. */
export function defaultCollation(
  collection: Pick<CollectionInfo, 'options'> | undefined,
): LocaleCollation | undefined {
  if (collection === undefined || collection.options.length === emptyDocumentLength) {
    return undefined;
  }
  let found = known.get(collection.options);
  if (found === undefined) {
    const given = findField(collection.options, 0, 'collation');
    found = { collation: (given && parseCollation(given)) ?? undefined };
    known.set(collection.options, found);
  }
  return found.collation;
}

/** `given` undefined: the operation names none. */
export function effectiveCollation(
  given: GivenCollation | undefined,
  collection: Pick<CollectionInfo, 'options'> | undefined,
): LocaleCollation | undefined {
  return given === undefined ? defaultCollation(collection) : (given ?? undefined);
}
