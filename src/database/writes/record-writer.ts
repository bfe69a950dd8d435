/**
 * A record and its index keys change together. These primitives check nothing a client could have
 * got wrong: the primary plans first (`findDuplicate`), a secondary repeats what the primary did.
 *
 * Both must leave the same bytes, so everything here depends on the documents and the catalog only.
 */

import {
  adjustStat,
  type CollectionInfo,
  deleteIndexKey,
  deleteRecord,
  findUnique,
  getRecord,
  hasRecord,
  type IndexInfo,
  insertIndexKey,
  putRecord,
  type Reader,
  scanIndex,
  type WriteTransaction,
} from '../../../storage/index.ts';
import { factsOf } from '../../plan/index.ts';
import type { IndexKey } from '../../query/index.ts';
import { entriesOf } from '../indexes/index-entries.ts';

/** Keys of one index that a change adds and removes. */
export interface IndexChange {
  readonly index: IndexInfo;
  readonly added: readonly IndexKey[];
  readonly removed: readonly IndexKey[];
  /** Per key field: this document has an array there. */
  readonly multikey: readonly boolean[];
}

export interface Duplicate {
  readonly index: IndexInfo;
  readonly key: IndexKey;
  readonly recordId: number;
}

const noKeys: readonly IndexKey[] = [];
const noFlags: readonly boolean[] = [];

/** A build gives a record its keys when it comes to it; until then nobody else does. */
function awaitsBuild(index: IndexInfo, recordId: number): boolean {
  return index.state === 'building' && recordId > (index.buildPosition ?? 0);
}

/** Index keys of a document that was not there before. */
export function changesOfInsert(
  info: CollectionInfo,
  recordId: number,
  document: Buffer,
): IndexChange[] {
  const changes: IndexChange[] = [];
  for (const index of info.indexes) {
    if (awaitsBuild(index, recordId)) continue;
    const { keys, multikey } = entriesOf(index, document, 0);
    changes.push({ index, added: keys, removed: noKeys, multikey });
  }
  return changes;
}

export function changesOfDelete(
  info: CollectionInfo,
  recordId: number,
  document: Buffer,
): IndexChange[] {
  const changes: IndexChange[] = [];
  for (const index of info.indexes) {
    if (awaitsBuild(index, recordId)) continue;
    const { keys } = entriesOf(index, document, 0);
    changes.push({ index, added: noKeys, removed: keys, multikey: noFlags });
  }
  return changes;
}

/**
 * Index keys that differ between two versions of a document. With `changedPaths`, indexes on other
 * paths are not looked at.
 */
export function changesOfUpdate(
  info: CollectionInfo,
  recordId: number,
  before: Buffer,
  after: Buffer,
  changedPaths?: readonly string[],
): IndexChange[] {
  const changes: IndexChange[] = [];
  for (const index of info.indexes) {
    if (index.isIdIndex || awaitsBuild(index, recordId)) continue;
    if (changedPaths !== undefined && !touches(index, changedPaths)) continue;
    const old = entriesOf(index, before, 0).keys;
    const { keys, multikey } = entriesOf(index, after, 0);
    const added = keysOnlyIn(keys, old);
    const removed = keysOnlyIn(old, keys);
    if (added.length > 0 || removed.length > 0 || multikey.includes(true)) {
      changes.push({ index, added, removed, multikey });
    }
  }
  return changes;
}

/** Few keys are compared pair by pair; many (a long array) through a set. */
function keysOnlyIn(keys: readonly IndexKey[], others: readonly IndexKey[]): readonly IndexKey[] {
  if (keys.length * others.length <= 64) {
    return keys.filter((key) => !others.some((other) => sameKey(key, other)));
  }
  const known = new Set(others.map(fingerprint));
  return keys.filter((key) => !known.has(fingerprint(key)));
}

function fingerprint({ keyString, typeBits }: IndexKey): string {
  return `${keyString.toString('latin1')}/${typeBits.toString('latin1')}`;
}

function sameKey(a: IndexKey, b: IndexKey): boolean {
  return a.keyString.equals(b.keyString) && a.typeBits.equals(b.typeBits);
}

function touches(index: IndexInfo, changedPaths: readonly string[]): boolean {
  const { paths } = factsOf(index);
  if (paths === undefined) return true;
  for (const path of paths) {
    for (const changed of changedPaths) {
      if (path === changed || path.startsWith(`${changed}.`) || changed.startsWith(`${path}.`)) {
        return true;
      }
      // A numeric component may address an element of an array the index path runs through.
      if (/\.\d+(\.|$)/.test(changed) && touchesWithoutPositions(path, changed)) return true;
    }
  }
  return false;
}

function touchesWithoutPositions(path: string, changed: string): boolean {
  const without = changed
    .split('.')
    .filter((part, at) => at === 0 || !/^\d+$/.test(part))
    .join('.');
  return path === without || path.startsWith(`${without}.`) || without.startsWith(`${path}.`);
}

/** The first unique key another record already holds. */
export function findDuplicate(
  reader: Reader,
  changes: readonly IndexChange[],
  ownRecordId: number,
): Duplicate | undefined {
  for (const { index, added } of changes) {
    if (!index.unique && !sharesKeys(index)) continue;
    for (const key of added) {
      const recordId = otherHolder(reader, index, key.keyString, ownRecordId);
      if (recordId !== undefined) return { index, key, recordId };
    }
  }
  return undefined;
}

/** Whether keys may have, or once might have had, several holders and must not get another one. */
export function sharesKeys(index: IndexInfo): boolean {
  if (index.unique) return false;
  const { isUnique, isPreparedUnique } = factsOf(index);
  return isUnique || isPreparedUnique;
}

function otherHolder(
  reader: Reader,
  index: IndexInfo,
  keyString: Buffer,
  ownRecordId: number,
): number | undefined {
  if (index.unique) {
    const recordId = findUnique(reader, index, keyString);
    return recordId === ownRecordId ? undefined : recordId;
  }
  // Keys of an index that was not always unique end in their record ids.
  const cursor = scanIndex(reader, index, { lower: keyString, upper: keyString });
  try {
    while (cursor.next()) if (cursor.recordId !== ownRecordId) return cursor.recordId;
  } finally {
    cursor.close();
  }
  return undefined;
}

export function insertRecord(
  transaction: WriteTransaction,
  info: CollectionInfo,
  recordId: number,
  document: Buffer,
  changes: readonly IndexChange[],
): void {
  if (hasRecord(transaction, info, recordId)) {
    throw new Error(
      `record ${recordId} of ${info.namespace} is taken: an insert would overwrite it`,
    );
  }
  putRecord(transaction, info, recordId, document);
  applyChanges(transaction, changes, recordId);
  adjustStat(transaction, info.id, 1, document.length);
}

export function replaceRecord(
  transaction: WriteTransaction,
  info: CollectionInfo,
  recordId: number,
  before: Buffer,
  after: Buffer,
  changes: readonly IndexChange[],
): void {
  putRecord(transaction, info, recordId, after);
  applyChanges(transaction, changes, recordId);
  if (after.length !== before.length) {
    adjustStat(transaction, info.id, 0, after.length - before.length);
  }
}

export function removeRecord(
  transaction: WriteTransaction,
  info: CollectionInfo,
  recordId: number,
  document: Buffer,
  changes: readonly IndexChange[],
): void {
  deleteRecord(transaction, info, recordId);
  applyChanges(transaction, changes, recordId);
  adjustStat(transaction, info.id, -1, -document.length);
}

function applyChanges(
  transaction: WriteTransaction,
  changes: readonly IndexChange[],
  recordId: number,
): void {
  for (const { index, added, removed } of changes) {
    for (const key of removed) deleteIndexKey(transaction, index, key.keyString, recordId);
    for (const key of added) {
      insertIndexKey(transaction, index, key.keyString, key.typeBits, recordId);
    }
  }
}

/** The document under a record id that must be there. */
export function existingRecord(reader: Reader, info: CollectionInfo, recordId: number): Buffer {
  const document = getRecord(reader, info, recordId);
  if (document === undefined) {
    throw new Error(`record ${recordId} of ${info.namespace} is missing`);
  }
  return document;
}

/** `info` with the multikey flags these changes set, or `info` itself when none is new. */
export function withMultikey(
  info: CollectionInfo,
  changes: readonly IndexChange[],
): CollectionInfo {
  let indexes: IndexInfo[] | undefined;
  for (const { index, multikey } of changes) {
    if (!multikey.some((flag, at) => flag && index.multikeyPaths[at] !== true)) continue;
    indexes ??= [...info.indexes];
    const at = indexes.findIndex((candidate) => candidate.id === index.id);
    const known = indexes[at] as IndexInfo;
    indexes[at] = {
      ...known,
      multikeyPaths: known.multikeyPaths.map((flag, field) => flag || multikey[field] === true),
    };
  }
  return indexes === undefined ? info : { ...info, indexes };
}
