/**
 * Which of several possible plans won its trial, by collection and plan cache shape, so that the next
 * query of the shape need not try them again (manual: Query Plans). An entry counts only when a second
 * trial came to no worse, and no more when a query took ten times the work of the trial.
 *
 * The entries hang on the catalog's description of the collection: a new one (an index made or dropped,
 * an index that has become multikey) has none. They are this member's alone, in memory.
 */
import type { CollectionInfo } from '../../storage/index.ts';
import type { PlanTrial } from './plan-trial.ts';

/** Entries of one collection; the oldest goes first. */
const entriesMax = 1000;
/** MongoDB's internalQueryCacheEvictionRatio. */
const worseThan = 10;
/** Results of a trial that has shown enough; longer queries may take as much more. */
const resultsPerTrial = 101;

export interface CachedPlan {
  /** Names the winner among the accesses the planner finds. */
  readonly access: string;
  readonly works: number;
  /** Used for planning; an inactive one waits for a second trial. */
  readonly isActive: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** What `$planCacheStats` shows: made when it is asked for, from plans that have been run. */
  readonly facts: CachedPlanFacts;
}

export interface CachedPlanFacts {
  readonly shapeHash: string;
  /** `{query, sort, projection}`. */
  readonly createdFromQuery: Record<string, unknown>;
  readonly cachedPlan: Record<string, unknown>;
  readonly creationExecStats: readonly Record<string, unknown>[];
  readonly candidatePlanScores: readonly number[];
  readonly indexFilterSet: boolean;
}

export class PlanCache {
  readonly #entries = new WeakMap<CollectionInfo, Map<string, CachedPlan>>();

  /** The access to use without a trial. */
  active(collection: CollectionInfo, shape: string): CachedPlan | undefined {
    const entry = this.#entries.get(collection)?.get(shape);
    return entry?.isActive === true ? entry : undefined;
  }

  /** Keeps the winner of a trial. */
  learn(
    collection: CollectionInfo,
    shape: string,
    winner: PlanTrial,
    entry: Omit<CachedPlan, 'isActive' | 'works'>,
  ): void {
    const entries = this.#entries.get(collection) ?? new Map<string, CachedPlan>();
    this.#entries.set(collection, entries);
    const before = entries.get(shape);
    if (before === undefined) {
      const oldest = entries.size >= entriesMax ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
      entries.set(shape, { ...entry, works: winner.works, isActive: false });
    } else if (winner.works <= before.works) {
      entries.set(shape, { ...entry, works: winner.works, isActive: true });
    } else {
      // Next time it may cost more and still count.
      entries.set(shape, { ...before, works: Math.max(before.works + 1, before.works * 2) });
    }
  }

  /** Tells what a query cost that used an entry; with too much it has to be tried again. */
  report(collection: CollectionInfo, shape: string, works: number, results: number): void {
    const entries = this.#entries.get(collection);
    const entry = entries?.get(shape);
    if (entry?.isActive !== true) return;
    const expected = worseThan * entry.works * Math.max(1, results / resultsPerTrial);
    if (works > expected) entries?.set(shape, { ...entry, isActive: false });
  }

  list(collection: CollectionInfo): readonly CachedPlan[] {
    return [...(this.#entries.get(collection)?.values() ?? [])];
  }

  /** Of one shape, or of all. */
  clear(collection: CollectionInfo, shape?: string): void {
    if (shape === undefined) this.#entries.delete(collection);
    else this.#entries.get(collection)?.delete(shape);
  }
}
