/**
 * Changes inside one write body on the primary: each is applied to the transaction and noted for the
 * oplog; `seal` turns what was noted since the last seal into one entry.
 *
 * Checks come before the first write of a change, so a refused change leaves nothing behind and
 * the body may go on with the next (an unordered insert does).
 */

import {
  appendEntry,
  type CatalogState,
  type CollectionInfo,
  lastRecordId,
  type WriteTransaction,
} from '../../../storage/index.ts';
import type { Gtid } from '../../ark/gtid.ts';
import { DocumentWriter, findField } from '../../bson/index.ts';
import { overflowOf } from '../collections/capped-eviction.ts';
import { checkClusteredId } from '../collections/clustered-id.ts';
import { type CappedLimits, cappedLimits, isClustered } from '../collections/collection-options.ts';
import { isLocal } from '../collections/namespaces.ts';
import { noteMultikey } from '../indexes/multikey.ts';
import { gtidToBytes } from '../oplog/gtid-bytes.ts';
import {
  type AppendedEntry,
  type ClusterTime,
  entryHash,
  type LoggedOperation,
  makeEntry,
} from '../oplog/oplog-entry.ts';
import { preImageOfDelete, preImageOfInsert, preImageOfUpdate } from '../oplog/pre-image.ts';
import type { NextRecordIds } from './next-record-ids.ts';
import {
  changesOfDelete,
  changesOfInsert,
  changesOfUpdate,
  type Duplicate,
  findDuplicate,
  insertRecord,
  removeRecord,
  replaceRecord,
} from './record-writer.ts';
import type { RanStatements } from './session-record.ts';
import { rememberStatements } from './session-statements.ts';

/** What the newest write body left; restored by its owner when a body throws. */
export interface WriterState {
  catalog: CatalogState;
  lastGtid: Gtid | undefined;
  lastHash: bigint;
  lastClusterTime: ClusterTime;
}

export interface WriterSurroundings {
  /** Undefined when no oplog is written. */
  readonly term: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly nextRecordIds: NextRecordIds;
  /** Called before the statements of a retryable write are logged. */
  readonly beforeStatements?: (() => void) | undefined;
}

/** The retryable statements an entry executes. */
export interface ExecutedStatements {
  readonly lsid: Buffer;
  readonly txnNumber: number;
  readonly ran: readonly RanStatements[];
}

export interface UpdateOfRecord {
  readonly recordId: number;
  readonly before: Buffer;
  readonly after: Buffer;
  /** `{$v: 2, diff}`; undefined logs the whole document. */
  readonly delta?: Buffer | undefined;
  readonly changedPaths?: readonly string[] | undefined;
}

export class Writer {
  readonly transaction: WriteTransaction;
  readonly state: WriterState;
  readonly appended: AppendedEntry[] = [];
  /** Namespaces whose documents changed: who waits for them is woken once durable. */
  readonly touched = new Set<string>();
  readonly #surroundings: WriterSurroundings;
  #noted: LoggedOperation[] = [];

  constructor(transaction: WriteTransaction, state: WriterState, surroundings: WriterSurroundings) {
    this.transaction = transaction;
    this.state = state;
    this.#surroundings = surroundings;
  }

  get catalog(): CatalogState {
    return this.state.catalog;
  }

  get now(): number {
    return this.#surroundings.now;
  }

  /** Inserts, or returns what stands in the way and changes nothing. */
  insert(collection: CollectionInfo, document: Buffer): Duplicate | undefined {
    const info = this.#newest(collection);
    const recordId = this.#nextRecordId(info);
    const changes = changesOfInsert(info, recordId, document);
    if (isClustered(info)) checkClusteredId(changes);
    const duplicate = findDuplicate(this.transaction, changes, -1);
    if (duplicate !== undefined) return duplicate;
    this.#surroundings.nextRecordIds.set(info.id, recordId + 1);
    const pre = preImageOfInsert(noteMultikey(this.transaction, this.state, info, changes));
    insertRecord(this.transaction, info, recordId, document, changes);
    this.#note(info, { op: 'i', rid: recordId, o: document, pre });
    const limits = cappedLimits(info);
    if (limits !== undefined) this.#evict(info, limits, recordId);
    return undefined;
  }

  #evict(info: CollectionInfo, limits: CappedLimits, insertedId: number): void {
    for (const { recordId, document } of overflowOf(this.transaction, info, limits, insertedId)) {
      this.delete(info, recordId, document);
    }
  }

  /** Replaces a document's bytes, or returns what stands in the way and changes nothing. */
  update(collection: CollectionInfo, update: UpdateOfRecord): Duplicate | undefined {
    const info = this.#newest(collection);
    const { recordId, before, after, delta } = update;
    const changes = changesOfUpdate(info, recordId, before, after, update.changedPaths);
    const duplicate = findDuplicate(this.transaction, changes, recordId);
    if (duplicate !== undefined) return duplicate;
    const multikey = noteMultikey(this.transaction, this.state, info, changes);
    replaceRecord(this.transaction, info, recordId, before, after, changes);
    this.#note(info, {
      op: 'u',
      rid: recordId,
      o: delta !== undefined && delta.length < after.length ? delta : after,
      o2: idOf(before),
      pre: preImageOfUpdate(before, after, multikey),
    });
    return undefined;
  }

  delete(collection: CollectionInfo, recordId: number, document: Buffer): void {
    const info = this.#newest(collection);
    removeRecord(
      this.transaction,
      info,
      recordId,
      document,
      changesOfDelete(info, recordId, document),
    );
    this.#note(info, {
      op: 'd',
      rid: recordId,
      o: idOf(document),
      pre: preImageOfDelete(document),
    });
  }

  /** Notes an operation that the caller has applied already; `seal` logs it. */
  note(operation: LoggedOperation): void {
    if (!isLocal(operation.ns)) this.#noted.push(operation);
  }

  #note(info: CollectionInfo, operation: Pick<LoggedOperation, 'op' | 'rid' | 'o' | 'o2' | 'pre'>) {
    this.touched.add(info.namespace);
    const { op, rid, o, o2, pre } = operation;
    // Each field by name: a spread with fields after it would be the dearest part of an insert.
    this.note({ op, ns: info.namespace, ui: info.uuid, cid: info.id, rid, o, o2, pre });
  }

  /**
   * Makes one entry of what was noted since the last seal, with the session record of the
   * statements it executed. Nothing noted: no entry and no record, for what changed nothing may be
   * executed again.
   */
  seal(executed?: ExecutedStatements): void {
    const operations = this.#noted;
    this.#noted = [];
    const { term, now, beforeStatements } = this.#surroundings;
    if (term === undefined || operations.length === 0) return;
    if (executed !== undefined) beforeStatements?.();
    const statements =
      executed === undefined ? undefined : rememberStatements(this.transaction, executed);
    const { state } = this;
    const gtid = nextGtid(state.lastGtid, term);
    const ts = nextClusterTime(state.lastClusterTime, now);
    const bytes = makeEntry(
      { gtid, ts, wall: now, previousHash: state.lastHash },
      operations,
      statements,
    );
    appendEntry(this.transaction, gtidToBytes(gtid), bytes);
    state.lastGtid = gtid;
    state.lastHash = entryHash(bytes);
    state.lastClusterTime = ts;
    this.appended.push({ gtid, bytes });
  }

  /** Position of the entry the next `seal` makes: what a drop is filed under. */
  get nextPosition(): Gtid {
    const { term } = this.#surroundings;
    return term === undefined ? { term: 0, opid: 0 } : nextGtid(this.state.lastGtid, term);
  }

  /** Cluster time of the entry the next `seal` makes. */
  get nextClusterTime(): ClusterTime {
    return nextClusterTime(this.state.lastClusterTime, this.#surroundings.now);
  }

  #newest(info: CollectionInfo): CollectionInfo {
    const newest = this.state.catalog.byId(info.id);
    if (newest === undefined) throw new Error(`${info.namespace} is not in the catalog`);
    return newest;
  }

  #nextRecordId(info: CollectionInfo): number {
    const { nextRecordIds } = this.#surroundings;
    let recordId = nextRecordIds.get(info.id);
    if (recordId === undefined) {
      recordId = lastRecordId(this.transaction, info) + 1;
      nextRecordIds.set(info.id, recordId);
    }
    return recordId;
  }
}

function nextGtid(last: Gtid | undefined, term: number): Gtid {
  if (last === undefined || last.term < term) return { term, opid: 0 };
  return { term: last.term, opid: last.opid + 1 };
}

/** Strictly rising, and as near to the wall clock as that allows. */
function nextClusterTime(last: ClusterTime, nowMs: number): ClusterTime {
  const seconds = Math.floor(nowMs / 1000);
  return seconds > last.t ? { t: seconds, i: 1 } : { t: last.t, i: last.i + 1 };
}

const idWriter = new DocumentWriter();

/** `{_id}` of a document: what `o` of a delete and `o2` of an update hold. */
function idOf(document: Buffer): Buffer {
  idWriter.reset();
  idWriter.startDocument();
  const id = findField(document, 0, '_id');
  if (id !== undefined) idWriter.raw('_id', id);
  idWriter.end();
  return idWriter.finish();
}
