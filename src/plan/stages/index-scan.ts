import {
  type CollectionInfo,
  findUnique,
  type IndexCursor,
  type Reader,
  scanIndex,
} from '../../../storage/index.ts';
import {
  explainBounds,
  type IndexBounds,
  type KeyStringRange,
  keyStringRanges,
} from '../index-bounds.ts';
import { factsOf } from '../index-facts.ts';
import { recordsPerWork, Stage, Work, type WorkResult } from '../stage.ts';

/**
 * Reads index entries in key order within bounds, and passes over the gaps between them by seeking.
 * The result is a record id, without a document. In a multikey index one record has many keys: only
 * its first is passed on.
 */
export class IndexScan extends Stage {
  readonly name = 'IXSCAN';
  readonly collection: CollectionInfo;
  readonly bounds: IndexBounds;
  readonly #reverse: boolean;
  /** Whole keys of a unique index are looked up, without a cursor. */
  readonly #looksUp: boolean;
  readonly #ranges: readonly KeyStringRange[];
  /** Record ids already returned; only of a multikey index. */
  readonly #returned: Set<number> | undefined;
  #reader: Reader | undefined;
  #cursor: IndexCursor | undefined;
  #range = 0;
  #position: Buffer | undefined;
  #keysExamined = 0;
  #seeks = 0;
  #dupsDropped = 0;

  /** `showsKeys`: the parent reads `cursor`, so every result comes from one. */
  constructor(
    collection: CollectionInfo,
    bounds: IndexBounds,
    reverse: boolean,
    showsKeys = false,
  ) {
    super([]);
    this.collection = collection;
    this.bounds = bounds;
    this.#reverse = reverse;
    this.#looksUp = bounds.index.unique && !showsKeys;
    const ranges = keyStringRanges(bounds);
    this.#ranges = reverse ? ranges.reverse() : ranges;
    this.#returned = bounds.index.multikeyPaths.some(Boolean) ? new Set() : undefined;
  }

  /** The index entry of the result, for who can answer from it; borrowed. */
  get cursor(): IndexCursor | undefined {
    return this.#cursor;
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#reader = reader;
  }

  override detach(): void {
    super.detach();
    if (this.#cursor !== undefined) {
      if (this.recordId !== 0) this.#position = this.#cursor.position();
      this.#cursor.close();
      this.#cursor = undefined;
    }
    this.#reader = undefined;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    for (let count = 0; count < recordsPerWork; count++) {
      const range = this.#ranges[this.#range];
      if (range === undefined) {
        stats.isEof = true;
        return Work.done;
      }
      if (range.isWholeKey && this.#looksUp) {
        this.#range++;
        this.#seeks++;
        const recordId = findUnique(this.#reader!, this.bounds.index, range.lower);
        if (recordId === undefined) continue;
        if (!this.#accept(recordId)) continue;
        return Work.advanced;
      }
      const cursor = this.#cursor ?? this.#open(range);
      if (!cursor.next()) {
        cursor.close();
        this.#cursor = undefined;
        this.#position = undefined;
        this.#range++;
        continue;
      }
      if (this.#accept(cursor.recordId)) return Work.advanced;
    }
    stats.needTime++;
    return Work.needTime;
  }

  override get keysExamined(): number {
    return this.#keysExamined;
  }

  override explainFields(): Record<string, unknown> {
    const { index } = this.bounds;
    const { collation, isSparse, isUnique, partialFilter, kind } = factsOf(index);
    const isText = kind.name === 'text';
    const pattern: Record<string, unknown> = {};
    const multikeyPaths: Record<string, string[]> = {};
    index.keyPattern.forEach((field, at) => {
      pattern[field.path] = field.kind ?? field.direction;
      multikeyPaths[field.path] = index.multikeyPaths[at] === true ? [field.path] : [];
    });
    return {
      keyPattern: pattern,
      indexName: index.name,
      ...(collation === undefined ? {} : { collation: collation.document }),
      isMultiKey: index.multikeyPaths.some(Boolean),
      ...(isText ? {} : { multiKeyPaths: multikeyPaths }),
      isUnique,
      isSparse: isSparse || kind.name === 'wildcard',
      isPartial: partialFilter !== undefined,
      indexVersion: 2,
      direction: this.#reverse ? 'backward' : 'forward',
      // Its words are shown by the stage above.
      indexBounds: isText ? {} : explainBounds(this.bounds, this.#reverse),
    };
  }

  override explainCounters(): Record<string, unknown> {
    return {
      keysExamined: this.#keysExamined,
      seeks: this.#seeks,
      dupsTested: this.#returned === undefined ? 0 : this.#keysExamined,
      dupsDropped: this.#dupsDropped,
    };
  }

  #accept(recordId: number): boolean {
    this.#keysExamined++;
    const returned = this.#returned;
    if (returned !== undefined) {
      if (returned.has(recordId)) {
        this.#dupsDropped++;
        return false;
      }
      returned.add(recordId);
    }
    this.recordId = recordId;
    this.stats.advanced++;
    return true;
  }

  #open(range: KeyStringRange): IndexCursor {
    this.#seeks++;
    this.#cursor = scanIndex(this.#reader!, this.bounds.index, {
      lower: range.lower,
      lowerInclusive: true,
      upper: range.upper,
      upperInclusive: false,
      reverse: this.#reverse,
      ...(this.#position === undefined ? {} : { after: this.#position }),
    });
    return this.#cursor;
  }
}
