import { borrowRecord, type CollectionInfo, type Reader } from '../../../storage/index.ts';
import { decodeKeyString, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { TextNode } from '../../query/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';
import type { IndexScan } from './index-scan.ts';

interface Found {
  readonly recordId: number;
  score: number;
}

/** Documents that may be found before the first is given out; each takes about a hundred bytes. */
const foundMax = 1_000_000;

/**
 * Documents that have one of several words, with the sum of the words' scores. All words are read before
 * the first document is, so by then a document may have changed: what was found in an earlier time slice
 * is checked again.
 */
export class TextOr extends Stage {
  readonly name = 'TEXT_OR';
  readonly #scans: readonly IndexScan[];
  readonly #collection: CollectionInfo;
  readonly #text: TextNode;
  readonly #found = new Map<number, Found>();
  #given: IterableIterator<Found> | undefined;
  #reader: Reader | undefined;
  #scan = 0;
  /** Counts time slices. */
  #slice = 0;
  #lastScanSlice = 0;
  #firstScanSlice: number | undefined;
  #examined = 0;

  constructor(scans: readonly IndexScan[], collection: CollectionInfo, text: TextNode) {
    super(scans);
    this.#scans = scans;
    this.#collection = collection;
    this.#text = text;
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#reader = reader;
    this.#slice++;
  }

  override detach(): void {
    super.detach();
    this.#reader = undefined;
  }

  work(): WorkResult {
    const { stats } = this;
    stats.works++;
    const result = this.#given === undefined ? this.#read() : this.#giveOut(this.#given);
    if (result === Work.advanced) stats.advanced++;
    else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  #read(): WorkResult {
    const scan = this.#scans[this.#scan];
    if (scan === undefined) {
      this.#given = this.#found.values();
      return Work.needTime;
    }
    this.#firstScanSlice ??= this.#slice;
    this.#lastScanSlice = this.#slice;
    const result = scan.work();
    if (result === Work.done) this.#scan++;
    else if (result === Work.advanced) {
      const { recordId } = scan;
      const score = scoreOf(scan);
      const known = this.#found.get(recordId);
      if (known !== undefined) known.score += score;
      else if (this.#found.size < foundMax) this.#found.set(recordId, { recordId, score });
      else {
        throw new MongoServerError(
          'QueryExceededMemoryLimitNoDiskUseAllowed',
          `a $text with its scores may find ${foundMax} documents at most`,
        );
      }
    }
    return Work.needTime;
  }

  #giveOut(given: IterableIterator<Found>): WorkResult {
    const next = given.next();
    if (next.done === true) return Work.done;
    const { recordId, score } = next.value;
    const record = borrowRecord(this.#reader!, this.#collection, recordId);
    if (record === undefined) return Work.needTime;
    this.#examined++;
    const isFresh = this.#firstScanSlice === this.#slice && this.#lastScanSlice === this.#slice;
    if (!isFresh && this.#text.binding.matches?.(record.buffer, record.start) !== true) {
      return Work.needTime;
    }
    this.buffer = record.buffer;
    this.start = record.start;
    this.recordId = recordId;
    this.metadata = { textScore: score };
    return Work.advanced;
  }

  override get documentsExamined(): number {
    return this.#examined;
  }

  override explainCounters(): Record<string, unknown> {
    return { docsExamined: this.#examined };
  }
}

/** The number behind the term in the key. */
function scoreOf(scan: IndexScan): number {
  const { keyPattern } = scan.bounds.index;
  const descending = keyPattern.map(({ direction }) => direction === -1);
  const { keyString, typeBits } = scan.cursor!;
  const values = decodeKeyString(keyString, typeBits, descending);
  const { buffer, type, start } = values[keyPattern.findIndex(({ path }) => path === '_ftsx')]!;
  return toNumber(buffer, type, start);
}
