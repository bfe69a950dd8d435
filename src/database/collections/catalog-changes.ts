/**
 * Collections and indexes come and go. Each change exists once, in the form a secondary can repeat:
 * the primary decides ids and uuid, then calls the same function as apply does.
 *
 * Undo puts the catalog row back as it was (`pre.row`) and moves the data with it: a drop keeps what
 * it drops until the commit point has passed, so taking it back costs nothing.
 */

import {
  type CollectionInfo,
  type CommitQuorum,
  decodeCollection,
  deleteCollection,
  deleteIndexKey,
  deleteStat,
  dropCollectionData,
  findUnique,
  type IndexInfo,
  insertIndexKey,
  makeCollectionInfo,
  putCollection,
  reserveCatalogId,
  restoreDroppedData,
  scanRecords,
  type WriteTransaction,
  writeStatRow,
} from '../../../storage/index.ts';
import { decodeDocument } from '../../bson/index.ts';
import { entriesOf } from '../indexes/index-entries.ts';
import type { Duplicate } from '../writes/record-writer.ts';
import type { WriterState } from '../writes/writer.ts';
import { isLocal } from './namespaces.ts';
import { timeSeriesOf } from './time-series.ts';

/** The newest catalog, which definitions replace. */
export type Catalog = Pick<WriterState, 'catalog'>;

function put(transaction: WriteTransaction, state: Catalog, info: CollectionInfo): void {
  putCollection(transaction, info);
  state.catalog = state.catalog.with(info);
}

function forget(transaction: WriteTransaction, state: Catalog, id: number): void {
  deleteCollection(transaction, id);
  state.catalog = state.catalog.without(id);
}

/** Replaces the rows of a collection by the ones a pre-image kept. */
export function restoreRow(transaction: WriteTransaction, state: Catalog, row: Buffer): void {
  put(transaction, state, decodeCollection(row));
}

export interface NewCollection {
  readonly id: number;
  readonly uuid: Buffer;
  readonly namespace: string;
  readonly options: Buffer;
  /** That on `_id`, or on the time of a time series. */
  readonly firstIndexId: number;
  readonly firstIndexSpec: Buffer;
}

export function createCollection(
  transaction: WriteTransaction,
  state: Catalog,
  parts: NewCollection,
): CollectionInfo {
  if (!isLocal(parts.namespace)) {
    reserveCatalogId(transaction, parts.id);
    reserveCatalogId(transaction, parts.firstIndexId);
  }
  const timeSeries = timeSeriesOf(parts);
  const info = makeCollectionInfo({
    id: parts.id,
    uuid: parts.uuid,
    namespace: parts.namespace,
    options: parts.options,
    indexes: [
      {
        id: parts.firstIndexId,
        name: nameOf(parts.firstIndexSpec),
        keyPattern: [{ path: timeSeries?.timeField ?? '_id', direction: 1 }],
        unique: timeSeries === undefined,
        isIdIndex: timeSeries === undefined,
        spec: parts.firstIndexSpec,
        multikeyPaths: [false],
        state: 'ready',
      },
    ],
  });
  put(transaction, state, info);
  writeStatRow(transaction, statKey(info.id), { count: 0, bytes: 0 });
  return info;
}

function nameOf(spec: Buffer): string {
  return String(decodeDocument(spec).name);
}

/** Everything in it was undone before, so there is no data to move. */
export function undoCreateCollection(
  transaction: WriteTransaction,
  state: Catalog,
  id: number,
): void {
  forget(transaction, state, id);
  deleteStat(transaction, id);
}

export function dropCollection(
  transaction: WriteTransaction,
  state: Catalog,
  info: CollectionInfo,
  gtid: Buffer,
): void {
  forget(transaction, state, info.id);
  dropCollectionData(transaction, idsOf(info), gtid);
}

export function undoDropCollection(
  transaction: WriteTransaction,
  state: Catalog,
  row: Buffer,
): void {
  const info = decodeCollection(row);
  put(transaction, state, info);
  restoreDroppedData(transaction, idsOf(info));
}

function idsOf(info: CollectionInfo): { collectionId: number; indexIds: number[] } {
  return { collectionId: info.id, indexIds: info.indexes.map(({ id }) => id) };
}

export function renameCollection(
  transaction: WriteTransaction,
  state: Catalog,
  info: CollectionInfo,
  to: string,
): void {
  put(transaction, state, { ...info, namespace: to });
}

/** Other options for the same documents. */
export function changeOptions(
  transaction: WriteTransaction,
  state: Catalog,
  info: CollectionInfo,
  options: Buffer,
): void {
  put(transaction, state, { ...info, options });
}

/** Adds an index without keys; `fillIndex` or slices of a build bring them. */
export function addIndex(
  transaction: WriteTransaction,
  state: Catalog,
  info: CollectionInfo,
  index: IndexInfo,
): CollectionInfo {
  if (!isLocal(info.namespace)) reserveCatalogId(transaction, index.id);
  const next = { ...info, indexes: [...info.indexes, index] };
  put(transaction, state, next);
  return next;
}

/**
 * Writes the keys of all records with ids in (after, upTo] into an index. Returns the first duplicate
 * of a unique index, in which case the caller must give up the whole body.
 */
export function fillIndex(
  transaction: WriteTransaction,
  state: Catalog,
  collectionId: number,
  indexId: number,
  range: { readonly after?: number; readonly upTo?: number } = {},
): Duplicate | undefined {
  const info = state.catalog.byId(collectionId);
  const index = existingIndex(state, collectionId, indexId);
  if (info === undefined) throw new Error(`no collection ${collectionId}`);
  const flags = [...index.multikeyPaths];
  const cursor = scanRecords(
    transaction,
    info,
    range.after === undefined ? {} : { after: range.after },
  );
  try {
    while (cursor.next()) {
      const { recordId } = cursor;
      if (range.upTo !== undefined && recordId > range.upTo) break;
      const { keys, multikey } = entriesOf(index, cursor.buffer, cursor.start);
      for (const key of keys) {
        if (index.unique) {
          const other = findUnique(transaction, index, key.keyString);
          if (other !== undefined && other !== recordId) return { index, key, recordId: other };
        }
        insertIndexKey(transaction, index, key.keyString, key.typeBits, recordId);
      }
      multikey.forEach((flag, field) => {
        if (flag) flags[field] = true;
      });
    }
  } finally {
    cursor.close();
  }
  if (flags.some((flag, field) => flag !== index.multikeyPaths[field])) {
    replaceIndex(transaction, state, collectionId, { ...index, multikeyPaths: flags });
  }
  return undefined;
}

/** Takes the keys of records with ids in (after, upTo] out of an index. */
export function emptyIndex(
  transaction: WriteTransaction,
  info: CollectionInfo,
  index: IndexInfo,
  range: { readonly after?: number; readonly upTo?: number } = {},
): void {
  const cursor = scanRecords(
    transaction,
    info,
    range.after === undefined ? {} : { after: range.after },
  );
  try {
    while (cursor.next()) {
      const { recordId } = cursor;
      if (range.upTo !== undefined && recordId > range.upTo) break;
      const { keys } = entriesOf(index, cursor.buffer, cursor.start);
      for (const key of keys) deleteIndexKey(transaction, index, key.keyString, recordId);
    }
  } finally {
    cursor.close();
  }
}

function replaceIndex(
  transaction: WriteTransaction,
  state: Catalog,
  collectionId: number,
  index: IndexInfo,
): void {
  const info = state.catalog.byId(collectionId);
  if (info === undefined) throw new Error(`no collection ${collectionId}`);
  put(transaction, state, {
    ...info,
    indexes: info.indexes.map((known) => (known.id === index.id ? index : known)),
  });
}

/** Another specification for the same keys: what the planner or a monitor makes of the index. */
export function respecifyIndex(
  transaction: WriteTransaction,
  state: Catalog,
  collectionId: number,
  indexId: number,
  spec: Buffer,
): void {
  const index = existingIndex(state, collectionId, indexId);
  replaceIndex(transaction, state, collectionId, { ...index, name: nameOf(spec), spec });
}

/** Records up to `position` have their keys in the index being built. */
export function moveBuild(
  transaction: WriteTransaction,
  state: Catalog,
  collectionId: number,
  indexId: number,
  position: number,
): void {
  const index = existingIndex(state, collectionId, indexId);
  replaceIndex(transaction, state, collectionId, { ...index, buildPosition: position });
}

export function finishBuild(
  transaction: WriteTransaction,
  state: Catalog,
  collectionId: number,
  indexId: number,
): void {
  const {
    buildPosition: _,
    buildGroup: __,
    commitQuorum: ___,
    ...index
  } = existingIndex(state, collectionId, indexId);
  replaceIndex(transaction, state, collectionId, { ...index, state: 'ready' });
}

/** Another quorum for an index that is being built. */
export function changeQuorum(
  transaction: WriteTransaction,
  state: Catalog,
  collectionId: number,
  indexId: number,
  commitQuorum: CommitQuorum,
): void {
  const index = existingIndex(state, collectionId, indexId);
  replaceIndex(transaction, state, collectionId, { ...index, commitQuorum });
}

function existingIndex(state: Catalog, collectionId: number, indexId: number): IndexInfo {
  const index = state.catalog.byId(collectionId)?.indexes.find(({ id }) => id === indexId);
  if (index === undefined) throw new Error(`no index ${indexId} in collection ${collectionId}`);
  return index;
}

export function dropIndex(
  transaction: WriteTransaction,
  state: Catalog,
  info: CollectionInfo,
  indexId: number,
  gtid: Buffer,
): void {
  put(transaction, state, { ...info, indexes: info.indexes.filter(({ id }) => id !== indexId) });
  dropCollectionData(transaction, { indexIds: [indexId] }, gtid);
}

function statKey(collectionId: number): Buffer {
  const key = Buffer.allocUnsafe(4);
  key.writeUInt32BE(collectionId, 0);
  return key;
}
