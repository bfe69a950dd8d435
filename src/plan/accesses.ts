/** Which accesses to a collection can answer a query, the best one first, by the rules alone. */
import type { CollectionInfo, IndexInfo } from '../../storage/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type FilterNode, type NearNode, nearOf, textNodeOf } from '../query/index.ts';
import { type Access, collectionScan, indexScan, orScan, rangeScan } from './access-stages.ts';
import { idIndexOf, isIdLookup } from './find-by-id.ts';
import { hintedIndex } from './hint.ts';
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
import { boundsOfRange } from './key-range.ts';
import { nearStage } from './near-access.ts';
import { conjunctsOf } from './predicate-bounds.ts';
import type { QueryRequest } from './query-request.ts';
import { IdHack } from './stages/id-hack.ts';
import { textAccess } from './text-access.ts';

/** The possible accesses, the best one first. */
export function accessesOf(
  request: QueryRequest,
  collection: CollectionInfo,
  namespace: string,
): Access[] {
  const { hint, allowedIndexes } = request;
  const near = nearOf(request.filter.root);
  if (near !== undefined) return [nearAccess(request, collection, near, namespace)];
  const text = textNodeOf(request.filter.root);
  if (text !== undefined) return [textAccess(request, collection, text, namespace)];
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
  const stage = nearStage(
    collection,
    filter,
    near,
    indexes.filter(isUsable),
    request.metaWords?.has('geoNearPoint') === true,
  );
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
  const candidates: IndexCandidate[] = [];
  for (const index of indexes) {
    for (const candidate of candidatesOf(index, parts, sortPaths)) {
      if (isWorthwhile(candidate)) candidates.push(candidate);
    }
  }
  candidates.sort(compareCandidates);
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
