/** How often plans that ran have read each collection whole, since this member started: for $collStats. */
import type { CollectionInfo } from '../../storage/index.ts';

export interface CollectionScans {
  total: number;
  nonTailable: number;
}

/** By the bytes of the UUID, which are this member's own and outlast other changes of the collection. */
const scans = new WeakMap<Buffer, CollectionScans>();

export function noteCollectionScan({ uuid }: CollectionInfo, isTailable: boolean): void {
  let counts = scans.get(uuid);
  if (counts === undefined) {
    counts = { total: 0, nonTailable: 0 };
    scans.set(uuid, counts);
  }
  counts.total += 1;
  if (!isTailable) counts.nonTailable += 1;
}

export function collectionScansOf({ uuid }: CollectionInfo): Readonly<CollectionScans> {
  return scans.get(uuid) ?? { total: 0, nonTailable: 0 };
}
