/**
 * From the fields of a read command to a cursor over its results.
 *
 * A query on the newest state runs in slices and sees writes between them, as in MongoDB; what it
 * stands on may go away meanwhile, so each batch checks that its collection and indexes are still there.
 */
import type { CollectionInfo, Reader } from '../../../storage/index.ts';
import {
  type Collation,
  copyDocument,
  decodeDocument,
  documentEnd,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type MetaWord, noVariables, type Variables } from '../../expressions/index.ts';
import {
  findById,
  idIndexOf,
  isIdLookup,
  type PlanChoice,
  PlanExecutor,
  type PlannedSettings,
  parseHint,
  parseKeyRange,
  planQuery,
  type QueryPlan,
  type SortSpace,
} from '../../plan/index.ts';
import {
  type Filter,
  type Projection,
  parseFilter,
  parseProjection,
  parseSort,
  type SortPattern,
} from '../../query/index.ts';
import { effectiveCollation } from '../collections/collection-collation.ts';
import { isCapped } from '../collections/collection-options.ts';
import { timeSeriesOf } from '../collections/time-series.ts';
import type { Database } from '../database.ts';
import { type Interruptible, variablesOf } from '../operation-variables.ts';
import { runOnList } from './list-query.ts';
import type { BatchRequest, BatchSource, DocumentBatch } from './list-source.ts';
import type { ReadLevel, ReadView } from './read-view.ts';
import { checkStillThere } from './still-there.ts';

export interface FindFields {
  readonly filter?: RawValue | undefined;
  readonly sort?: RawValue | undefined;
  readonly projection?: RawValue | undefined;
  readonly skip?: number | undefined;
  /** 0 or undefined: no limit. */
  readonly limit?: number | undefined;
  readonly hint?: RawValue | undefined;
  readonly tailable?: boolean | undefined;
  readonly min?: RawValue | undefined;
  readonly max?: RawValue | undefined;
  readonly returnKey?: boolean | undefined;
  readonly showRecordId?: boolean | undefined;
  readonly settings?: PlannedSettings | undefined;
  /** Constants for the expressions of the others. */
  readonly let?: RawValue | undefined;
  /** Undefined: that of the collection. */
  readonly collation?: GivenCollation | undefined;
  /** Undefined: as by default. */
  readonly allowDiskUse?: boolean | undefined;
  /** In place of the variables of the operation. */
  readonly variables?: Variables | undefined;
}

/** What errors of a running find say first. */
export const findContext = 'Executor error during find command';

const nothingAsked = Buffer.from([5, 0, 0, 0, 0]);

/** Matches everything. */
export function emptyFilter(collation?: Collation): Filter {
  return parseFilter(nothingAsked, 0, { variables: noVariables.under(collation) });
}

function filterOf(
  filter: RawValue | undefined,
  variables: Variables,
  place: 'query' | 'match' = 'query',
): Filter {
  return filter === undefined
    ? parseFilter(nothingAsked, 0, { variables })
    : parseFilter(filter.buffer, filter.start, { variables, place });
}

/** The collection of this name in a view, stored or virtual. */
export function collectionIn(
  database: Database,
  view: ReadView,
  namespace: string,
): CollectionInfo | undefined {
  return (
    view.catalog.byNamespace(namespace) ?? database.virtualCollections.get(namespace)?.collection
  );
}

export interface PlanOptions {
  /** What plans are tried on. */
  readonly reader: Reader;
  readonly countOnly?: boolean;
  readonly isExplain?: boolean;
  /** Whose end is the end of its JavaScript. */
  readonly operation?: Interruptible | undefined;
}

/** How to choose among several plans of a query on this database. */
export function planChoice(
  database: Pick<Database, 'planCache' | 'now'>,
  { reader, isExplain = false }: Pick<PlanOptions, 'reader' | 'isExplain'>,
): PlanChoice {
  return { reader, cache: database.planCache, now: database.now, isExplain };
}

/** Throws what the fields have wrong, whether or not the collection exists. */
export function planFind(
  database: Database,
  namespace: string,
  collection: CollectionInfo | undefined,
  fields: FindFields,
  { countOnly = false, operation, ...choice }: PlanOptions,
): QueryPlan {
  const { projection } = fields;
  const collation = effectiveCollation(fields.collation, collection);
  const variables =
    fields.variables?.under(collation) ?? variablesOf(database, fields.let, collation, operation);
  // MongoDB's reads of a time series are pipelines over its buckets.
  const isSeries = collection !== undefined && timeSeriesOf(collection) !== undefined;
  const filter = filterOf(fields.filter, variables, isSeries ? 'match' : 'query');
  const sort = fields.sort && parseSort(fields.sort.buffer, fields.sort.start, collation);
  const projectionSpec = projection && decodeDocument(projection.buffer, projection.start);
  const parsedProjection =
    projection && parseProjection(projection.buffer, projection.start, { filter, variables });
  // Each field by name: an object spread into a larger one costs more than the planning.
  return planQuery({
    filter,
    sort,
    projectionSpec,
    collection,
    namespace,
    projection: parsedProjection,
    allowedIndexes: database.indexFilters.allowed(collection, { filter, sort, projectionSpec }),
    skip: fields.skip,
    limit: fields.limit,
    hint: parseHint(fields.hint),
    settings: fields.settings,
    tailable: fields.tailable,
    keyRange: parseKeyRange(fields.min, fields.max),
    returnKey: fields.returnKey,
    showRecordId: fields.showRecordId,
    keepsPosition: collection !== undefined && isCapped(collection),
    choice: planChoice(database, choice),
    countOnly,
    metaWords: wantedMetadata(parsedProjection, sort),
  });
}

/** What a find wants to know of documents beside their fields. */
function wantedMetadata(
  projection: Projection | undefined,
  sort: SortPattern | undefined,
): ReadonlySet<MetaWord> | undefined {
  const projected = projection?.metaWords;
  const sorted = sort?.metaWords ?? [];
  if (projected?.has('sortKey') === true && sort === undefined) {
    throw new MongoServerError('BadValue', 'cannot use sortKey $meta projection without a sort');
  }
  return sorted.length === 0 ? projected : new Set([...(projected ?? []), ...sorted]);
}

/** MongoDB keeps no tailable cursor on an empty collection, as there is no record to stand on. */
export function hasDocuments(database: Database, namespace: string): boolean {
  return database.measure(namespace).count > 0;
}

export interface FindRun {
  /** Whose end is the end of its JavaScript. */
  readonly operation?: Interruptible | undefined;
  readonly sortSpace?: SortSpace | undefined;
}

/** A cursor over the results; must be closed. */
export function openFind(
  database: Database,
  level: ReadLevel,
  namespace: string,
  fields: FindFields,
  { operation, sortSpace }: FindRun = {},
): BatchSource {
  const list = database.virtualCollections.get(namespace)?.documents;
  if (list !== undefined) {
    const collation = fields.collation ?? undefined;
    return runOnList(list(), fields, variablesOf(database, fields.let, collation, operation));
  }
  const view = database.readView(level);
  try {
    const collection = collectionIn(database, view, namespace);
    if (fields.tailable === true && collection !== undefined && !isCapped(collection)) {
      if (timeSeriesOf(collection) !== undefined) {
        throw new MongoServerError(
          'InvalidPipelineOperator',
          'Option tailable not supported in aggregation.',
        );
      }
      throw new MongoServerError(
        'BadValue',
        `error processing query: ns=${namespace} tailable cursor requested on non capped collection`,
      );
    }
    const { reader } = view;
    const plan = planFind(database, namespace, collection, fields, { reader, operation });
    const { tailable } = fields;
    return new QueryCursor(database, view, collection, plan, { tailable, sortSpace });
  } catch (error) {
    view.close();
    throw error;
  }
}

export class QueryCursor implements BatchSource {
  readonly #database: Database;
  readonly #view: ReadView;
  readonly #collection: CollectionInfo | undefined;
  readonly #executor: PlanExecutor;
  readonly #tailable: boolean;
  readonly #finished: () => void;

  constructor(
    database: Database,
    view: ReadView,
    collection: CollectionInfo | undefined,
    plan: Pick<QueryPlan, 'root' | 'finished'>,
    options: { readonly tailable?: boolean | undefined } & Pick<FindRun, 'sortSpace'>,
  ) {
    this.#database = database;
    this.#view = view;
    this.#collection = collection;
    const { tailable = false, sortSpace } = options;
    this.#executor = new PlanExecutor(plan.root, view.reader, { sortSpace });
    this.#tailable = tailable;
    this.#finished = plan.finished;
  }

  get executor(): PlanExecutor {
    return this.#executor;
  }

  nextBatch(request: BatchRequest): DocumentBatch | Promise<DocumentBatch> {
    checkStillThere(this.#database, this.#view, this.#collection);
    if (this.#tailable && this.#executor.isExhausted) this.#executor.retryEnd();
    return this.#executor.nextBatch(request);
  }

  close(): void {
    this.#executor.close();
    this.#finished();
    this.#view.close();
  }
}

/** The value of a filter that is `{_id: value}` with nothing a query operator could mean. */
export function pointLookupId(filter: RawValue | undefined): RawValue | undefined {
  if (filter === undefined) return undefined;
  const { buffer, start } = filter;
  // One element called _id: type byte, "_id\0", value, and then the end.
  if (buffer[start + 5] !== 0x5f) return undefined;
  const id = findField(buffer, start, '_id');
  if (id === undefined || id.start !== start + 9) return undefined;
  if (id.end !== documentEnd(buffer, start) - 1) return undefined;
  switch (id.type) {
    case 1: // double
    case 2: // string
    case 5: // binary
    case 7: // object id
    case 8: // bool
    case 9: // date
    case 16: // int
    case 17: // timestamp
    case 18: // long
    case 19: // decimal
      return id;
    default:
      return undefined;
  }
}

/** Makes something of a document at [start, end) that is gone when it returns. */
export type TakeDocument<T> = (buffer: Buffer, start: number, end: number, namespace: string) => T;

/** The document a point lookup finds, null when there is none; undefined when the query is none. */
export function pointLookup(
  database: Database,
  level: ReadLevel,
  namespace: string,
  fields: FindFields,
): Buffer | null | undefined {
  return pointLookupTaking(database, level, namespace, fields, copyDocument);
}

/** The same, but what `take` has made of the document. */
export function pointLookupTaking<T>(
  database: Database,
  level: ReadLevel,
  namespace: string,
  fields: FindFields,
  take: TakeDocument<T>,
): T | null | undefined {
  const id = pointLookupId(fields.filter);
  if (id === undefined || database.virtualCollections.has(namespace)) return undefined;
  if (fields.sort !== undefined) parseSort(fields.sort.buffer, fields.sort.start);
  const { projection: spec } = fields;
  const given = fields.collation;
  // A wrong `let` is refused even if nothing uses it; without either nobody looks at the variables.
  const variables =
    spec === undefined && fields.let === undefined
      ? undefined
      : variablesOf(database, fields.let, given ?? undefined);
  const projection =
    spec &&
    variables &&
    parseProjection(spec.buffer, spec.start, {
      filter: filterOf(fields.filter, variables),
      variables,
    });
  if (projection !== undefined && projection.metaWords.size > 0) return undefined;
  const view = database.readView(level);
  try {
    const collection = view.catalog.byNamespace(namespace);
    if (collection === undefined) return null;
    if (idIndexOf(collection) === undefined) return undefined;
    if (given !== undefined && !isIdLookup(collection, id, given ?? undefined)) return undefined;
    const found = findById(view.reader, collection, id);
    if (found === undefined) return null;
    if (projection !== undefined) {
      const projected = projectedFrom(projection, found.buffer, found.start);
      return take(projected, 0, projected.length, namespace);
    }
    const { buffer, start } = found;
    return take(buffer, start, documentEnd(buffer, start), namespace);
  } finally {
    view.close();
  }
}

function projectedFrom(projection: Projection, buffer: Buffer, start: number): Buffer {
  try {
    return projection.apply(buffer, start);
  } catch (error) {
    throw error instanceof MongoServerError ? error.during(findContext) : error;
  }
}
