/**
 * The documents of collections: record id -> checksum + BSON, in natural order.
 *
 * The oplog is read through the same functions (its `table` is `oplog`, its `keyPrefix` empty), but its
 * keys are GTIDs: `recordId` of such a cursor is the low half, which is not unique. Use `oplog-table`
 * where the GTID matters.
 *
 * Scans and borrowed records are not verified against their checksum (a scan would pay a third more);
 * `getRecord` and `verifyRecords` are.
 */

import type { CollectionInfo } from './catalog.ts';
import { checksumLength, verifyChecksum, withChecksum } from './checksum.ts';
import type { KeyValueCursor, Reader, WriteTransaction } from './engine.ts';
import { endOfPrefix, readUint64, writeUint64 } from './key-parts.ts';

/** Bytes in front of the document in a stored record. */
const recordHeaderLength = checksumLength;

/** Collection id u32, record id u64. */
export function recordKey(collectionId: number, recordId: number): Buffer {
  const key = Buffer.allocUnsafe(12);
  key.writeUInt32BE(collectionId, 0);
  writeUint64(key, recordId, 4);
  return key;
}

function recordIdOfKey(key: Buffer): number {
  return readUint64(key, key.length - 8);
}

function keyIn(info: CollectionInfo, recordId: number): Buffer {
  const prefix = info.keyPrefix;
  const key = Buffer.allocUnsafe(prefix.length + 8);
  prefix.copy(key, 0);
  writeUint64(key, recordId, prefix.length);
  return key;
}

const sharedKey = Buffer.alloc(12);

/** The key for a look-up, which keeps none of its keys: valid until the next one is made. */
function lookUpKey(info: CollectionInfo, recordId: number): Buffer {
  const { keyPrefix: prefix } = info;
  if (prefix.length !== 4) return keyIn(info, recordId);
  for (let i = 0; i < 4; i++) sharedKey[i] = prefix[i]!;
  writeUint64(sharedKey, recordId, 4);
  return sharedKey;
}

/** Inserts or replaces. */
export function putRecord(
  transaction: WriteTransaction,
  info: CollectionInfo,
  recordId: number,
  document: Buffer,
): void {
  transaction.put(info.table, keyIn(info, recordId), withChecksum(document));
}

export function hasRecord(reader: Reader, info: CollectionInfo, recordId: number): boolean {
  return reader.has(info.table, lookUpKey(info, recordId));
}

/** False if there was no such record. */
export function deleteRecord(
  transaction: WriteTransaction,
  info: CollectionInfo,
  recordId: number,
): boolean {
  return transaction.delete(info.table, keyIn(info, recordId));
}

/** A copy of the document, verified. */
export function getRecord(
  reader: Reader,
  info: CollectionInfo,
  recordId: number,
): Buffer | undefined {
  const value = reader.get(info.table, lookUpKey(info, recordId));
  if (value === undefined) return undefined;
  verifyChecksum(value, () => `${info.namespace}, record ${recordId}`);
  return value.subarray(recordHeaderLength);
}

/** A document inside a borrowed buffer: valid until the next read from the engine. */
export interface BorrowedRecord {
  readonly buffer: Buffer;
  /** Where the document starts. */
  readonly start: number;
}

export function borrowRecord(
  reader: Reader,
  info: CollectionInfo,
  recordId: number,
): BorrowedRecord | undefined {
  const buffer = reader.borrow(info.table, lookUpKey(info, recordId));
  return buffer === undefined ? undefined : { buffer, start: recordHeaderLength };
}

/** `buffer` and `start` are borrowed until the next read from the engine. */
export interface RecordCursor {
  next(): boolean;
  readonly recordId: number;
  readonly buffer: Buffer;
  readonly start: number;
  close(): void;
}

class CollectionCursor implements RecordCursor {
  readonly #cursor: KeyValueCursor;
  readonly start = recordHeaderLength;

  constructor(cursor: KeyValueCursor) {
    this.#cursor = cursor;
  }

  next(): boolean {
    return this.#cursor.next();
  }

  get recordId(): number {
    return recordIdOfKey(this.#cursor.key);
  }

  get buffer(): Buffer {
    return this.#cursor.value;
  }

  close(): void {
    this.#cursor.close();
  }
}

/**
 * Records in natural order, or newest first with `reverse`. `after` excludes the record itself, `from`
 * includes it; both mean "behind" in the direction of the scan.
 */
export function scanRecords(
  reader: Reader,
  info: CollectionInfo,
  options: {
    readonly after?: number;
    readonly from?: number;
    readonly reverse?: boolean;
  } = {},
): RecordCursor {
  const { after, from, reverse = false } = options;
  let lower: Buffer | undefined = info.keyPrefix;
  let upper = endOfPrefix(info.keyPrefix);
  if (reverse) {
    if (after !== undefined) upper = keyIn(info, after);
    else if (from !== undefined) upper = keyIn(info, from + 1);
  } else if (after !== undefined) {
    lower = keyIn(info, after + 1);
  } else if (from !== undefined) {
    lower = keyIn(info, from);
  }
  if (lower.length === 0) lower = undefined;
  return new CollectionCursor(
    reader.cursor(info.table, {
      reverse,
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
    }),
  );
}

/** The greatest record id in use, 0 when the collection is empty. */
export function lastRecordId(reader: Reader, info: CollectionInfo): number {
  const cursor = scanRecords(reader, info, { reverse: true });
  try {
    return cursor.next() ? cursor.recordId : 0;
  } finally {
    cursor.close();
  }
}

/** Verifies every checksum; returns the number of records. Long: for a reader of its own. */
export function verifyRecords(reader: Reader, info: CollectionInfo): number {
  const cursor = scanRecords(reader, info);
  let count = 0;
  try {
    while (cursor.next()) {
      verifyChecksum(cursor.buffer, () => `${info.namespace}, record ${cursor.recordId}`);
      count += 1;
    }
  } finally {
    cursor.close();
  }
  return count;
}
