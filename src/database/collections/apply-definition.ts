/**
 * Definitions from the log (op `c`), done or undone: collections and indexes come and go, idle
 * sessions are forgotten.
 */
import {
  type CommitQuorum,
  type IndexInfo,
  restoreDroppedData,
  type WriteTransaction,
} from '../../../storage/index.ts';
import type { Gtid } from '../../ark/gtid.ts';
import { decodeValue, type RawValue } from '../../bson/index.ts';
import { type BuildFacts, indexFromSpec } from '../indexes/index-spec.ts';
import {
  collectionOf,
  documentOf,
  field,
  firstField,
  identityOf,
  indexOf,
  longField,
  optionalField,
  preField,
  rowOf,
  textField,
} from '../operation-fields.ts';
import { gtidToBytes } from '../oplog/gtid-bytes.ts';
import type { ReadOperation } from '../oplog/oplog-entry.ts';
import { applyReapedSessions, undoReapedSessions } from '../writes/session-reaper.ts';
import {
  addIndex,
  type Catalog,
  changeOptions,
  changeQuorum,
  createCollection,
  dropCollection,
  dropIndex,
  emptyIndex,
  fillIndex,
  finishBuild,
  moveBuild,
  renameCollection,
  respecifyIndex,
  restoreRow,
  undoCreateCollection,
  undoDropCollection,
} from './catalog-changes.ts';
import { splitNamespace } from './namespaces.ts';

export function applyDefinition(
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
        firstIndexId: longField(operation.o2, 'iid'),
        firstIndexSpec: documentOf(
          optionalField(operation.o, 'idIndex') ?? field(operation.o2, 'timeIndex'),
        ),
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
      const index = loggedIndex(operation);
      addIndex(transaction, state, collectionOf(state, operation), index);
      fillIndex(transaction, state, operation.cid, index.id);
      return;
    }
    case 'startIndexBuild':
      addIndex(
        transaction,
        state,
        collectionOf(state, operation),
        loggedIndex(operation, {
          group: longField(operation.o2, 'group'),
          quorum: quorumIn(operation.o2),
        }),
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
    case 'collMod': {
      const options = optionalField(operation.o2, 'options');
      if (options !== undefined) {
        const info = collectionOf(state, operation);
        changeOptions(transaction, state, info, documentOf(options));
        return;
      }
      respecifyIndex(
        transaction,
        state,
        operation.cid,
        longField(operation.o2, 'iid'),
        documentOf(field(operation.o2, 'spec')),
      );
      return;
    }
    case 'setIndexCommitQuorum': {
      const quorum = quorumIn(operation.o2);
      if (quorum === undefined) throw new Error('an oplog entry has no quorum');
      const indexId = longField(operation.o2, 'iid');
      changeQuorum(transaction, state, operation.cid, indexId, quorum);
      return;
    }
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

export function undoDefinition(
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
    case 'collMod':
    case 'startIndexBuild':
    case 'commitIndexBuild':
    case 'setIndexCommitQuorum':
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

function loggedIndex(operation: ReadOperation, build?: BuildFacts): IndexInfo {
  const spec = documentOf(field(operation.o2, 'spec'));
  return indexFromSpec(longField(operation.o2, 'iid'), spec, build);
}

/** A number or a text. */
function quorumIn(document: RawValue | undefined): CommitQuorum | undefined {
  const quorum = optionalField(document, 'quorum');
  return quorum && (decodeValue(quorum) as CommitQuorum);
}
