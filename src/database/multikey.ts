import { type CollectionInfo, putCollection, type WriteTransaction } from '../../storage/index.ts';
import type { MultikeyBefore } from './pre-image.ts';
import { type IndexChange, withMultikey } from './record-writer.ts';
import type { WriterState } from './writer.ts';

/**
 * Writes multikey flags that `changes` set for the first time to the catalog, and returns what they
 * were, so that undo can take them back.
 */
export function noteMultikey(
  transaction: WriteTransaction,
  state: Pick<WriterState, 'catalog'>,
  info: CollectionInfo,
  changes: readonly IndexChange[],
): MultikeyBefore[] {
  const next = withMultikey(info, changes);
  if (next === info) return [];
  putCollection(transaction, next);
  state.catalog = state.catalog.with(next);
  const before: MultikeyBefore[] = [];
  for (let at = 0; at < info.indexes.length; at += 1) {
    const was = info.indexes[at];
    if (was !== undefined && was !== next.indexes[at]) {
      before.push({ indexId: was.id, was: was.multikeyPaths });
    }
  }
  return before;
}

/** The exact inverse of `noteMultikey`. */
export function restoreMultikey(
  transaction: WriteTransaction,
  state: Pick<WriterState, 'catalog'>,
  info: CollectionInfo,
  before: readonly MultikeyBefore[],
): void {
  if (before.length === 0) return;
  const indexes = info.indexes.map((index) => {
    const restored = before.find(({ indexId }) => indexId === index.id);
    return restored === undefined ? index : { ...index, multikeyPaths: restored.was };
  });
  const restored = { ...info, indexes };
  putCollection(transaction, restored);
  state.catalog = state.catalog.with(restored);
}
