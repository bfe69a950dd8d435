/**
 * Exact counts and bytes per collection, changed in the transaction that changes the records.
 * Row: collection id u32 -> count u64, bytes u64. The oplog's row has the key `oplog`.
 *
 * A body that changes many records adds up first and calls `adjustStat` once.
 */

import type { Reader, WriteTransaction } from './engine.ts';
import { readUint64, uint32Key, writeUint64 } from './key-parts.ts';

export interface CollectionStat {
  readonly count: number;
  /** Of the documents, without headers and keys. */
  readonly bytes: number;
}

const zero: CollectionStat = { count: 0, bytes: 0 };

export function readStatRow(reader: Reader, key: Buffer): CollectionStat {
  const row = reader.borrow('stat', key);
  if (row === undefined) return zero;
  return { count: readUint64(row, 0), bytes: readUint64(row, 8) };
}

export function writeStatRow(
  transaction: WriteTransaction,
  key: Buffer,
  stat: CollectionStat,
): void {
  const row = Buffer.allocUnsafe(16);
  writeUint64(row, stat.count, 0);
  writeUint64(row, stat.bytes, 8);
  transaction.put('stat', key, row);
}

export function readStat(reader: Reader, collectionId: number): CollectionStat {
  return readStatRow(reader, uint32Key(collectionId));
}

/** Adds to a row; the deltas may be negative, the result may not. */
export function adjustStatRow(
  transaction: WriteTransaction,
  key: Buffer,
  count: number,
  bytes: number,
): void {
  if (count === 0 && bytes === 0) return;
  const before = readStatRow(transaction, key);
  const after = { count: before.count + count, bytes: before.bytes + bytes };
  if (after.count < 0 || after.bytes < 0) {
    throw new Error(`the statistics of ${key.toString('hex')} would become negative`);
  }
  writeStatRow(transaction, key, after);
}

export function adjustStat(
  transaction: WriteTransaction,
  collectionId: number,
  count: number,
  bytes: number,
): void {
  adjustStatRow(transaction, uint32Key(collectionId), count, bytes);
}

export function deleteStat(transaction: WriteTransaction, collectionId: number): void {
  transaction.delete('stat', uint32Key(collectionId));
}
