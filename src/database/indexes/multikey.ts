import {
  type CatalogState,
  type CollectionInfo,
  type IndexInfo,
  putCollection,
  type WriteTransaction,
} from '../../../storage/index.ts';
import type { MultikeyBefore } from '../oplog/pre-image.ts';
import { type IndexChange, withMultikey } from '../writes/record-writer.ts';
import type { WriterState } from '../writes/writer.ts';

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

/**
 * `shown` with the flags that `newest` has set besides. Readers plan by the catalog of what is durable,
 * but meet the keys of a commit an instant before they are told of it. A plan for a multikey index
 * is right for one that is not, so the flags are shown before the keys can be seen.
 */
export function withMultikeyOf(shown: CatalogState, newest: CatalogState): CatalogState {
  let result = shown;
  if (shown === newest) return result;
  for (const info of shown.collections()) {
    const ahead = newest.byId(info.id);
    if (ahead === undefined || ahead === info) continue;
    const indexes = info.indexes.map((index) => withFlagsOf(index, ahead));
    if (indexes.some((index, at) => index !== info.indexes[at])) {
      result = result.with({ ...info, indexes });
    }
  }
  return result;
}

function withFlagsOf(index: IndexInfo, { indexes }: CollectionInfo): IndexInfo {
  const ahead = indexes.find(({ id }) => id === index.id);
  if (ahead?.multikeyPaths.some((flag, at) => flag && index.multikeyPaths[at] !== true) !== true) {
    return index;
  }
  const { multikeyPaths } = index;
  return {
    ...index,
    multikeyPaths: multikeyPaths.map((flag, at) => flag || ahead.multikeyPaths[at] === true),
  };
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
