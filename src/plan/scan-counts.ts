/** How often each index was used by a plan that ran, since this member started: for $indexStats. */
import type { IndexInfo } from '../../storage/index.ts';
import { noteCollectionScan } from './collection-scans.ts';
import type { Stage } from './stage.ts';
import { ClusteredScan } from './stages/clustered-scan.ts';
import { CollectionScan } from './stages/collection-scan.ts';
import { IndexScan } from './stages/index-scan.ts';

/**
 * By specification, whose bytes are this member's own and stay the same while flags of the index
 * change. A collMod that changes the specification begins anew.
 */
const uses = new WeakMap<Buffer, { count: number }>();

/** Notes what the plan below `root` scans: indexes, or a collection. */
export function noteScans(root: Stage): void {
  if (root instanceof IndexScan) {
    const { spec } = root.bounds.index;
    const use = uses.get(spec);
    if (use === undefined) uses.set(spec, { count: 1 });
    else use.count += 1;
  } else if (root instanceof CollectionScan) {
    noteCollectionScan(root.collection, root.isTailable);
  } else if (root instanceof ClusteredScan && root.name === 'COLLSCAN') {
    noteCollectionScan(root.collection, false);
  }
  for (const child of root.children) noteScans(child);
}

export function indexUse({ spec }: IndexInfo): number {
  return uses.get(spec)?.count ?? 0;
}
