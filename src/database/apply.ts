/**
 * An entry from the log, done or undone, from its bytes alone and exactly once. Both leave catalog,
 * doc, index, stat and session tables as they are on the member that wrote the entry.
 */

import {
  type CollectionInfo,
  deleteSession,
  getSession,
  type IndexInfo,
  putSession,
  restoreDroppedData,
  type WriteTransaction,
} from '../../storage/index.ts';
import type { Gtid } from '../ark/gtid.ts';
import { findField, type RawValue } from '../bson/index.ts';
import { applyDelta } from '../query/index.ts';
import {
  addIndex,
  createCollection,
  dropCollection,
  dropIndex,
  emptyIndex,
  fillIndex,
  finishBuild,
  moveBuild,
  renameCollection,
  restoreRow,
  undoCreateCollection,
  undoDropCollection,
} from './catalog-changes.ts';
import { gtidToBytes } from './gtid-bytes.ts';
import { indexFromSpec } from './index-spec.ts';
import { noteMultikey, restoreMultikey } from './multikey.ts';
import { splitNamespace } from './namespaces.ts';
import { entryGtid, type LoggedStatements, type ReadOperation, readEntry } from './oplog-entry.ts';
import { multikeyBefore } from './pre-image.ts';
import {
  changesOfDelete,
  changesOfInsert,
  changesOfUpdate,
  existingRecord,
  insertRecord,
  removeRecord,
  replaceRecord,
} from './record-writer.ts';
import { applyReapedSessions, undoReapedSessions } from './session-reaper.ts';
import {
  decodeRan,
  decodeSessionRecord,
  encodeSessionRecord,
  sessionKey,
  withoutStatements,
  withStatements,
} from './session-record.ts';
import type { WriterState } from './writer.ts';

/** A document version that undo took away: rollback keeps it in a file. */
export interface RemovedDocument {
  readonly namespace: string;
  readonly uuid: Buffer;
  readonly document: Buffer;
}

type Catalog = Pick<WriterState, 'catalog'>;

/** Where applying happened, for whoever waits for new documents. */
export type Touched = Set<string>;

export function applyEntry(
  transaction: WriteTransaction,
  state: Catalog,
  entry: Buffer,
  touched: Touched,
): void {
  const { operations, statements } = readEntry(entry);
  const gtid = entryGtid(entry);
  for (const operation of operations) {
    if (operation.cid >= 0) touched.add(operation.ns);
    applyOperation(transaction, state, operation, gtid);
  }
  if (statements !== undefined) applyStatements(transaction, statements);
}

/** Newest first: `entry` must be the last of the log. */
export function undoEntry(
  transaction: WriteTransaction,
  state: Catalog,
  entry: Buffer,
): RemovedDocument[] {
  const { operations, statements } = readEntry(entry);
  const removed: RemovedDocument[] = [];
  if (statements !== undefined) undoStatements(transaction, statements);
  for (const operation of operations.reverse()) {
    const gone = undoOperation(transaction, state, operation);
    if (gone !== undefined) removed.push(gone);
  }
  return removed;
}

function applyOperation(
  transaction: WriteTransaction,
  state: Catalog,
  operation: ReadOperation,
  gtid: Gtid,
): void {
  switch (operation.op) {
    case 'i': {
      const info = collectionOf(state, operation);
      const document = documentOf(operation.o);
      const changes = changesOfInsert(info, operation.rid, document);
      noteMultikey(transaction, state, info, changes);
      insertRecord(transaction, info, operation.rid, document, changes);
      return;
    }
    case 'u': {
      const info = collectionOf(state, operation);
      const before = existingRecord(transaction, info, operation.rid);
      const after = afterImage(before, operation.o);
      const changes = changesOfUpdate(info, operation.rid, before, after);
      noteMultikey(transaction, state, info, changes);
      replaceRecord(transaction, info, operation.rid, before, after, changes);
      return;
    }
    case 'd': {
      const info = collectionOf(state, operation);
      const document = existingRecord(transaction, info, operation.rid);
      removeRecord(
        transaction,
        info,
        operation.rid,
        document,
        changesOfDelete(info, operation.rid, document),
      );
      return;
    }
    case 'c':
      applyDefinition(transaction, state, operation, gtid);
      return;
    case 'n':
      return;
    default:
      throw new Error(`an oplog entry has the unknown op ${String(operation.op)}`);
  }
}

function undoOperation(
  transaction: WriteTransaction,
  state: Catalog,
  operation: ReadOperation,
): RemovedDocument | undefined {
  switch (operation.op) {
    case 'i': {
      const info = collectionOf(state, operation);
      const document = existingRecord(transaction, info, operation.rid);
      removeRecord(
        transaction,
        info,
        operation.rid,
        document,
        changesOfDelete(info, operation.rid, document),
      );
      undoMultikey(transaction, state, operation);
      return { namespace: info.namespace, uuid: info.uuid, document };
    }
    case 'u': {
      const info = collectionOf(state, operation);
      const after = existingRecord(transaction, info, operation.rid);
      const before = beforeImage(after, operation);
      const changes = changesOfUpdate(info, operation.rid, after, before);
      replaceRecord(transaction, info, operation.rid, after, before, changes);
      undoMultikey(transaction, state, operation);
      return { namespace: info.namespace, uuid: info.uuid, document: after };
    }
    case 'd': {
      const info = collectionOf(state, operation);
      const document = documentOf(preField(operation, 'o'));
      insertRecord(
        transaction,
        info,
        operation.rid,
        document,
        changesOfInsert(info, operation.rid, document),
      );
      return undefined;
    }
    case 'c':
      undoDefinition(transaction, state, operation);
      return undefined;
    case 'n':
      return undefined;
    default:
      throw new Error(`an oplog entry has the unknown op ${String(operation.op)}`);
  }
}

function undoMultikey(
  transaction: WriteTransaction,
  state: Catalog,
  operation: ReadOperation,
): void {
  if (operation.pre === undefined) return;
  const before = multikeyBefore(operation.pre.buffer, operation.pre.start);
  restoreMultikey(transaction, state, collectionOf(state, operation), before);
}

/** A delta has `$v` first; a document never has a field of that name first. */
function afterImage(before: Buffer, o: RawValue): Buffer {
  const document = documentOf(o);
  return isDelta(document) ? applyDelta(before, 0, document) : document;
}

function isDelta(document: Buffer): boolean {
  return document.length > 11 && document.toString('latin1', 5, 8) === '$v\0';
}

function beforeImage(after: Buffer, operation: ReadOperation): Buffer {
  const { pre } = operation;
  if (pre === undefined) throw new Error('an update entry has no pre-image');
  const whole = findField(pre.buffer, pre.start, 'o');
  if (whole !== undefined) return documentOf(whole);
  return applyDelta(after, 0, documentOf(preField(operation, 'd')));
}

function applyDefinition(
  transaction: WriteTransaction,
  state: Catalog,
  operation: ReadOperation,
  gtid: Gtid,
): void {
  const command = firstField(operation.o);
  const { database } = splitNamespace(operation.ns);
  switch (command) {
    case 'create': {
      const { uuid } = identityOf(operation);
      createCollection(transaction, state, {
        id: operation.cid,
        uuid,
        namespace: `${database}.${textField(operation.o, 'create')}`,
        options: documentOf(field(operation.o2, 'options')),
        idIndexId: longField(operation.o2, 'iid'),
        idIndexSpec: documentOf(field(operation.o, 'idIndex')),
      });
      return;
    }
    case 'drop':
      dropCollection(transaction, state, collectionOf(state, operation), gtidToBytes(gtid));
      return;
    case 'dropDatabase':
      return;
    case 'renameCollection': {
      const target = optionalField(operation.o2, 'dropped');
      if (target !== undefined) {
        const dropped = state.catalog.byId(Number(target.buffer.readBigInt64LE(target.start)));
        if (dropped === undefined) throw new Error('the dropped target is not in the catalog');
        dropCollection(transaction, state, dropped, gtidToBytes(gtid));
      }
      renameCollection(
        transaction,
        state,
        collectionOf(state, operation),
        textField(operation.o, 'to'),
      );
      return;
    }
    case 'createIndexes': {
      const index = loggedIndex(operation, 'ready');
      addIndex(transaction, state, collectionOf(state, operation), index);
      fillIndex(transaction, state, operation.cid, index.id);
      return;
    }
    case 'startIndexBuild':
      addIndex(
        transaction,
        state,
        collectionOf(state, operation),
        loggedIndex(operation, 'building'),
      );
      return;
    case 'indexBuildSlice': {
      const range = {
        after: longField(operation.o2, 'after'),
        upTo: longField(operation.o2, 'upTo'),
      };
      const indexId = longField(operation.o2, 'iid');
      fillIndex(transaction, state, operation.cid, indexId, range);
      moveBuild(transaction, state, operation.cid, indexId, range.upTo);
      return;
    }
    case 'commitIndexBuild':
      finishBuild(transaction, state, operation.cid, longField(operation.o2, 'iid'));
      return;
    case 'abortIndexBuild':
    case 'dropIndexes':
      dropIndex(
        transaction,
        state,
        collectionOf(state, operation),
        indexOf(state, operation).id,
        gtidToBytes(gtid),
      );
      return;
    case 'reapSessions':
      applyReapedSessions(transaction, field(operation.o, 'reapSessions'));
      return;
    default:
      throw new Error(`an oplog entry has the unknown command ${command}`);
  }
}

function undoDefinition(
  transaction: WriteTransaction,
  state: Catalog,
  operation: ReadOperation,
): void {
  const command = firstField(operation.o);
  switch (command) {
    case 'create':
      undoCreateCollection(transaction, state, operation.cid);
      return;
    case 'drop':
      undoDropCollection(transaction, state, rowOf(operation, 'row'));
      return;
    case 'dropDatabase':
      return;
    case 'renameCollection':
      restoreRow(transaction, state, rowOf(operation, 'row'));
      if (optionalField(operation.o2, 'dropped') !== undefined) {
        undoDropCollection(transaction, state, rowOf(operation, 'row2'));
      }
      return;
    case 'createIndexes': {
      emptyIndex(transaction, collectionOf(state, operation), indexOf(state, operation));
      restoreRow(transaction, state, rowOf(operation, 'row'));
      return;
    }
    case 'indexBuildSlice':
      emptyIndex(transaction, collectionOf(state, operation), indexOf(state, operation), {
        after: longField(operation.o2, 'after'),
        upTo: longField(operation.o2, 'upTo'),
      });
      restoreRow(transaction, state, rowOf(operation, 'row'));
      return;
    case 'startIndexBuild':
    case 'commitIndexBuild':
      restoreRow(transaction, state, rowOf(operation, 'row'));
      return;
    case 'abortIndexBuild':
    case 'dropIndexes':
      restoreRow(transaction, state, rowOf(operation, 'row'));
      restoreDroppedData(transaction, { indexIds: [longField(operation.o2, 'iid')] });
      return;
    case 'reapSessions':
      undoReapedSessions(transaction, preField(operation, 'sessions'));
      return;
    default:
      throw new Error(`an oplog entry has the unknown command ${command}`);
  }
}

function loggedIndex(operation: ReadOperation, state: 'ready' | 'building'): IndexInfo {
  const spec = documentOf(field(operation.o2, 'spec'));
  return indexFromSpec(longField(operation.o2, 'iid'), spec, state);
}

// -- session records ------------------------------------------------------------------------------

function applyStatements(transaction: WriteTransaction, statements: LoggedStatements): void {
  const key = sessionKey(statements.lsid);
  const bytes = getSession(transaction, key);
  const known = bytes === undefined ? undefined : decodeSessionRecord(bytes);
  const ran = known?.txnNumber === statements.txnNumber ? known.ran : [];
  putSession(
    transaction,
    key,
    encodeSessionRecord({
      lsid: statements.lsid,
      txnNumber: statements.txnNumber,
      ran: withStatements(ran, decodeRan(statements.ran, 0)),
    }),
  );
}

function undoStatements(transaction: WriteTransaction, statements: LoggedStatements): void {
  const key = sessionKey(statements.lsid);
  if (statements.previous === null) {
    deleteSession(transaction, key);
    return;
  }
  if (statements.previous !== undefined) {
    putSession(transaction, key, statements.previous);
    return;
  }
  const bytes = getSession(transaction, key);
  if (bytes === undefined) throw new Error('the session record to undo is missing');
  const record = decodeSessionRecord(bytes);
  const ran = withoutStatements(record.ran, decodeRan(statements.ran, 0));
  putSession(transaction, key, encodeSessionRecord({ ...record, ran }));
}

// -- fields ---------------------------------------------------------------------------------------

function collectionOf(state: Catalog, operation: ReadOperation): CollectionInfo {
  const info = state.catalog.byId(operation.cid);
  if (info === undefined) {
    throw new Error(`collection ${operation.cid} (${operation.ns}) is not in the catalog`);
  }
  return info;
}

function indexOf(state: Catalog, operation: ReadOperation): IndexInfo {
  const id = longField(operation.o2, 'iid');
  const index = collectionOf(state, operation).indexes.find((candidate) => candidate.id === id);
  if (index === undefined) throw new Error(`index ${id} is not in the catalog`);
  return index;
}

function identityOf(operation: ReadOperation): { uuid: Buffer } {
  if (operation.ui === undefined) throw new Error('a create entry has no ui');
  return { uuid: operation.ui };
}

function documentOf(value: RawValue): Buffer {
  return Buffer.from(value.buffer.subarray(value.start, value.end));
}

function optionalField(document: RawValue | undefined, name: string): RawValue | undefined {
  return document === undefined ? undefined : findField(document.buffer, document.start, name);
}

function field(document: RawValue | undefined, name: string): RawValue {
  const value = optionalField(document, name);
  if (value === undefined) throw new Error(`an oplog entry has no ${name}`);
  return value;
}

function preField(operation: ReadOperation, name: string): RawValue {
  return field(operation.pre, name);
}

/** A catalog row in a pre-image: binary. */
function rowOf(operation: ReadOperation, name: string): Buffer {
  const value = preField(operation, name);
  return Buffer.from(value.buffer.subarray(value.start + 5, value.end));
}

function longField(document: RawValue | undefined, name: string): number {
  const value = field(document, name);
  return Number(value.buffer.readBigInt64LE(value.start));
}

function textField(document: RawValue, name: string): string {
  const value = field(document, name);
  return value.buffer.toString('utf8', value.start + 4, value.end - 1);
}

function firstField(document: RawValue): string {
  const { buffer, start } = document;
  return buffer.toString('utf8', start + 5, buffer.indexOf(0, start + 5));
}
