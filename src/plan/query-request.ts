/** What is to be planned. */
import type { CollectionInfo, IndexInfo, Reader } from '../../storage/index.ts';
import type { MetaWord } from '../expressions/index.ts';
import type { Filter, Projection, SortPattern } from '../query/index.ts';
import type { Hint } from './hint.ts';
import type { KeyRange } from './key-range.ts';
import type { PlanCache } from './plan-cache.ts';

export interface QueryRequest {
  /** Undefined: the collection does not exist, and there are no results. */
  readonly collection: CollectionInfo | undefined;
  /** For messages and explain; default that of the collection. */
  readonly namespace?: string | undefined;
  readonly filter: Filter;
  readonly sort?: SortPattern | undefined;
  readonly projection?: Projection | undefined;
  /** The projection as the client wrote it, for explain. */
  readonly projectionSpec?: Record<string, unknown> | undefined;
  readonly skip?: number | undefined;
  /** 0 and undefined: all. */
  readonly limit?: number | undefined;
  readonly hint?: Hint | undefined;
  /** An index filter: no other index is considered, whatever the hint says. */
  readonly allowedIndexes?: readonly IndexInfo[] | undefined;
  /** Query settings; in place of a hint and of an index filter when an index they name can be used. */
  readonly settings?: PlannedSettings | undefined;
  /** A scan that waits at its end (`PlanExecutor.retryEnd`); only with a collection scan. */
  readonly tailable?: boolean | undefined;
  /** A collection scan fails when the record it stands on is gone (`ScanOptions.keepsPosition`). */
  readonly keepsPosition?: boolean | undefined;
  /** Undefined: the order of the rules decides among several plans. */
  readonly choice?: PlanChoice | undefined;
  /** `min` and `max`: only what the hinted index has between two keys. */
  readonly keyRange?: KeyRange | undefined;
  /** The key of the index in place of each document, and then no projection. */
  readonly returnKey?: boolean | undefined;
  readonly showRecordId?: boolean | undefined;
  /** What the projection, the order and what comes after want to know of documents beside their fields. */
  readonly metaWords?: ReadonlySet<MetaWord> | undefined;
  /** Only how many match, not what: a plan of a COUNT stage (`PlanExecutor.count` counts any plan). */
  readonly countOnly?: boolean | undefined;
}

/** What a choice among several plans is made with. */
export interface PlanChoice {
  readonly reader: Reader;
  readonly cache: PlanCache;
  /** Milliseconds since 1970; asked for when the cache learns of a plan. */
  readonly now: () => number;
  /** Explain tries the plans whatever the cache says, and leaves the cache as it is. */
  readonly isExplain?: boolean;
}

/** The query settings of a query, as far as its plan goes. */
export interface PlannedSettings {
  /** As the client wrote them, for explain. */
  readonly given: Record<string, unknown>;
  /** The indexes to use, when there are any and one of them helps. */
  readonly indexes: readonly Hint[];
}
