import {
  type CollectionInfo,
  type Reader,
  type RecordCursor,
  scanRecords,
} from '../../../storage/index.ts';
import type { Filter } from '../../query/index.ts';
import { explainFilter } from '../explain-filter.ts';
import { bytesPerWork, recordsPerWork, Stage, Work, type WorkResult } from '../stage.ts';

export interface CollectionScanOptions {
  readonly reverse?: boolean;
  /** Undefined: every document. */
  readonly filter?: Filter | undefined;
  /** The end is not final: after `rewindEnd` the scan looks for records behind its position. */
  readonly tailable?: boolean;
}

/**
 * Reads a collection in record order. The filter runs inside the loop, on the storage's own bytes, so
 * a document that does not match costs no call through the tree.
 */
export class CollectionScan extends Stage {
  readonly name = 'COLLSCAN';
  readonly #collection: CollectionInfo;
  readonly #reverse: boolean;
  readonly #filter: Filter | undefined;
  readonly #tailable: boolean;
  #reader: Reader | undefined;
  #cursor: RecordCursor | undefined;
  /** The record the scan stands on; undefined before the first. */
  #position: number | undefined;
  #ended = false;
  #examined = 0;

  constructor(collection: CollectionInfo, options: CollectionScanOptions = {}) {
    super([]);
    this.#collection = collection;
    this.#reverse = options.reverse === true;
    this.#filter = options.filter;
    this.#tailable = options.tailable === true;
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#reader = reader;
  }

  override detach(): void {
    super.detach();
    this.#close();
    this.#reader = undefined;
  }

  /** Lets a tailable scan that reached its end go on behind the last record it saw. */
  rewindEnd(): void {
    if (!this.#tailable) return;
    this.#close();
    this.#ended = false;
    this.stats.isEof = false;
  }

  work(): WorkResult {
    const stats = this.stats;
    if (this.#ended) return Work.done;
    const cursor = this.#cursor ?? this.#open();
    const filter = this.#filter;
    let bytes = 0;
    let count = 0;
    for (; count < recordsPerWork && bytes < bytesPerWork; count++) {
      if (!cursor.next()) {
        this.#examined += count;
        stats.works += count + 1;
        stats.needTime += count;
        this.#ended = true;
        stats.isEof = true;
        this.#close();
        return Work.done;
      }
      if (filter === undefined || filter.matches(cursor.buffer, cursor.start)) {
        this.#examined += count + 1;
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
      if (this.#tailable) this.#position = cursor.recordId;
    }
    this.#position = cursor.recordId;
    this.#examined += count;
    stats.works += count;
    stats.needTime += count;
    return Work.needTime;
  }

  override get documentsExamined(): number {
    return this.#examined;
  }

  override explainFields(): Record<string, unknown> {
    return {
      ...(this.#filter === undefined ? {} : { filter: explainFilter(this.#filter.root) }),
      direction: this.#reverse ? 'backward' : 'forward',
      ...(this.#tailable ? { tailable: true } : {}),
    };
  }

  override explainCounters(): Record<string, unknown> {
    return { docsExamined: this.#examined };
  }

  #open(): RecordCursor {
    const cursor = scanRecords(this.#reader!, this.#collection, {
      ...(this.#position === undefined ? {} : { after: this.#position }),
      reverse: this.#reverse,
    });
    this.#cursor = cursor;
    return cursor;
  }

  #close(): void {
    this.#cursor?.close();
    this.#cursor = undefined;
  }
}
