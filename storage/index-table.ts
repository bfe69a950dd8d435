/**
 * Index entries.
 *
 * Key: index id u32 + key string, + record id u64 unless the index is unique.
 * Value: unique -> record id u64 + type bits; else type bits.
 *
 * A key string over 1900 bytes is stored as its first 1900 bytes + FF + 16 bytes of its SHA-256, and the
 * value carries it whole, in front of the type bits, after its length (u32). Entries whose key strings agree
 * in the first 1900 bytes lie together but in the order of their hashes, so a scan sorts such a run in
 * memory. No document is refused for the length of its keys.
 *
 * Key strings must be self-delimiting: no complete one is a proper prefix of another. Bounds of a scan are
 * complete key strings, prefixes of them, or `afterPrefix` of either (a prefix + FF).
 */

import { createHash } from 'node:crypto';
import type { IndexInfo } from './catalog.ts';
import type { Reader, WriteTransaction } from './engine.ts';
import { readUint64, writeUint64 } from './key-parts.ts';

/** Key strings up to this length are stored as they are. */
export const maxInlineKeyLength = 1900;

/** Length of what stands for a longer key string in the key: no inline one is as long. */
export const longKeyLength = maxInlineKeyLength + 1 + 16;

/** Bytes of the index id. */
export const indexPrefixLength = 4;
const recordIdLength = 8;

/** Another record holds the key in a unique index. */
export class DuplicateKeyFound extends Error {
  override readonly name = 'DuplicateKeyFound';
  readonly index: IndexInfo;
  readonly keyString: Buffer;
  /** Of the record that holds the key. */
  readonly recordId: number;

  constructor(index: IndexInfo, keyString: Buffer, recordId: number) {
    super(`duplicate key in index ${index.name}`);
    this.index = index;
    this.keyString = keyString;
    this.recordId = recordId;
  }
}

/** The key string as it appears in a stored key. */
function storedForm(keyString: Buffer): Buffer {
  if (keyString.length <= maxInlineKeyLength) return keyString;
  const form = Buffer.allocUnsafe(longKeyLength);
  keyString.copy(form, 0, 0, maxInlineKeyLength);
  form[maxInlineKeyLength] = 0xff;
  createHash('sha256')
    .update(keyString)
    .digest()
    .copy(form, maxInlineKeyLength + 1, 0, 16);
  return form;
}

/** The key an entry is stored under. */
function indexEntryKey(index: IndexInfo, keyString: Buffer, recordId: number): Buffer {
  const form = storedForm(keyString);
  const suffix = index.unique ? 0 : recordIdLength;
  const key = Buffer.allocUnsafe(indexPrefixLength + form.length + suffix);
  key.writeUInt32BE(index.id, 0);
  form.copy(key, indexPrefixLength);
  if (!index.unique) writeUint64(key, recordId, indexPrefixLength + form.length);
  return key;
}

function indexEntryValue(
  index: IndexInfo,
  keyString: Buffer,
  typeBits: Buffer,
  recordId: number,
): Buffer {
  const isLong = keyString.length > maxInlineKeyLength;
  if (!index.unique && !isLong) return typeBits;
  const idLength = index.unique ? recordIdLength : 0;
  const longLength = isLong ? 4 + keyString.length : 0;
  const value = Buffer.allocUnsafe(idLength + longLength + typeBits.length);
  if (index.unique) writeUint64(value, recordId, 0);
  if (isLong) {
    value.writeUInt32BE(keyString.length, idLength);
    keyString.copy(value, idLength + 4);
  }
  typeBits.copy(value, idLength + longLength);
  return value;
}

/**
 * Throws `DuplicateKeyFound` when a unique index holds the key for another record. The same key of the
 * same record (an array with equal elements) is stored once.
 */
export function insertIndexKey(
  transaction: WriteTransaction,
  index: IndexInfo,
  keyString: Buffer,
  typeBits: Buffer,
  recordId: number,
): void {
  const key = indexEntryKey(index, keyString, recordId);
  if (index.unique) {
    const existing = transaction.borrow('index', key);
    if (existing !== undefined) {
      const holder = readUint64(existing, 0);
      if (holder === recordId) return;
      throw new DuplicateKeyFound(index, keyString, holder);
    }
  }
  transaction.put('index', key, indexEntryValue(index, keyString, typeBits, recordId));
}

/** False if this record has no such entry; another record's entry is left alone. */
export function deleteIndexKey(
  transaction: WriteTransaction,
  index: IndexInfo,
  keyString: Buffer,
  recordId: number,
): boolean {
  const key = indexEntryKey(index, keyString, recordId);
  if (index.unique) {
    const existing = transaction.borrow('index', key);
    if (existing === undefined || readUint64(existing, 0) !== recordId) return false;
  }
  return transaction.delete('index', key);
}

/** The record that holds the key in a unique index. */
export function findUnique(
  reader: Reader,
  index: IndexInfo,
  keyString: Buffer,
): number | undefined {
  if (!index.unique) throw new Error(`index ${index.name} is not unique`);
  const value = reader.borrow('index', indexEntryKey(index, keyString, 0));
  return value === undefined ? undefined : readUint64(value, 0);
}

/** Whether the index has this entry for this record. */
export function hasIndexKey(
  reader: Reader,
  index: IndexInfo,
  keyString: Buffer,
  recordId: number,
): boolean {
  if (index.unique) return findUnique(reader, index, keyString) === recordId;
  return reader.has('index', indexEntryKey(index, keyString, recordId));
}
