/**
 * Records by id, for a caller that often asks for the neighbour of the one before: entries of an index
 * on what grows with time lead from record to record. There a cursor reads on, at a third of what a
 * look-up costs.
 *
 * A cursor is opened after some neighbours in a row, and given up at the first id it does not lead to.
 * One that was given up soon has cost more than it brought, so the next is opened later: records in
 * any order at all pay hardly more than their look-ups.
 *
 * Not in a write transaction: what is written there would move its cursors. There each is looked up.
 */
import type { CollectionInfo } from './catalog.ts';
import type { Reader } from './engine.ts';
import {
  type BorrowedRecord,
  borrowRecord,
  type RecordCursor,
  scanRecords,
} from './record-store.ts';

/** Ids so near count as neighbours: the records between may be gone. */
const nearby = 4;
/** Neighbours in a row before the first cursor, and before the last that is tried. */
const leastRun = 4;
const longestRun = 256;
/** Opening a cursor costs as much as it saves over so many records. */
const worthwhile = 8;

export class RecordLookup {
  readonly #reader: Reader;
  readonly #collection: CollectionInfo;
  readonly #mayReadOn: boolean;
  #cursor: RecordCursor | undefined;
  /** The id asked for last; NaN before the first: near to none. */
  #last = Number.NaN;
  #isReverse = false;
  /** Neighbours in a row, in one direction; since it was opened while there is a cursor. */
  #run = 0;
  #runWanted = leastRun;

  constructor(reader: Reader, collection: CollectionInfo) {
    this.#reader = reader;
    this.#collection = collection;
    this.#mayReadOn = !('put' in reader);
  }

  /** The record, borrowed until the next read from the engine; undefined when there is none. */
  borrow(recordId: number): BorrowedRecord | undefined {
    if (this.#mayReadOn) {
      const step = recordId - this.#last;
      this.#last = recordId;
      if (this.#isNext(step)) {
        this.#run++;
        const cursor = this.#cursor ?? this.#openAt(recordId);
        if (cursor?.next() === true && cursor.recordId === recordId) return cursor;
        if (cursor !== undefined) this.#giveUp();
      } else {
        if (this.#cursor !== undefined) this.#giveUp();
        this.#isReverse = step < 0;
        this.#run = 0;
      }
    }
    return borrowRecord(this.#reader, this.#collection, recordId);
  }

  close(): void {
    this.#cursor?.close();
    this.#cursor = undefined;
  }

  #isNext(step: number): boolean {
    return this.#isReverse ? step < 0 && step >= -nearby : step > 0 && step <= nearby;
  }

  /** Stands before this record; undefined when it is too early for a cursor. */
  #openAt(recordId: number): RecordCursor | undefined {
    if (this.#run < this.#runWanted) return undefined;
    this.#run = 0;
    this.#cursor = scanRecords(this.#reader, this.#collection, {
      from: recordId,
      reverse: this.#isReverse,
    });
    return this.#cursor;
  }

  #giveUp(): void {
    this.close();
    this.#runWanted = this.#run < worthwhile ? Math.min(this.#runWanted * 4, longestRun) : leastRun;
    this.#run = 0;
  }
}
