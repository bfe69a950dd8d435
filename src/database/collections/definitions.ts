/**
 * Data definition inside a write body on the primary: decides ids, does the change, and notes what a
 * secondary needs to repeat it and what undo needs to take it back. Collections coming and going, and
 * drops of indexes, are entries of their own; what is done to indexes besides, in one body, is one.
 */

import { Binary, Long } from 'bson';
import {
  allocateCatalogId,
  type CatalogState,
  type CollectionInfo,
  type CommitQuorum,
  encodeCollection,
  getMeta,
  type IndexInfo,
  putMeta,
  type WriteTransaction,
} from '../../../storage/index.ts';
import { decodeDocument, encodeDocument, findField } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { duplicateKeyError } from '../indexes/duplicate-key.ts';
import { indexFromSpec } from '../indexes/index-spec.ts';
import { gtidToBytes } from '../oplog/gtid-bytes.ts';
import type { Writer } from '../writes/writer.ts';
import {
  addIndex,
  changeOptions,
  changeQuorum,
  createCollection,
  dropCollection,
  dropIndex,
  fillIndex,
  finishBuild,
  moveBuild,
  renameCollection,
  respecifyIndex,
} from './catalog-changes.ts';
import { defaultCollation } from './collection-collation.ts';
import { isLocal, splitNamespace } from './namespaces.ts';
import { metaIndexSpec, timeIndexSpec, timeSeriesOf } from './time-series.ts';
import { refuseView } from './views.ts';

const idIndexSpec = encodeDocument({ v: 2, key: { _id: 1 }, name: '_id_' });
const noOptions = encodeDocument({});

/** Ids of `local` collections: they differ between members, so they count apart, from the top half. */
const firstLocalId = 0x8000_0000;
const nextLocalIdName = 'nextLocalCatalogId';

function allocateId(transaction: WriteTransaction, namespace: string): number {
  if (!isLocal(namespace)) return allocateCatalogId(transaction);
  const id = getMeta(transaction, nextLocalIdName)?.readUInt32BE(0) ?? firstLocalId;
  const next = Buffer.allocUnsafe(4);
  next.writeUInt32BE(id + 1, 0);
  putMeta(transaction, nextLocalIdName, next);
  return id;
}

function commandNamespace(namespace: string): string {
  return `${splitNamespace(namespace).database}.$cmd`;
}

function rowOf(info: CollectionInfo): Binary {
  return new Binary(encodeCollection(info));
}

function noteCommand(
  writer: Writer,
  info: CollectionInfo,
  o: Record<string, unknown>,
  o2: Record<string, unknown> | undefined,
  pre: Record<string, unknown> | undefined,
): void {
  if (isLocal(info.namespace)) return;
  writer.note({
    op: 'c',
    ns: commandNamespace(info.namespace),
    ui: info.uuid,
    cid: info.id,
    o: encodeDocument(o),
    o2: o2 === undefined ? undefined : encodeDocument(o2),
    pre: pre === undefined ? undefined : encodeDocument(pre),
  });
}

/** Throws DatabaseDifferCase when there is a database whose name differs by the case of letters only. */
export function checkDatabaseCase(catalog: CatalogState, namespace: string): void {
  const { database } = splitNamespace(namespace);
  const folded = database.toLowerCase();
  for (const info of catalog.collections()) {
    const other = splitNamespace(info.namespace).database;
    if (other === database) return;
    if (other.toLowerCase() === folded) {
      throw new MongoServerError(
        'DatabaseDifferCase',
        `db already exists with different case already have: [${other}] trying to create [${database}]`,
      );
    }
  }
}

/**
 * Of the index on `_id`, which has the collection's collation. A clustered collection has the same
 * index; what it means for reads is in its specification.
 */
export function idIndexSpecOf(options: Buffer): Buffer {
  const collation = defaultCollation({ options })?.document;
  const clustered = findField(options, 0, 'clusteredIndex');
  // Bytes of its own: what is counted of an index is kept by them.
  if (clustered === undefined && collation === undefined) return Buffer.from(idIndexSpec);
  const more = collation === undefined ? {} : { collation };
  if (clustered === undefined)
    return encodeDocument({ v: 2, key: { _id: 1 }, name: '_id_', ...more });
  const { v, key, name, unique } = decodeDocument(clustered.buffer, clustered.start);
  return encodeDocument({ v, key, name, unique, clustered: true, ...more });
}

/**
 * Creates a collection that must not exist, with the indexes it has from the start; throws when a view
 * has the name. `options` is BSON.
 */
export function createCollectionIn(
  writer: Writer,
  namespace: string,
  uuid: Buffer,
  options: Buffer = noOptions,
): CollectionInfo {
  const { transaction } = writer;
  refuseView({ catalog: writer.catalog, reader: transaction }, namespace);
  checkDatabaseCase(writer.catalog, namespace);
  const id = allocateId(transaction, namespace);
  const firstIndexId = allocateId(transaction, namespace);
  const timeSeries = timeSeriesOf({ options });
  const firstIndexSpec = timeSeries ? timeIndexSpec(timeSeries) : idIndexSpecOf(options);
  const info = createCollection(transaction, writer.state, {
    id,
    uuid,
    namespace,
    options,
    firstIndexId,
    firstIndexSpec,
  });
  const create = splitNamespace(namespace).collection;
  const iid = Long.fromNumber(firstIndexId);
  noteCommand(
    writer,
    info,
    timeSeries ? { create, timeseries: timeSeries } : { create, idIndex: firstIndexSpec },
    timeSeries ? { iid, options, timeIndex: firstIndexSpec } : { iid, options },
    undefined,
  );
  writer.seal();
  const metaIndex = timeSeries && metaIndexSpec(timeSeries);
  if (metaIndex === undefined) return info;
  createIndexIn(writer, info, withCollation(metaIndex, options));
  writer.seal();
  return writer.catalog.byId(id) as CollectionInfo;
}

/** The specification of an index that has the collation of its collection, as any by default. */
function withCollation(spec: Buffer, options: Buffer): Buffer {
  const collation = defaultCollation({ options })?.document;
  return collation === undefined ? spec : encodeDocument({ ...decodeDocument(spec), collation });
}

export function dropCollectionIn(writer: Writer, info: CollectionInfo): void {
  dropCollection(writer.transaction, writer.state, info, gtidToBytes(writer.nextPosition));
  noteCommand(writer, info, { drop: splitNamespace(info.namespace).collection }, undefined, {
    row: rowOf(info),
  });
  writer.seal();
}

/** The mark that a database is gone, after the drops of its collections: for tools that tail. */
export function noteDropDatabase(writer: Writer, database: string): void {
  writer.note({ op: 'c', ns: `${database}.$cmd`, o: encodeDocument({ dropDatabase: 1 }) });
  writer.seal();
}

/** Renames within the replicated databases; `target`, when given, is dropped in the same step. */
export function renameCollectionIn(
  writer: Writer,
  info: CollectionInfo,
  to: string,
  target: CollectionInfo | undefined,
): void {
  if (target !== undefined) {
    dropCollection(writer.transaction, writer.state, target, gtidToBytes(writer.nextPosition));
  }
  renameCollection(writer.transaction, writer.state, info, to);
  noteCommand(
    writer,
    info,
    {
      renameCollection: info.namespace,
      to,
      stayTemp: false,
      dropTarget: target === undefined ? false : new Binary(target.uuid, 4),
    },
    target === undefined ? undefined : { dropped: Long.fromNumber(target.id) },
    { row: rowOf(info), ...(target === undefined ? {} : { row2: rowOf(target) }) },
  );
  writer.seal();
}

/**
 * Builds an index in this body. Throws DuplicateKey when a unique index meets two equal keys: the
 * whole body must be given up.
 */
export function createIndexIn(writer: Writer, info: CollectionInfo, spec: Buffer): void {
  const { transaction, state } = writer;
  const index = indexFromSpec(allocateId(transaction, info.namespace), spec);
  addIndex(transaction, state, info, index);
  const duplicate = fillIndex(transaction, state, info.id, index.id);
  if (duplicate !== undefined) throw duplicateKeyError(info.namespace, duplicate);
  noteCommand(
    writer,
    info,
    { createIndexes: splitNamespace(info.namespace).collection, name: index.name },
    { iid: Long.fromNumber(index.id), spec },
    { row: rowOf(info) },
  );
}

/**
 * Adds an index that `buildSliceIn` fills and `commitBuildIn` makes usable. Returns its id. `group` is
 * the id of the first index the same command builds; undefined: it is this one.
 */
export function startBuildIn(
  writer: Writer,
  info: CollectionInfo,
  spec: Buffer,
  group: number | undefined,
  quorum?: CommitQuorum,
): number {
  const id = allocateId(writer.transaction, info.namespace);
  const index = indexFromSpec(id, spec, { group: group ?? id, quorum });
  addIndex(writer.transaction, writer.state, info, index);
  noteCommand(
    writer,
    info,
    { startIndexBuild: splitNamespace(info.namespace).collection, name: index.name },
    {
      iid: Long.fromNumber(id),
      group: Long.fromNumber(group ?? id),
      spec,
      ...(quorum === undefined ? {} : { quorum }),
    },
    { row: rowOf(info) },
  );
  return id;
}

/**
 * Gives the records with ids in (build position, upTo] their keys. Throws DuplicateKey like
 * `createIndexIn`.
 */
export function buildSliceIn(
  writer: Writer,
  info: CollectionInfo,
  index: IndexInfo,
  upTo: number,
): void {
  const { transaction, state } = writer;
  const after = index.buildPosition ?? 0;
  const duplicate = fillIndex(transaction, state, info.id, index.id, { after, upTo });
  if (duplicate !== undefined) throw duplicateKeyError(info.namespace, duplicate);
  moveBuild(transaction, state, info.id, index.id, upTo);
  noteCommand(
    writer,
    info,
    { indexBuildSlice: splitNamespace(info.namespace).collection, name: index.name },
    {
      iid: Long.fromNumber(index.id),
      after: Long.fromNumber(after),
      upTo: Long.fromNumber(upTo),
    },
    { row: rowOf(info) },
  );
}

/** Every record has its keys: queries may use the index from now on. */
export function commitBuildIn(writer: Writer, info: CollectionInfo, index: IndexInfo): void {
  finishBuild(writer.transaction, writer.state, info.id, index.id);
  noteCommand(
    writer,
    info,
    { commitIndexBuild: splitNamespace(info.namespace).collection, name: index.name },
    { iid: Long.fromNumber(index.id), spec: index.spec },
    { row: rowOf(info) },
  );
}

/** Other members than so far must have built the index before it is ready. */
export function setCommitQuorumIn(
  writer: Writer,
  collectionId: number,
  indexId: number,
  quorum: CommitQuorum,
): void {
  const info = writer.catalog.byId(collectionId) as CollectionInfo;
  changeQuorum(writer.transaction, writer.state, collectionId, indexId, quorum);
  noteCommand(
    writer,
    info,
    { setIndexCommitQuorum: splitNamespace(info.namespace).collection },
    { iid: Long.fromNumber(indexId), quorum },
    { row: rowOf(info) },
  );
}

/** Gives an index another specification, whose keys are the same. */
export function respecifyIndexIn(
  writer: Writer,
  info: CollectionInfo,
  index: IndexInfo,
  spec: Buffer,
): void {
  respecifyIndex(writer.transaction, writer.state, info.id, index.id, spec);
  noteCommand(
    writer,
    info,
    { collMod: splitNamespace(info.namespace).collection, index: { name: index.name } },
    { iid: Long.fromNumber(index.id), spec },
    { row: rowOf(info) },
  );
}

/** Gives a collection other options, which say nothing new of the documents it has. */
export function changeOptionsIn(writer: Writer, info: CollectionInfo, options: Buffer): void {
  changeOptions(writer.transaction, writer.state, info, options);
  noteCommand(
    writer,
    info,
    { collMod: splitNamespace(info.namespace).collection },
    { options },
    { row: rowOf(info) },
  );
}

export function dropIndexIn(
  writer: Writer,
  info: CollectionInfo,
  index: IndexInfo,
  command: 'dropIndexes' | 'abortIndexBuild' = 'dropIndexes',
): void {
  dropIndex(writer.transaction, writer.state, info, index.id, gtidToBytes(writer.nextPosition));
  noteCommand(
    writer,
    info,
    { [command]: splitNamespace(info.namespace).collection, index: index.name },
    { iid: Long.fromNumber(index.id), spec: index.spec },
    { row: rowOf(info) },
  );
  writer.seal();
}
