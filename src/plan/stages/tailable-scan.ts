import type { Reader } from '../../../storage/index.ts';
import type { Filter } from '../../query/index.ts';
import { explainFilter } from '../../query/index.ts';
import { Stage } from '../stage.ts';

export interface ScanOptions {
  readonly reverse?: boolean;
  /** Undefined: every document. */
  readonly filter?: Filter | undefined;
  /** The end is not final: after `rewindEnd` the scan looks for records behind its position. */
  readonly tailable?: boolean;
  /**
   * Of a capped collection: the scan fails when the record it stands on was evicted meanwhile, so that
   * nobody reads over a hole without knowing.
   */
  readonly keepsPosition?: boolean;
}

/**
 * What a scan of a collection and one of the oplog share: a cursor that is let go of with the reader,
 * an end that need not be final, and explain's COLLSCAN. Where the scan stands is the subclass's.
 */
export abstract class TailableScan<Cursor extends { close(): void }> extends Stage {
  readonly name = 'COLLSCAN';
  protected readonly reverse: boolean;
  protected readonly filter: Filter | undefined;
  protected readonly tailable: boolean;
  protected reader: Reader | undefined;
  protected cursor: Cursor | undefined;
  protected ended = false;
  protected examined = 0;

  constructor(options: ScanOptions) {
    super([]);
    this.reverse = options.reverse === true;
    this.filter = options.filter;
    this.tailable = options.tailable === true;
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.reader = reader;
  }

  override detach(): void {
    super.detach();
    this.close();
    this.reader = undefined;
  }

  /** Lets a tailable scan that reached its end go on behind the last record it saw. */
  rewindEnd(): void {
    if (!this.tailable) return;
    this.close();
    this.ended = false;
    this.stats.isEof = false;
  }

  override get documentsExamined(): number {
    return this.examined;
  }

  override explainFields(): Record<string, unknown> {
    return {
      ...(this.filter === undefined ? {} : { filter: explainFilter(this.filter.root) }),
      direction: this.reverse ? 'backward' : 'forward',
      ...(this.tailable ? { tailable: true } : {}),
    };
  }

  override explainCounters(): Record<string, unknown> {
    return { docsExamined: this.examined };
  }

  protected close(): void {
    this.cursor?.close();
    this.cursor = undefined;
  }
}
