/**
 * Index filters: for queries of one shape on one collection, the indexes the planner may consider,
 * whatever a hint says. They are this member's alone, in memory: a restart forgets them, as in MongoDB.
 */
import type { CatalogState, CollectionInfo, IndexInfo } from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type Hint, hintedIndex, planCacheShape, type ShapedQuery } from '../../plan/index.ts';

export interface IndexFilter {
  /** What the client gave: `{query, sort, projection, collation?, indexes}`. */
  readonly given: Record<string, unknown>;
  /** Names and key patterns of the indexes; one that does not exist is none. */
  readonly indexes: readonly Hint[];
}

/** Filters of one collection; each query on it is compared with them. */
const filtersMax = 1000;

export class IndexFilters {
  /** By collection id, then by shape. */
  readonly #filters = new Map<number, Map<string, IndexFilter>>();

  /** In the place of the one the shape had. */
  set({ id }: CollectionInfo, query: ShapedQuery, filter: IndexFilter): void {
    const shapes = this.#filters.get(id) ?? new Map<string, IndexFilter>();
    const shape = planCacheShape(query);
    if (shapes.size >= filtersMax && !shapes.has(shape)) {
      throw new MongoServerError(
        'OperationFailed',
        `a collection has at most ${filtersMax} index filters`,
      );
    }
    this.#filters.set(id, shapes.set(shape, filter));
  }

  list({ id }: CollectionInfo): IndexFilter[] {
    return [...(this.#filters.get(id)?.values() ?? [])];
  }

  /** Of one shape, or of all. */
  clear({ id }: CollectionInfo, query?: ShapedQuery): void {
    if (query === undefined) this.#filters.delete(id);
    else this.#filters.get(id)?.delete(planCacheShape(query));
  }

  /** The indexes a query may use; undefined when no filter is about it. */
  allowed(
    collection: CollectionInfo | undefined,
    query: ShapedQuery,
  ): readonly IndexInfo[] | undefined {
    if (this.#filters.size === 0 || collection === undefined) return undefined;
    const filter = this.#filters.get(collection.id)?.get(planCacheShape(query));
    if (filter === undefined) return undefined;
    const found = filter.indexes.map((index) => hintedIndex(collection, index));
    return found.filter((index) => index !== undefined);
  }

  forgetDropped(catalog: CatalogState): void {
    for (const id of this.#filters.keys()) {
      if (catalog.byId(id) === undefined) this.#filters.delete(id);
    }
  }
}
