/**
 * Dropped collections and indexes whose keys are still there.
 *
 * A drop is instant: the catalog row goes and a row here comes, in one transaction. The reaper deletes
 * the keys later in small slices. Until the commit point has passed the drop it may be undone, so a
 * row carries the GTID of the drop and the reaper asks before it touches anything.
 *
 * Row: kind (1 byte: `d` documents and statistics, `i` index entries) + id u32 -> GTID 16 bytes.
 */

import type { Engine, Reader, WriteTransaction } from './engine.ts';
import { endOfPrefix, uint32Key } from './key-parts.ts';
import { deleteStat } from './stat-table.ts';

/** Keys the reaper deletes in one transaction at most. */
const maxReapedKeys = 1000;

export interface DroppedIds {
  readonly collectionId?: number;
  readonly indexIds: readonly number[];
}

const documents = 'd'.charCodeAt(0);
const indexEntries = 'i'.charCodeAt(0);

function rowKey(kind: number, id: number): Buffer {
  return Buffer.concat([Buffer.from([kind]), uint32Key(id)]);
}

function rowKeys({ collectionId, indexIds }: DroppedIds): Buffer[] {
  const keys = indexIds.map((id) => rowKey(indexEntries, id));
  if (collectionId !== undefined) keys.push(rowKey(documents, collectionId));
  return keys;
}

/** Marks the data for the reaper. The caller removes or changes the catalog row. */
export function dropCollectionData(
  transaction: WriteTransaction,
  ids: DroppedIds,
  gtid: Buffer,
): void {
  for (const key of rowKeys(ids)) transaction.put('drop', key, gtid);
}

/** Takes a drop back: the data is as it was. The caller restores the catalog row. */
export function restoreDroppedData(transaction: WriteTransaction, ids: DroppedIds): void {
  for (const key of rowKeys(ids)) {
    if (!transaction.delete('drop', key)) throw new Error('nothing to restore: already reaped');
  }
}

interface DroppedRange {
  readonly key: Buffer;
  readonly kind: number;
  readonly id: number;
}

function nextRange(reader: Reader, mayReap: (gtid: Buffer) => boolean): DroppedRange | undefined {
  const cursor = reader.cursor('drop', {});
  try {
    while (cursor.next()) {
      if (!mayReap(Buffer.from(cursor.value))) continue;
      const key = Buffer.from(cursor.key);
      return { key, kind: key[0]!, id: key.readUInt32BE(1) };
    }
    return undefined;
  } finally {
    cursor.close();
  }
}

function reapSlice(
  transaction: WriteTransaction,
  range: DroppedRange,
  maxKeys: number,
): { readonly deleted: number } {
  const table = range.kind === documents ? 'doc' : 'index';
  const lower = uint32Key(range.id);
  const upper = endOfPrefix(lower);
  const doomed: Buffer[] = [];
  const cursor = transaction.cursor(table, upper === undefined ? { lower } : { lower, upper });
  try {
    while (doomed.length < maxKeys && cursor.next()) doomed.push(Buffer.from(cursor.key));
  } finally {
    cursor.close();
  }
  for (const key of doomed) transaction.delete(table, key);
  if (doomed.length < maxKeys) {
    transaction.delete('drop', range.key);
    if (range.kind === documents) deleteStat(transaction, range.id);
  }
  return { deleted: doomed.length };
}

/**
 * Deletes one slice of dropped data, of a drop that `mayReap` allows by its GTID.
 * Resolves to the number of keys deleted, or undefined when there is nothing to do.
 */
export async function reapDroppedData(
  engine: Engine,
  mayReap: (gtid: Buffer) => boolean,
  maxKeys = maxReapedKeys,
): Promise<number | undefined> {
  if (nextRange(engine.latest, mayReap) === undefined) return undefined;
  return engine.write((transaction) => {
    const range = nextRange(transaction, mayReap);
    return range === undefined ? undefined : reapSlice(transaction, range, maxKeys).deleted;
  });
}
