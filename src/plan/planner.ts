/**
 * From a query to a tree of stages: which accesses are possible, which is best, what stands above it.
 * It decides by the predicates and the indexes alone: no plan is tried out, none is cached, and no
 * data is read.
 */
import type { CollectionInfo, IndexInfo } from '../../storage/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Filter, FilterNode, Projection, SortPattern } from '../query/index.ts';
import { idIndexOf } from './find-by-id.ts';
import { type Hint, hintedIndex } from './hint.ts';
import {
  candidateOf,
  compareCandidates,
  type IndexCandidate,
  isHidden,
  isUsable,
} from './index-choice.ts';
import { minimumTimestamp } from './minimum-timestamp.ts';
import { conjunctsOf } from './predicate-bounds.ts';
import type { Stage } from './stage.ts';
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
  /** Only how many match, not what: a plan of a COUNT stage (`PlanExecutor.count` counts any plan). */
  readonly countOnly?: boolean | undefined;
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
  /** Other plans that were considered, for explain; never run. */
  readonly rejected: readonly Stage[];
}

/** What finds the matching documents, and whether they come in the order asked for. */
interface Access {
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
  if (collection === undefined) return { root: new Eof(), ...shaped, rejected: [] };
  const [chosen, ...others] = accessesOf(request, collection, namespace);
  return {
    root: complete(request, chosen!),
    ...shaped,
    rejected: others.map((access) => complete(request, access)),
  };
}

/** The possible accesses, the best one first. */
function accessesOf(
  request: QueryRequest,
  collection: CollectionInfo,
  namespace: string,
): Access[] {
  const { filter, hint, allowedIndexes } = request;
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
  const predicates = filter.isEmpty ? [] : conjunctsOf(filter.root);
  if (hint !== undefined && allowedIndexes === undefined) {
    const index = hintedIndex(collection, hint);
    if (index === undefined || isHidden(index)) {
      throw new MongoServerError(
        'BadValue',
        `error processing query: ns=${namespace} planner returned error :: caused by :: hint provided does not correspond to an existing index`,
      );
    }
    if (!isUsable(index)) {
      throw new MongoServerError(
        'NotImplemented',
        `hint of a sparse or partial index (${index.name}) is not implemented`,
      );
    }
    return [indexScan(request, collection, candidateOf(index, predicates, sortPaths))];
  }
  const id = idEquality(predicates);
  if (id !== undefined && idIndexOf(collection) !== undefined) {
    return [{ stage: new IdHack(collection, id), isSorted: true }];
  }
  const indexes = (allowedIndexes ?? collection.indexes).filter(isUsable);
  const accesses = indexAccesses(request, collection, indexes);
  return accesses.length > 0 ? accesses : [collectionScan(request, collection, false)];
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
  const { filter } = request;
  const sortPaths = request.sort?.paths ?? [];
  const predicates = filter.isEmpty ? [] : conjunctsOf(filter.root);
  const candidates = indexes
    .map((index) => candidateOf(index, predicates, sortPaths))
    .filter((candidate) => candidate.bounded > 0 || candidate.sortedBy !== undefined)
    .sort(compareCandidates);
  if (candidates.every((candidate) => candidate.bounded === 0)) {
    const union = orScan(request, collection, indexes, predicates);
    if (union !== undefined) return [union];
  }
  return candidates.map((candidate) => indexScan(request, collection, candidate));
}

/** The value of a filter that is `{_id: value}` and nothing else. */
function idEquality(predicates: readonly FilterNode[]) {
  const [only] = predicates;
  if (predicates.length !== 1 || only?.kind !== 'comparison') return undefined;
  return only.path === '_id' && only.operator === '$eq' ? only.value : undefined;
}

function collectionScan(
  request: QueryRequest,
  collection: CollectionInfo,
  reverse: boolean,
): Access {
  const filter = request.filter.isEmpty ? undefined : request.filter;
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
  return { stage, isSorted: request.sort === undefined || request.sort.paths.length === 0 };
}

function indexScan(
  request: QueryRequest,
  collection: CollectionInfo,
  candidate: IndexCandidate,
): Access {
  const { bounds } = candidate;
  const isReverse = candidate.sortedBy === 'backward';
  const isSorted = (request.sort?.paths.length ?? 0) === 0 || candidate.sortedBy !== undefined;
  const { projection, projectionSpec } = request;
  if (
    projection !== undefined &&
    request.countOnly !== true &&
    isSorted &&
    candidate.isExact &&
    !bounds.index.multikeyPaths.some(Boolean) &&
    isCovered(
      projectionSpec,
      bounds.index.keyPattern.map((field) => field.path),
    )
  ) {
    const scan = new IndexScan(collection, bounds, isReverse, true);
    const stage = new ProjectionCovered(scan, collection, projection, projectionSpec);
    return { stage, isSorted, isProjected: true };
  }
  const scan = new IndexScan(collection, bounds, isReverse);
  if (request.countOnly === true && candidate.isExact) return { stage: scan, isSorted };
  const filter = candidate.isExact ? undefined : request.filter;
  return { stage: new Fetch(scan, collection, filter), isSorted };
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
      const [best] = indexes
        .map((index) => candidateOf(index, conjunctsOf(branch), []))
        .filter((candidate) => candidate.bounded > 0)
        .sort(compareCandidates);
      if (best === undefined) break;
      scans.push(new IndexScan(collection, best.bounds, false));
    }
    if (scans.length < node.children.length) continue;
    return {
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
  if (request.projection !== undefined && access.isProjected !== true) {
    stage = new ProjectionStage(stage, request.projection, request.projectionSpec ?? {});
  }
  return stage;
}
