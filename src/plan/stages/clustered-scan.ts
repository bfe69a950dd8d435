import type { CollectionInfo, Reader } from '../../../storage/index.ts';
import { decodeValue } from '../../bson/index.ts';
import type { Filter } from '../../query/index.ts';
import { explainFilter } from '../../query/index.ts';
import type { IndexBounds } from '../index-bounds.ts';
import { isAllValues } from '../interval.ts';
import { conjunctsOf } from '../predicate-bounds.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';
import { Fetch } from './fetch.ts';
import { IndexScan } from './index-scan.ts';

/**
 * Reads a clustered collection, whose natural order is that of `_id`. The records are kept by record id
 * like any others; it is the index on `_id` that gives the order, and explain shows one stage as MongoDB
 * does: CLUSTERED_IXSCAN within bounds, else COLLSCAN.
 */
export class ClusteredScan extends Stage {
  readonly name: 'CLUSTERED_IXSCAN' | 'COLLSCAN';
  readonly collection: CollectionInfo;
  readonly #source: Fetch;
  readonly #bounds: IndexBounds;
  readonly #reverse: boolean;
  readonly #filter: Filter | undefined;

  constructor(
    collection: CollectionInfo,
    bounds: IndexBounds,
    reverse: boolean,
    filter: Filter | undefined,
  ) {
    super([]);
    this.collection = collection;
    this.#source = new Fetch(new IndexScan(collection, bounds, reverse), collection, filter);
    this.#bounds = bounds;
    this.#reverse = reverse;
    this.#filter = filter;
    this.name = isAllValues(bounds.fields[0]!) ? 'COLLSCAN' : 'CLUSTERED_IXSCAN';
  }

  /** One value of `_id`, and nothing else to ask. */
  get isPoint(): boolean {
    const [only, ...more] = this.#filter === undefined ? [] : conjunctsOf(this.#filter.root);
    if (only?.kind !== 'comparison' || more.length > 0) return false;
    return only.path === '_id' && only.operator === '$eq';
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#source.attach(reader);
  }

  override detach(): void {
    super.detach();
    this.#source.detach();
  }

  work(): WorkResult {
    const { stats } = this;
    stats.works++;
    const result = this.#source.work();
    if (result === Work.advanced) {
      this.take(this.#source);
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  override get documentsExamined(): number {
    return this.#source.documentsExamined;
  }

  override explainFields(): Record<string, unknown> {
    const intervals = this.#bounds.fields[0]!;
    const [first, last] = [intervals[0], intervals.at(-1)];
    return {
      ...(this.#filter === undefined ? {} : { filter: explainFilter(this.#filter.root) }),
      direction: this.#reverse ? 'backward' : 'forward',
      ...(this.name === 'COLLSCAN' || first === undefined || last === undefined
        ? {}
        : { minRecord: decodeValue(first.low), maxRecord: decodeValue(last.high) }),
    };
  }

  override explainCounters(): Record<string, unknown> {
    return { docsExamined: this.documentsExamined };
  }
}
