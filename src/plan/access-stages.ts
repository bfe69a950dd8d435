/** The accesses as stages: scans of the collection or of an index, with what must be fetched and asked above. */
import type { CollectionInfo, IndexInfo, IndexKeyPart } from '../../storage/index.ts';
import type { FilterNode } from '../query/index.ts';
import type { IndexBounds } from './index-bounds.ts';
import { candidatesOf, compareCandidates, type IndexCandidate } from './index-choice.ts';
import { factsOf } from './index-facts.ts';
import { allValues } from './interval.ts';
import { minimumTimestamp } from './minimum-timestamp.ts';
import { orderIndexOf } from './order-index.ts';
import { conjunctsOf } from './predicate-bounds.ts';
import type { QueryRequest } from './query-request.ts';
import type { Stage } from './stage.ts';
import { ClusteredScan } from './stages/clustered-scan.ts';
import { CollectionScan } from './stages/collection-scan.ts';
import { Fetch } from './stages/fetch.ts';
import { IndexScan } from './stages/index-scan.ts';
import { OplogScan } from './stages/oplog-scan.ts';
import { Or } from './stages/or.ts';
import { isCovered, ProjectionCovered } from './stages/projection-covered.ts';

/** What finds the matching documents, and whether they come in the order asked for. */
export interface Access {
  /** Tells it from the other accesses to the collection. */
  readonly name: string;
  readonly stage: Stage;
  readonly isSorted: boolean;
  /** The projection has been applied already. */
  readonly isProjected?: boolean;
}

export function collectionScan(
  request: QueryRequest,
  collection: CollectionInfo,
  reverse: boolean,
): Access {
  const filter = request.filter.isEmpty ? undefined : request.filter;
  const clustered = orderIndexOf(collection);
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

export function indexScan(
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
export function rangeScan(
  request: QueryRequest,
  collection: CollectionInfo,
  bounds: IndexBounds,
): Access {
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
export function orScan(
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
