import {
  type CollectionInfo,
  hasRecord,
  type RecordCursor,
  scanRecords,
} from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { bytesPerWork, recordsPerWork, Work, type WorkResult } from '../stage.ts';
import { type ScanOptions, TailableScan } from './tailable-scan.ts';

/**
 * Reads a collection in record order. The filter runs inside the loop, on the storage's own bytes, so
 * a document that does not match costs no call through the tree.
 */
export class CollectionScan extends TailableScan<RecordCursor> {
  readonly collection: CollectionInfo;
  readonly #keepsPosition: boolean;
  /** The record the scan stands on; undefined before the first. */
  #position: number | undefined;

  constructor(collection: CollectionInfo, options: ScanOptions = {}) {
    super(options);
    this.collection = collection;
    this.#keepsPosition = options.keepsPosition === true;
  }

  get isTailable(): boolean {
    return this.tailable;
  }

  work(): WorkResult {
    const stats = this.stats;
    if (this.ended) return Work.done;
    const cursor = this.cursor ?? this.#open();
    const filter = this.filter;
    let bytes = 0;
    let count = 0;
    for (; count < recordsPerWork && bytes < bytesPerWork; count++) {
      if (!cursor.next()) {
        this.examined += count;
        stats.works += count + 1;
        stats.needTime += count;
        this.ended = true;
        stats.isEof = true;
        this.close();
        return Work.done;
      }
      if (filter === undefined || filter.matches(cursor.buffer, cursor.start)) {
        this.examined += count + 1;
        stats.works += count + 1;
        stats.needTime += count;
        stats.advanced++;
        this.buffer = cursor.buffer;
        this.start = cursor.start;
        this.recordId = cursor.recordId;
        this.#position = this.recordId;
        return Work.advanced;
      }
      bytes += cursor.buffer.readInt32LE(cursor.start);
      if (this.tailable) this.#position = cursor.recordId;
    }
    this.#position = cursor.recordId;
    this.examined += count;
    stats.works += count;
    stats.needTime += count;
    return Work.needTime;
  }

  #open(): RecordCursor {
    this.#checkPosition();
    const cursor = scanRecords(this.reader!, this.collection, {
      ...(this.#position === undefined ? {} : { after: this.#position }),
      reverse: this.reverse,
    });
    this.cursor = cursor;
    return cursor;
  }

  #checkPosition(): void {
    const position = this.#position;
    if (!this.#keepsPosition || position === undefined) return;
    if (hasRecord(this.reader!, this.collection, position)) return;
    throw new MongoServerError(
      'CappedPositionLost',
      `CollectionScan died due to position in capped collection being deleted. Last seen record id: RecordId(${position})`,
    );
  }
}
