/**
 * From a query to a tree of stages: which accesses are possible, which is best, what stands above it.
 * One access is taken as it is. Among several the predicates and the indexes give an order, and a short
 * trial on the data, or the plan cache, the choice.
 */
import type { CollectionInfo, IndexInfo, IndexKeyPart, Reader } from '../../storage/index.ts';
import { MongoServerError } from '../errors/index.ts';
import {
  type Filter,
  type FilterNode,
  type NearNode,
  nearOf,
  type Projection,
  type SortPattern,
} from '../query/index.ts';
import { idIndexOf, isIdLookup } from './find-by-id.ts';
import { type Hint, hintedIndex } from './hint.ts';
import type { IndexBounds } from './index-bounds.ts';
import {
  candidatesOf,
  compareCandidates,
  type FilterParts,
  hintedCandidates,
  type IndexCandidate,
  isUsable,
  isWorthwhile,
} from './index-choice.ts';
import { factsOf } from './index-facts.ts';
import { allValues } from './interval.ts';
import { boundsOfRange, type KeyRange } from './key-range.ts';
import { minimumTimestamp } from './minimum-timestamp.ts';
import { nearStage } from './near-access.ts';
import type { PlanCache } from './plan-cache.ts';
import { cachedPlanFacts } from './plan-cache-facts.ts';
import { type PlanTrial, tryPlans, worksOf } from './plan-trial.ts';
import { conjunctsOf } from './predicate-bounds.ts';
import { planCacheShape } from './query-shape.ts';
import type { Stage } from './stage.ts';
import { ClusteredScan } from './stages/clustered-scan.ts';
import { CollectionScan } from './stages/collection-scan.ts';
import { Count } from './stages/count.ts';
import { Eof } from './stages/eof.ts';
import { Fetch } from './stages/fetch.ts';
import { IdHack } from './stages/id-hack.ts';
import { IndexScan } from './stages/index-scan.ts';
import { Limit } from './stages/limit.ts';
import { OplogScan } from './stages/oplog-scan.ts';
import { Or } from './stages/or.ts';
import { ProjectionStage } from './stages/projection.ts';
import { isCovered, ProjectionCovered } from './stages/projection-covered.ts';
import { ReturnKey } from './stages/return-key.ts';
import { ShowRecordId } from './stages/show-record-id.ts';
import { Skip } from './stages/skip.ts';
import { Sort } from './stages/sort.ts';

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
  /** Only how many match, not what: a plan of a COUNT stage (`PlanExecutor.count` counts any plan). */
  readonly countOnly?: boolean | undefined;
}

/** What a choice among several plans is made with. */
export interface PlanChoice {
  readonly reader: Reader;
  readonly cache: PlanCache;
  /** Milliseconds since 1970. */
  readonly now: number;
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

/** A plan, ready for one run. */
export interface QueryPlan {
  readonly root: Stage;
  readonly namespace: string;
  readonly filter: Filter;
  readonly sort?: SortPattern | undefined;
  readonly projectionSpec?: Record<string, unknown> | undefined;
  /** An index filter was applied. */
  readonly isFiltered: boolean;
  readonly settings?: PlannedSettings | undefined;
  /** The plan cache had it, or, of an explain, would have had it. */
  readonly isCached: boolean;
  /** Other plans that were considered, for explain; never run. */
  readonly rejected: readonly Stage[];
  /** How the plans did against each other, the chosen one first; empty when there was no trial. */
  readonly trials: readonly PlanTrial[];
  /** To be called when the plan has run, or shall run no further: the plan cache learns from it. */
  finished(): void;
}

/** What finds the matching documents, and whether they come in the order asked for. */
interface Access {
  /** Tells it from the other accesses to the collection. */
  readonly name: string;
  readonly stage: Stage;
  readonly isSorted: boolean;
  /** The projection has been applied already. */
  readonly isProjected?: boolean;
}

/** Chooses how to answer a query. Throws for a hint that no index answers to. */
export function planQuery(request: QueryRequest): QueryPlan {
  const { collection, filter, sort, projectionSpec } = request;
  const namespace = request.namespace ?? collection?.namespace ?? '';
  const isFiltered = request.allowedIndexes !== undefined;
  const { settings } = request;
  const shaped = { namespace, filter, sort, projectionSpec, isFiltered, settings };
  if (collection === undefined) return planOf(shaped, untried(new Eof(), []));
  const accesses = accessesOf(request, collection, namespace);
  const { choice } = request;
  if (accesses.length === 1 || choice === undefined) {
    const [root, ...rejected] = accesses.map((access) => complete(request, access));
    return planOf(shaped, untried(root!, rejected));
  }
  return planOf(shaped, chosenAmong(accesses, request, collection, choice));
}

type Chosen = Pick<QueryPlan, 'root' | 'isCached' | 'rejected' | 'trials' | 'finished'>;

/** Each field by name: a spread with fields after it costs as much as the choice of the plan. */
function planOf(shaped: Omit<QueryPlan, keyof Chosen>, chosen: Chosen): QueryPlan {
  const { namespace, filter, sort, projectionSpec, isFiltered, settings } = shaped;
  const { root, isCached, rejected, trials, finished } = chosen;
  return {
    root,
    namespace,
    filter,
    sort,
    projectionSpec,
    isFiltered,
    settings,
    isCached,
    rejected,
    trials,
    finished,
  };
}

function untried(root: Stage, rejected: readonly Stage[]): Chosen {
  return { root, isCached: false, rejected, trials: [], finished: nothingToLearn };
}

function nothingToLearn(): void {}

/** By the plan cache, else by a trial. */
function chosenAmong(
  accesses: readonly Access[],
  request: QueryRequest,
  collection: CollectionInfo,
  choice: PlanChoice,
): Chosen {
  const { cache, isExplain, now } = choice;
  const shape = planCacheShape(request);
  const cached = cache.active(collection, shape);
  const known = cached && accesses.find(({ name }) => name === cached.access);
  if (known !== undefined && isExplain !== true) {
    const root = complete(request, known);
    const finished = (): void => {
      cache.report(collection, shape, worksOf(root), root.stats.advanced);
    };
    return { root, isCached: true, rejected: [], trials: [], finished };
  }
  // Without the count: it has its one result when a plan is through.
  const tried = { ...request, countOnly: false };
  const results = tryPlans(
    accesses.map((access) => complete(tried, access)),
    choice.reader,
  );
  const order = results
    .map((_, at) => at)
    .sort((a, b) => results[b]!.score - results[a]!.score || a - b);
  const trials = order.map((at) => results[at]!);
  // What ran in the trial is used up: the same accesses, made anew.
  const fresh = accessesOf(request, collection, collection.namespace);
  const [root, ...rejected] = order.map((at) => complete(request, fresh[at]!));
  const [winner] = trials;
  const access = accesses[order[0]!]!.name;
  if (isExplain !== true) {
    cache.learn(collection, shape, winner!, {
      access,
      createdAt: now,
      facts: cachedPlanFacts(request, trials),
    });
  }
  const isCached = access === cached?.access;
  return { root: root!, isCached, rejected, trials, finished: nothingToLearn };
}

/** The possible accesses, the best one first. */
function accessesOf(
  request: QueryRequest,
  collection: CollectionInfo,
  namespace: string,
): Access[] {
  const { hint, allowedIndexes } = request;
  const near = nearOf(request.filter.root);
  if (near !== undefined) return [nearAccess(request, collection, near, namespace)];
  if (request.keyRange !== undefined) {
    const bounds = boundsOfRange(
      collection,
      hint,
      request.keyRange,
      namespace,
      request.filter.collation,
    );
    return [rangeScan(request, collection, bounds)];
  }
  const bySettings = accessesBySettings(request, collection);
  if (bySettings !== undefined) return bySettings;
  if (hint?.kind === 'natural') return [collectionScan(request, collection, hint.direction === -1)];
  if (collection.table === 'oplog' || request.tailable === true) {
    return [collectionScan(request, collection, false)];
  }
  if (request.sort?.natural !== undefined) {
    return [collectionScan(request, collection, request.sort.natural === -1)];
  }
  const sortPaths = request.sort?.paths ?? [];
  const parts = partsOf(request);
  if (hint !== undefined && allowedIndexes === undefined) {
    const index = hintedIndex(collection, hint);
    if (index === undefined || !isUsable(index)) {
      throw new MongoServerError(
        'BadValue',
        `error processing query: ns=${namespace} planner returned error :: caused by :: hint provided does not correspond to an existing index`,
      );
    }
    const hinted = hintedCandidates(index, parts, sortPaths);
    if (hinted.length === 0) {
      const union = orScan(request, collection, [index], parts.predicates);
      if (union !== undefined) return [union];
      throw new MongoServerError(
        'NoQueryExecutionPlans',
        `error processing query: ns=${namespace} planner returned error :: caused by :: $hint: refusing whole-index solution, because it's a wildcard index`,
      );
    }
    return hinted.map((candidate) => indexScan(request, collection, candidate));
  }
  const id = idEquality(parts.predicates);
  const idIndex = idIndexOf(collection);
  if (
    id !== undefined &&
    idIndex !== undefined &&
    !factsOf(idIndex).isClustered &&
    isIdLookup(collection, id, parts.collation) &&
    request.returnKey !== true
  ) {
    return [{ name: 'IDHACK', stage: new IdHack(collection, id), isSorted: true }];
  }
  const indexes = (allowedIndexes ?? collection.indexes).filter(isUsable);
  const accesses = indexAccesses(request, collection, indexes);
  return accesses.length > 0 ? accesses : [collectionScan(request, collection, false)];
}

function nearAccess(
  request: QueryRequest,
  collection: CollectionInfo,
  near: NearNode,
  namespace: string,
): Access {
  const { filter, hint, allowedIndexes, sort } = request;
  const hinted = hint && hintedIndex(collection, hint);
  const indexes = allowedIndexes ?? (hinted ? [hinted] : collection.indexes);
  const stage = nearStage(collection, filter, near, indexes.filter(isUsable));
  if (stage === undefined) {
    throw new MongoServerError(
      'NoQueryExecutionPlans',
      `error processing query: ns=${namespace} planner returned error :: caused by :: unable to find index for $geoNear query`,
    );
  }
  return { name: 'GEO_NEAR', stage, isSorted: (sort?.paths.length ?? 0) === 0 };
}

/** Undefined when the settings name no index, or none that helps: then the query is planned without. */
function accessesBySettings(
  request: QueryRequest,
  collection: CollectionInfo,
): Access[] | undefined {
  const hints = request.settings?.indexes ?? [];
  if (hints.length === 0) return undefined;
  const named = hints.map((hint) => hintedIndex(collection, hint));
  const accesses = indexAccesses(
    request,
    collection,
    named.filter((index) => index !== undefined && isUsable(index)) as IndexInfo[],
  );
  if (accesses.length > 0) return accesses;
  const isNatural = hints.some(({ kind }) => kind === 'natural');
  return isNatural ? [collectionScan(request, collection, false)] : undefined;
}

/** What the given indexes can do, the best first; nothing when none of them helps. */
function indexAccesses(
  request: QueryRequest,
  collection: CollectionInfo,
  indexes: readonly IndexInfo[],
): Access[] {
  const sortPaths = request.sort?.paths ?? [];
  const parts = partsOf(request);
  const candidates = indexes
    .flatMap((index) => candidatesOf(index, parts, sortPaths))
    .filter(isWorthwhile)
    .sort(compareCandidates);
  if (candidates.every(({ bounded, findsExisting }) => bounded === 0 && !findsExisting)) {
    const union = orScan(request, collection, indexes, parts.predicates);
    if (union !== undefined) return [union];
  }
  return candidates.map((candidate) => indexScan(request, collection, candidate));
}

function partsOf({ filter, sort }: QueryRequest): FilterParts {
  const { root, isEmpty } = filter;
  const collation = filter.collation ?? sort?.collation;
  return { root, predicates: isEmpty ? [] : conjunctsOf(root), collation };
}

/** The value of a filter that is `{_id: value}` and nothing else. */
function idEquality(predicates: readonly FilterNode[]) {
  const [only] = predicates;
  if (predicates.length !== 1 || only?.kind !== 'comparison') return undefined;
  return only.path === '_id' && only.operator === '$eq' ? only.value : undefined;
}

/** The index whose order is the natural order of the collection. */
function clusteredIndexOf(collection: CollectionInfo): IndexInfo | undefined {
  const index = idIndexOf(collection);
  return index !== undefined && factsOf(index).isClustered ? index : undefined;
}

function collectionScan(
  request: QueryRequest,
  collection: CollectionInfo,
  reverse: boolean,
): Access {
  const filter = request.filter.isEmpty ? undefined : request.filter;
  const clustered = clusteredIndexOf(collection);
  if (clustered !== undefined) {
    const bounds = { index: clustered, fields: [[allValues]] };
    const stage = new ClusteredScan(collection, bounds, reverse, filter);
    return { name: 'COLLSCAN', stage, isSorted: (request.sort?.paths.length ?? 0) === 0 };
  }
  const tailable = request.tailable === true;
  const stage =
    collection.table === 'oplog'
      ? new OplogScan({
          reverse,
          filter,
          tailable,
          minimumTimestamp: filter && minimumTimestamp(filter),
        })
      : new CollectionScan(collection, {
          reverse,
          filter,
          tailable,
          keepsPosition: request.keepsPosition === true,
        });
  const isSorted = request.sort === undefined || request.sort.paths.length === 0;
  return { name: 'COLLSCAN', stage, isSorted };
}

function indexScan(
  request: QueryRequest,
  collection: CollectionInfo,
  candidate: IndexCandidate,
): Access {
  const { bounds } = candidate;
  const name = accessName(candidate);
  const isReverse = candidate.sortedBy === 'backward';
  const isSorted = (request.sort?.paths.length ?? 0) === 0 || candidate.sortedBy !== undefined;
  if (factsOf(bounds.index).isClustered) {
    const filter = request.filter.isEmpty ? undefined : request.filter;
    return { name, stage: new ClusteredScan(collection, bounds, isReverse, filter), isSorted };
  }
  const { projection, projectionSpec } = request;
  if (
    projection !== undefined &&
    request.countOnly !== true &&
    request.returnKey !== true &&
    isSorted &&
    candidate.isExact &&
    // Keys of a collation do not tell the text.
    factsOf(bounds.index).collation === undefined &&
    !bounds.index.multikeyPaths.some(Boolean) &&
    isCovered(
      projectionSpec,
      bounds.index.keyPattern.filter(isReadable).map(({ path }) => path),
    )
  ) {
    const scan = new IndexScan(collection, bounds, isReverse, true);
    const stage = new ProjectionCovered(scan, collection, projection, projectionSpec);
    return { name, stage, isSorted, isProjected: true };
  }
  const scan = new IndexScan(collection, bounds, isReverse);
  if (request.countOnly === true && candidate.isExact) return { name, stage: scan, isSorted };
  const filter = candidate.isExact ? undefined : request.filter;
  return { name, stage: new Fetch(scan, collection, filter), isSorted };
}

/** Whether a field's keys are the values themselves. */
function isReadable({ kind }: IndexKeyPart): boolean {
  return kind === undefined;
}

/** What lies between two keys, in the order of the index. */
function rangeScan(request: QueryRequest, collection: CollectionInfo, bounds: IndexBounds): Access {
  const filter = request.filter.isEmpty ? undefined : request.filter;
  const isSorted = (request.sort?.paths.length ?? 0) === 0;
  const scan = new IndexScan(collection, bounds, false);
  return { name: bounds.index.name, stage: new Fetch(scan, collection, filter), isSorted };
}

/** An index may be used in both directions, and some for different paths. */
function accessName({ bounds, sortedBy }: IndexCandidate): string {
  const paths = bounds.index.keyPattern.map(({ path }) => path).join();
  return `${bounds.index.name} ${paths} ${sortedBy === 'backward' ? 'backward' : 'forward'}`;
}

/** For a `$or` all of whose branches have an index: one scan for each, joined by record id. */
function orScan(
  request: QueryRequest,
  collection: CollectionInfo,
  indexes: readonly IndexInfo[],
  predicates: readonly FilterNode[],
): Access | undefined {
  for (const node of predicates) {
    if (node.kind !== 'or') continue;
    const scans: Stage[] = [];
    for (const branch of node.children) {
      const own = conjunctsOf(branch);
      const { collation } = request.filter;
      const whole: FilterNode = { kind: 'and', children: [...predicates, ...own] };
      const [best] = indexes
        .flatMap((index) => candidatesOf(index, { root: whole, predicates: own, collation }, []))
        .filter((candidate) => candidate.bounded > 0)
        .sort(compareCandidates);
      if (best === undefined) break;
      scans.push(new IndexScan(collection, best.bounds, false));
    }
    if (scans.length < node.children.length) continue;
    return {
      name: 'OR',
      stage: new Fetch(new Or(scans), collection, request.filter),
      isSorted: (request.sort?.paths.length ?? 0) === 0,
    };
  }
  return undefined;
}

/** Puts order, paging and projection above an access. */
function complete(request: QueryRequest, access: Access): Stage {
  const skip = request.skip ?? 0;
  const limit = request.limit ?? 0;
  let stage = access.stage;
  if (!access.isSorted && request.sort !== undefined && request.countOnly !== true) {
    const shown = Object.fromEntries(
      request.sort.paths.map(({ path, direction }) => [path, direction]),
    );
    stage = new Sort(stage, request.sort, limit === 0 ? 0 : limit + skip, shown);
  }
  if (skip > 0) stage = new Skip(stage, skip);
  if (limit > 0) stage = new Limit(stage, limit);
  if (request.countOnly === true) return new Count(stage);
  if (request.returnKey === true) stage = new ReturnKey(stage);
  else if (request.projection !== undefined && access.isProjected !== true) {
    stage = new ProjectionStage(stage, request.projection, request.projectionSpec ?? {});
  }
  // The keys are all that returnKey gives.
  if (request.showRecordId === true && request.returnKey !== true) stage = new ShowRecordId(stage);
  return stage;
}
