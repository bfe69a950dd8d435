import { borrowRecord, type CollectionInfo, type Reader } from '../../../storage/index.ts';
import { BsonType, copyValue, type RawValue, valueEnd } from '../../bson/index.ts';
import { distanceTo, elementsOf, isValue, type Nearness, readStored } from '../../geo/index.ts';
import { explainFilter, type Filter, parsePath, visitPath } from '../../query/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';
import type { IndexScan } from './index-scan.ts';

interface Found {
  readonly recordId: number;
  readonly distance: number;
}

export interface GeoNearOptions {
  readonly name: 'GEO_NEAR_2DSPHERE' | 'GEO_NEAR_2D';
  readonly path: string;
  readonly nearness: Nearness;
  readonly indexName: string;
  readonly keyPattern: Record<string, unknown>;
  /** Somebody asks for the place that was nearest. */
  readonly wantsPoint: boolean;
  /** Reads what lies within a distance, and maybe more. */
  scanWithin(distance: number): IndexScan;
  readonly firstDistance: number;
  /** Everything is within this distance. */
  readonly lastDistance: number;
}

/** Each round reaches so many times as far as the one before it. */
const growth = 4;

/**
 * Documents by their distance from a point, the nearest first. Rounds of growing reach: what a round
 * finds nearer than its reach is complete, so it is sorted and given out before the next begins. A
 * document with several places counts once, with the nearest.
 */
export class GeoNear extends Stage {
  readonly name: string;
  readonly #collection: CollectionInfo;
  readonly #filter: Filter;
  readonly #options: GeoNearOptions;
  readonly #path: ReturnType<typeof parsePath>;
  /** Looked at in an earlier round or place. */
  readonly #seen = new Set<number>();
  #reach: number;
  #scan: IndexScan | undefined;
  #reader: Reader | undefined;
  /** Beyond the reach of the rounds that are over. */
  #waiting: Found[] = [];
  /** The nearest last. */
  #ready: Found[] = [];
  #isLast = false;
  #keys = 0;
  #documents = 0;

  constructor(collection: CollectionInfo, filter: Filter, options: GeoNearOptions) {
    super([]);
    this.name = options.name;
    this.#collection = collection;
    this.#filter = filter;
    this.#options = options;
    this.#path = parsePath(options.path);
    this.#reach = Math.min(options.firstDistance, this.#limit);
  }

  get #limit(): number {
    return Math.min(this.#options.nearness.max, this.#options.lastDistance);
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#reader = reader;
    this.#scan?.attach(reader);
  }

  override detach(): void {
    super.detach();
    this.#scan?.detach();
    this.#reader = undefined;
  }

  work(): WorkResult {
    const { stats } = this;
    stats.works++;
    const result = this.#ready.length > 0 ? this.#giveOut() : this.#search();
    if (result === Work.advanced) stats.advanced++;
    else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  /** The document as it is now; it may have changed since it was found. */
  #giveOut(): WorkResult {
    const { recordId, distance } = this.#ready.pop()!;
    const record = borrowRecord(this.#reader!, this.#collection, recordId);
    if (record === undefined || !this.#filter.matches(record.buffer, record.start)) {
      return Work.needTime;
    }
    this.buffer = record.buffer;
    this.start = record.start;
    this.recordId = recordId;
    const { nearness, wantsPoint } = this.#options;
    const geoNearDistance = distance * nearness.scale;
    const place = wantsPoint ? this.#nearestIn(record.buffer, record.start).place : undefined;
    this.metadata =
      place === undefined
        ? { geoNearDistance }
        : { geoNearDistance, geoNearPoint: copyValue(place) };
    return Work.advanced;
  }

  #search(): WorkResult {
    if (this.#scan === undefined) {
      if (this.#isLast) return Work.done;
      this.#isLast = this.#reach >= this.#limit;
      this.#scan = this.#options.scanWithin(this.#reach);
      this.#scan.attach(this.#reader!);
    }
    const result = this.#scan.work();
    if (result === Work.advanced) this.#look(this.#scan.recordId);
    else if (result === Work.done) this.#endRound();
    return Work.needTime;
  }

  #look(recordId: number): void {
    if (this.#seen.has(recordId)) return;
    this.#seen.add(recordId);
    const record = borrowRecord(this.#reader!, this.#collection, recordId);
    if (record === undefined) return;
    this.#documents++;
    if (!this.#filter.matches(record.buffer, record.start)) return;
    const { distance } = this.#nearestIn(record.buffer, record.start);
    const { min, max } = this.#options.nearness;
    if (distance >= min && distance <= max) this.#waiting.push({ recordId, distance });
  }

  #nearestIn(buffer: Buffer, start: number): { distance: number; place: RawValue | undefined } {
    let least = Number.POSITIVE_INFINITY;
    let nearest: RawValue | undefined;
    const consider = (bytes: Buffer, type: number, at: number): void => {
      if (type !== BsonType.object && type !== BsonType.array) return;
      const value = { buffer: bytes, type, start: at, end: valueEnd(bytes, type, at) };
      const place = readStored(value);
      if (isValue(place)) {
        const distance = distanceTo(this.#options.nearness, place.value);
        if (distance === undefined || distance >= least) return;
        least = distance;
        nearest = value;
      } else if (type === BsonType.array) {
        for (const one of elementsOf(value)) consider(bytes, one.type, one.start);
      }
    };
    visitPath(buffer, start, this.#path, false, (bytes, type, at) => {
      consider(bytes, type, at);
      return false;
    });
    return { distance: least, place: nearest };
  }

  #endRound(): void {
    this.#keys += this.#scan!.keysExamined;
    this.#scan!.detach();
    this.#scan = undefined;
    const isComplete = ({ distance }: Found): boolean => this.#isLast || distance <= this.#reach;
    this.#ready = this.#waiting
      .filter(isComplete)
      .sort((a, b) => b.distance - a.distance || b.recordId - a.recordId);
    this.#waiting = this.#waiting.filter((found) => !isComplete(found));
    this.#reach = Math.min(this.#reach * growth, this.#limit);
  }

  override get keysExamined(): number {
    return this.#keys + (this.#scan?.keysExamined ?? 0);
  }

  override get documentsExamined(): number {
    return this.#documents;
  }

  override explainFields(): Record<string, unknown> {
    const { keyPattern, indexName } = this.#options;
    return { keyPattern, indexName, filter: explainFilter(this.#filter.root) };
  }
}
