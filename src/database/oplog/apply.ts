/**
 * An entry from the log, done or undone, from its bytes alone and exactly once. Both leave catalog,
 * doc, index, stat and session tables as they are on the member that wrote the entry.
 */
import type { CollectionInfo, WriteTransaction } from '../../../storage/index.ts';
import type { Gtid } from '../../ark/gtid.ts';
import { findField, type RawValue } from '../../bson/index.ts';
import { applyDelta } from '../../query/index.ts';
import { applyDefinition, undoDefinition } from '../collections/apply-definition.ts';
import type { Catalog } from '../collections/catalog-changes.ts';
import { noteMultikey, restoreMultikey } from '../indexes/multikey.ts';
import { collectionOf, documentOf, preField } from '../operation-fields.ts';
import {
  changesOfDelete,
  changesOfInsert,
  changesOfUpdate,
  existingRecord,
  insertRecord,
  removeRecord,
  replaceRecord,
} from '../writes/record-writer.ts';
import { decodeRan } from '../writes/session-record.ts';
import { forgetStatements, rememberStatements } from '../writes/session-statements.ts';
import { entryGtid, type ReadOperation, readEntry } from './oplog-entry.ts';
import { multikeyBefore } from './pre-image.ts';

/** A document version that undo took away: rollback keeps it in a file. */
export interface RemovedDocument {
  readonly namespace: string;
  readonly uuid: Buffer;
  readonly document: Buffer;
}

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
  if (statements === undefined) return;
  rememberStatements(transaction, { ...statements, ran: decodeRan(statements.ran, 0) });
}

/** Newest first: `entry` must be the last of the log. */
export function undoEntry(
  transaction: WriteTransaction,
  state: Catalog,
  entry: Buffer,
): RemovedDocument[] {
  const { operations, statements } = readEntry(entry);
  const removed: RemovedDocument[] = [];
  if (statements !== undefined) forgetStatements(transaction, statements);
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
      removeExisting(transaction, info, operation.rid);
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

/** Takes a record and its keys away; returns what it was. */
function removeExisting(
  transaction: WriteTransaction,
  info: CollectionInfo,
  recordId: number,
): Buffer {
  const document = existingRecord(transaction, info, recordId);
  const changes = changesOfDelete(info, recordId, document);
  removeRecord(transaction, info, recordId, document, changes);
  return document;
}

function undoOperation(
  transaction: WriteTransaction,
  state: Catalog,
  operation: ReadOperation,
): RemovedDocument | undefined {
  switch (operation.op) {
    case 'i': {
      const info = collectionOf(state, operation);
      const document = removeExisting(transaction, info, operation.rid);
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
