/** Every kind of index there is, by what its key pattern says. */
import type { IndexKeyPart } from '../../../storage/index.ts';
import { hashedIndex } from './hashed.ts';
import type { IndexKind } from './index-kind.ts';
import { orderedIndex } from './ordered.ts';
import { planeIndex } from './plane.ts';
import { sphereIndex } from './sphere.ts';
import { textIndex } from './text.ts';
import { wildcardIndex } from './wildcard.ts';
import { isWildcardPath } from './wildcard-keys.ts';

export type { IndexCandidate, IndexKind, SortPaths } from './index-kind.ts';
export { isWildcardPath } from './wildcard-keys.ts';
export { wildcardPaths } from './wildcard-projection.ts';

const kinds: readonly IndexKind[] = [
  orderedIndex,
  hashedIndex,
  planeIndex,
  sphereIndex,
  textIndex,
  wildcardIndex,
];

/** What a key pattern may say in place of a direction. */
export const knownKinds: ReadonlySet<string> = new Set(
  kinds.map(({ name }) => name).filter((name) => name !== orderedIndex.name),
);

/** Known to MongoDB, but not there yet. */
export const missingKinds: ReadonlySet<string> = new Set(['2dsphere_bucket']);

/** The kind of an index is what one of its fields says in place of a direction. */
export function kindOf(keyPattern: readonly IndexKeyPart[]): IndexKind {
  if (keyPattern.some(({ path, kind }) => kind === undefined && isWildcardPath(path))) {
    return wildcardIndex;
  }
  const named = keyPattern.find(({ kind }) => kind !== undefined)?.kind;
  return kinds.find(({ name }) => name === named) ?? orderedIndex;
}
