import { type CollectionInfo, type Reader, RecordLookup } from '../../../storage/index.ts';
import type { Filter } from '../../query/index.ts';
import { explainFilter } from '../../query/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

/**
 * From record ids to documents. A record that is gone since its index entry was read is skipped, and
 * the filter is asked about the document as it is now, so a result always matches what it claims.
 */
export class Fetch extends Stage {
  readonly name = 'FETCH';
  readonly #child: Stage;
  readonly #collection: CollectionInfo;
  readonly #filter: Filter | undefined;
  #records: RecordLookup | undefined;
  #examined = 0;

  /** `filter` undefined: the index bounds below are exact and nothing is left to check. */
  constructor(child: Stage, collection: CollectionInfo, filter: Filter | undefined) {
    super([child]);
    this.#child = child;
    this.#collection = collection;
    this.#filter = filter;
  }

  get hasFilter(): boolean {
    return this.#filter !== undefined;
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#records = new RecordLookup(reader, this.#collection);
  }

  override detach(): void {
    super.detach();
    this.#records?.close();
    this.#records = undefined;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    const result = this.#child.work();
    if (result !== Work.advanced) {
      if (result === Work.needTime) stats.needTime++;
      else stats.isEof = true;
      return result;
    }
    const recordId = this.#child.recordId;
    const record = this.#records!.borrow(recordId);
    if (record === undefined) {
      stats.needTime++;
      return Work.needTime;
    }
    this.#examined++;
    if (this.#filter !== undefined && !this.#filter.matches(record.buffer, record.start)) {
      stats.needTime++;
      return Work.needTime;
    }
    this.buffer = record.buffer;
    this.start = record.start;
    this.recordId = recordId;
    this.metadata = this.#child.metadata;
    stats.advanced++;
    return Work.advanced;
  }

  override get documentsExamined(): number {
    return this.#examined;
  }

  override explainFields(): Record<string, unknown> {
    return this.#filter === undefined ? {} : { filter: explainFilter(this.#filter.root) };
  }

  override explainCounters(): Record<string, unknown> {
    return { docsExamined: this.#examined, alreadyHasObj: 0 };
  }
}
