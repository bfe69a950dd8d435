/**
 * The documents a write statement means, found inside the write body, so that what is read is what is
 * changed. A long search goes on over several bodies; between them anything may happen, so a result
 * that was found before the present body is read and matched again.
 */
import { type CollectionInfo, getRecord, type Reader } from '../../../storage/index.ts';
import { copyDocument, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { findById, type Hint, isIdLookup, PlanExecutor, planQuery } from '../../plan/index.ts';
import type { Filter, SortPattern } from '../../query/index.ts';
import type { Database } from '../database.ts';
import { planChoice, pointLookupId } from '../reads/find-query.ts';

/** How long one body may search, in milliseconds. */
const searchSliceMs = 4;

export interface TargetQuery {
  /** The filter as the client sent it, for point lookups. */
  readonly filterSpec: RawValue;
  readonly filter: Filter;
  readonly sort?: SortPattern | undefined;
  readonly hint?: Hint | undefined;
}

/** What of a database decides how its queries are planned. */
export type PlanningState = Pick<Database, 'indexFilters' | 'planCache' | 'now'>;

export interface Target {
  readonly recordId: number;
  /** A copy. */
  readonly document: Buffer;
}

/** Whether the search opens no cursor in this collection, of which the collation counts too. */
export function readsByKey(collection: CollectionInfo, query: TargetQuery): boolean {
  return query.hint === undefined && lookupId(collection, query) !== undefined;
}

function lookupId(collection: CollectionInfo, { filterSpec, filter }: TargetQuery) {
  const id = pointLookupId(filterSpec);
  return id !== undefined && isIdLookup(collection, id, filter.collation) ? id : undefined;
}

/** One statement's search, kept over its write bodies. */
export class TargetSearch {
  readonly #query: TargetQuery;
  readonly #collection: CollectionInfo;
  readonly #executor: PlanExecutor | undefined;
  readonly #id: RawValue | undefined;
  #finished: (() => void) | undefined;
  /** Changed by this statement already: an index may show them again at their new place. */
  readonly #seen = new Set<number>();
  #bodies = 0;
  #lost = false;
  #isDone = false;

  constructor(
    collection: CollectionInfo,
    query: TargetQuery,
    limit: number,
    database: PlanningState,
    reader: Reader,
  ) {
    this.#query = query;
    this.#collection = collection;
    this.#id = query.hint === undefined ? lookupId(collection, query) : undefined;
    if (this.#id !== undefined) return;
    const plan = planQuery({
      collection,
      filter: query.filter,
      sort: query.sort,
      metaWords: new Set(query.sort?.metaWords),
      hint: query.hint,
      allowedIndexes: database.indexFilters.allowed(collection, query),
      // A record matched again may not match any more, so a sorted search keeps them all.
      limit: query.sort === undefined ? 0 : limit,
      choice: planChoice(database, { reader }),
    });
    this.#executor = new PlanExecutor(plan.root, noReader);
    this.#finished = plan.finished;
  }

  get collectionId(): number {
    return this.#collection.id;
  }

  /** Something was found that, read again, did not match any more: another search may find more. */
  get lostSome(): boolean {
    return this.#lost;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * Shows targets to `visit` until it answers false, the search is over (`isDone`), or the slice is.
   * `visit` may write. `now` is the collection as this body finds it.
   */
  run(reader: Reader, now: CollectionInfo, visit: (target: Target) => boolean): void {
    this.#checkIndexes(now);
    this.#bodies += 1;
    if (this.#id !== undefined) {
      this.#isDone = true;
      const found = findById(reader, this.#collection, this.#id);
      if (found === undefined) return;
      const { recordId } = found;
      visit({ recordId, document: copyDocument(found.buffer, found.start) });
      return;
    }
    let isStopped = false;
    const state = (this.#executor as PlanExecutor).runWithin(
      reader,
      searchSliceMs,
      (recordId, buffer, start) => {
        if (this.#seen.has(recordId)) return true;
        const document = this.#fresh(reader, recordId, buffer, start);
        if (document === undefined) return true;
        this.#seen.add(recordId);
        isStopped = !visit({ recordId, document });
        return !isStopped;
      },
    );
    this.#isDone = isStopped || state === 'done';
  }

  /** The keys of a dropped index follow the documents no more: what they lead to need not match. */
  #checkIndexes(now: CollectionInfo): void {
    if (now === this.#collection || this.#executor === undefined) return;
    for (const { id, name, state } of this.#collection.indexes) {
      if (state === 'ready' && !now.indexes.some((index) => index.id === id)) {
        throw new MongoServerError('QueryPlanKilled', `index '${name}' dropped`);
      }
    }
  }

  /** The bytes as they are now; undefined when they do not match any more. */
  #fresh(reader: Reader, recordId: number, buffer: Buffer, start: number): Buffer | undefined {
    // Only a sort holds results back; everything else shows what the transaction holds now.
    if (this.#query.sort === undefined || this.#bodies === 1) return copyDocument(buffer, start);
    const document = getRecord(reader, this.#collection, recordId);
    if (document !== undefined && this.#query.filter.matches(document, 0)) return document;
    this.#lost = true;
    return undefined;
  }

  close(): void {
    this.#executor?.close();
    this.#finished?.();
  }
}

/** The search reads from the transaction `run` is given, never from here. */
const noReader: Reader = {
  get: refuse,
  borrow: refuse,
  has: refuse,
  cursor: refuse,
};

function refuse(): never {
  throw new Error('a search for targets reads inside a write body only');
}
