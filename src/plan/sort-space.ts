import type { SpillFile } from '../../storage/index.ts';

/** What the sorts of a plan may take: memory, and disk beyond it when there is `openSpill`. */
export interface SortSpace {
  /** Bytes of documents and keys (internalQueryMaxBlockingSortMemoryUsageBytes). */
  readonly memoryLimitBytes: number;
  /** Undefined: a sort that needs more fails with QueryExceededMemoryLimitNoDiskUseAllowed. */
  readonly openSpill?: (() => SpillFile) | undefined;
}

export const defaultSortSpace: SortSpace = { memoryLimitBytes: 100 * 1024 * 1024 };
