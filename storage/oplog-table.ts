/**
 * The oplog: GTID (16 bytes, big-endian) -> checksum + BSON entry, so that it scans like records.
 *
 * Its count and bytes are kept exact in the `stat` table, in the same transaction. There are no
 * size markers: the oldest entry is found in one seek, and truncation deletes entry by entry anyway.
 */

import { checksumLength, verifyChecksum, withChecksum } from './checksum.ts';
import type { KeyRange, KeyValueCursor, Reader, WriteTransaction } from './engine.ts';
import { adjustStatRow, type CollectionStat, readStatRow } from './stat-table.ts';

const gtidLength = 16;
const statKey = Buffer.from('oplog');

/** A copy, verified. */
export interface OplogEntry {
  /** 16 bytes. */
  readonly gtid: Buffer;
  /** BSON. */
  readonly entry: Buffer;
}

function checkGtid(gtid: Buffer): void {
  if (gtid.length !== gtidLength) throw new Error('a GTID key has 16 bytes');
}

function copyOf(gtid: Buffer, value: Buffer): OplogEntry {
  verifyChecksum(value, () => `oplog entry ${gtid.toString('hex')}`);
  return { gtid: Buffer.from(gtid), entry: Buffer.from(value.subarray(checksumLength)) };
}

/** `gtid` must be greater than every other in the log. */
export function appendEntry(transaction: WriteTransaction, gtid: Buffer, entry: Buffer): void {
  checkGtid(gtid);
  transaction.append('oplog', gtid, withChecksum(entry));
  adjustStatRow(transaction, statKey, 1, entry.length);
}

/** For rollback; false if it is not there. */
export function deleteEntry(transaction: WriteTransaction, gtid: Buffer): boolean {
  checkGtid(gtid);
  const value = transaction.borrow('oplog', gtid);
  if (value === undefined) return false;
  const bytes = value.length - checksumLength;
  transaction.delete('oplog', gtid);
  adjustStatRow(transaction, statKey, -1, -bytes);
  return true;
}

export function entryAt(reader: Reader, gtid: Buffer): OplogEntry | undefined {
  checkGtid(gtid);
  const value = reader.get('oplog', gtid);
  return value === undefined ? undefined : copyOf(gtid, value);
}

function firstOf(reader: Reader, range: KeyRange): OplogEntry | undefined {
  const cursor = reader.cursor('oplog', range);
  try {
    return cursor.next() ? copyOf(cursor.key, cursor.value) : undefined;
  } finally {
    cursor.close();
  }
}

export function firstEntry(reader: Reader): OplogEntry | undefined {
  return firstOf(reader, {});
}

export function lastEntry(reader: Reader): OplogEntry | undefined {
  return firstOf(reader, { reverse: true });
}

export function oplogSize(reader: Reader): CollectionStat {
  return readStatRow(reader, statKey);
}

/** `gtid` is borrowed until the next call here; `buffer` until the next read from the engine. */
export interface OplogCursor {
  next(): boolean;
  readonly gtid: Buffer;
  readonly buffer: Buffer;
  /** Where the entry starts in `buffer`. */
  readonly start: number;
  close(): void;
}

class EntryCursor implements OplogCursor {
  readonly #cursor: KeyValueCursor;
  /** The entry to leave out, if it comes first. */
  #skip: Buffer | undefined;
  readonly start = checksumLength;

  constructor(cursor: KeyValueCursor, skip: Buffer | undefined) {
    this.#cursor = cursor;
    this.#skip = skip;
  }

  next(): boolean {
    if (!this.#cursor.next()) return false;
    const skip = this.#skip;
    if (skip === undefined) return true;
    this.#skip = undefined;
    return Buffer.compare(this.#cursor.key, skip) === 0 ? this.#cursor.next() : true;
  }

  get gtid(): Buffer {
    return this.#cursor.key;
  }

  get buffer(): Buffer {
    return this.#cursor.value;
  }

  close(): void {
    this.#cursor.close();
  }
}

/** Oldest first, or newest first with `reverse`. `after` leaves out the entry itself, `from` does not. */
export function scanOplog(
  reader: Reader,
  options: { readonly after?: Buffer; readonly from?: Buffer; readonly reverse?: boolean } = {},
): OplogCursor {
  const { after, from, reverse = false } = options;
  const start = after ?? from;
  if (start !== undefined) checkGtid(start);
  let range: KeyRange = { reverse };
  if (start !== undefined) {
    range = reverse
      ? // Sixteen bytes and a zero: just behind the entry itself.
        { reverse, upper: after ?? Buffer.concat([start, Buffer.alloc(1)]) }
      : { reverse, lower: start };
  }
  return new EntryCursor(reader.cursor('oplog', range), reverse ? undefined : after);
}

export interface TruncationLimits {
  /** Truncate until the log holds no more than this. */
  readonly maxBytes: number;
  /** The oldest GTID somebody still needs: it and what follows stay. Undefined: nothing may go. */
  readonly floor: Buffer | undefined;
  /** Entries to delete in this transaction at most; default 1000. */
  readonly maxDeletes?: number;
}

/** Deletes from the old end; returns how many entries went. Never the newest one. */
export function truncateOplog(transaction: WriteTransaction, limits: TruncationLimits): number {
  const { maxBytes, floor, maxDeletes = 1000 } = limits;
  const { count, bytes } = oplogSize(transaction);
  if (floor === undefined || bytes <= maxBytes) return 0;
  const doomed: Buffer[] = [];
  let doomedBytes = 0;
  const cursor = transaction.cursor('oplog', { upper: floor });
  try {
    while (doomed.length < Math.min(maxDeletes, count - 1) && bytes - doomedBytes > maxBytes) {
      if (!cursor.next()) break;
      doomed.push(Buffer.from(cursor.key));
      doomedBytes += cursor.value.length - checksumLength;
    }
  } finally {
    cursor.close();
  }
  for (const gtid of doomed) transaction.delete('oplog', gtid);
  adjustStatRow(transaction, statKey, -doomed.length, -doomedBytes);
  return doomed.length;
}
