/** How often each index was used by a plan that ran, since this member started: for $indexStats. */
import type { IndexInfo } from '../../storage/index.ts';
import type { Stage } from './stage.ts';
import { IndexScan } from './stages/index-scan.ts';

/**
 * By specification, whose bytes are this member's own and stay the same while flags of the index
 * change. A collMod that changes the specification begins anew.
 */
const uses = new WeakMap<Buffer, { count: number }>();

/** Notes every index that the plan below `root` scans. */
export function noteIndexUse(root: Stage): void {
  if (root instanceof IndexScan) {
    const { spec } = root.bounds.index;
    const use = uses.get(spec);
    if (use === undefined) uses.set(spec, { count: 1 });
    else use.count += 1;
  }
  for (const child of root.children) noteIndexUse(child);
}

export function indexUse({ spec }: IndexInfo): number {
  return uses.get(spec)?.count ?? 0;
}
