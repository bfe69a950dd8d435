/** What an index can do for a query, and which of two indexes does more. By rules, not by statistics. */
import type { IndexInfo } from '../../storage/index.ts';
import { decodeDocument } from '../bson/index.ts';
import type { FilterNode } from '../query/index.ts';
import { boundedPrefixLength, type IndexBounds, pointPrefixLength } from './index-bounds.ts';
import { allValues, type Intervals, intersect, isAllValues } from './interval.ts';
import { predicateBounds } from './predicate-bounds.ts';

/** A way to answer a query with one index. */
export interface IndexCandidate {
  readonly bounds: IndexBounds;
  /** The documents found are the documents that match: the filter need not be asked again. */
  readonly isExact: boolean;
  /** The scan direction that gives the order asked for; undefined when none does. */
  readonly sortedBy: 'forward' | 'backward' | undefined;
  readonly points: number;
  readonly bounded: number;
}

type SortPaths = readonly { readonly path: string; readonly direction: 1 | -1 }[];

/** Whether the planner may use the index at all: complete, visible, with an entry for every document. */
export function isUsable(index: IndexInfo): boolean {
  if (index.state !== 'ready') return false;
  let answer = usable.get(index);
  if (answer === undefined) {
    answer = isOrdinary(index);
    usable.set(index, answer);
  }
  return answer;
}

/** Kept up, but not there for the planner, whatever a hint says. */
export function isHidden(index: IndexInfo): boolean {
  return decodeDocument(index.spec).hidden === true;
}

/** Reading the specification of every index for every query would cost more than the plan. */
const usable = new WeakMap<IndexInfo, boolean>();

function isOrdinary(index: IndexInfo): boolean {
  const spec = decodeDocument(index.spec);
  return (
    spec.hidden !== true &&
    spec.sparse !== true &&
    spec.partialFilterExpression === undefined &&
    spec.collation === undefined &&
    index.keyPattern.every(
      ({ path, direction }) => !path.includes('$') && Math.abs(direction) === 1,
    )
  );
}

/** What `index` can do for a query of these predicates and this order. */
export function candidateOf(
  index: IndexInfo,
  predicates: readonly FilterNode[],
  sort: SortPaths,
): IndexCandidate {
  const fields: Intervals[] = [];
  const exact = new Set<FilterNode>();
  const isMultikey = index.multikeyPaths.some(Boolean);
  const boundedRoots = new Set<string>();
  index.keyPattern.forEach(({ path }, at) => {
    const isMultikeyField = index.multikeyPaths[at] === true;
    const root = path.split('.', 1)[0]!;
    // Two fields below one array: their predicates may hold for different elements.
    if (isMultikey && boundedRoots.has(root)) {
      fields.push([allValues]);
      return;
    }
    let intervals: Intervals | undefined;
    for (const node of predicates) {
      const found = predicateBounds(node, isMultikeyField);
      if (found === undefined || found.path !== path) continue;
      if (intervals === undefined) intervals = found.intervals;
      else if (isMultikeyField) {
        // Each predicate may hold for another element: only one can bound the scan.
        if (isNarrower(found.intervals, intervals)) intervals = found.intervals;
      } else intervals = intersect(intervals, found.intervals);
      if (found.isExact && !isMultikey) exact.add(node);
    }
    if (intervals !== undefined && !isAllValues(intervals)) boundedRoots.add(root);
    fields.push(intervals ?? [allValues]);
  });
  const bounded = boundedPrefixLength(fields);
  const isExact =
    predicates.every((node) => exact.has(node)) && fields.slice(bounded).every(isAllValues);
  return {
    bounds: { index, fields },
    isExact,
    sortedBy: sortedBy(index, fields, sort),
    points: pointPrefixLength(fields),
    bounded,
  };
}

function isNarrower(a: Intervals, b: Intervals): boolean {
  const width = (list: Intervals): number =>
    list.reduce((sum, one) => sum + (one.low === one.high ? 1 : 1000), 0);
  return width(a) < width(b);
}

/**
 * Whether the entries between the bounds come in the order asked for. Fields that are one point may
 * be passed over. In a multikey index a document stands first where its least element is, which is its
 * place in the order only if no bounds hide that element.
 */
function sortedBy(
  index: IndexInfo,
  fields: readonly Intervals[],
  sort: SortPaths,
): IndexCandidate['sortedBy'] {
  if (sort.length === 0) return undefined;
  const multikeySorts = sort.filter(({ path }) =>
    index.keyPattern.some((field, at) => field.path === path && index.multikeyPaths[at] === true),
  );
  if (multikeySorts.length > 1) return undefined;
  let direction = 0;
  let next = 0;
  for (let at = 0; at < index.keyPattern.length && next < sort.length; at++) {
    const field = index.keyPattern[at]!;
    const asked = sort[next]!;
    const list = fields[at]!;
    const isOnePoint = list.length === 1 && list[0]!.low === list[0]!.high;
    const isMultikeyField = index.multikeyPaths[at] === true;
    if (field.path === asked.path) {
      if (isMultikeyField && !isAllValues(list)) return undefined;
      const turn = field.direction * asked.direction;
      if (!isOnePoint && direction !== 0 && direction !== turn) return undefined;
      if (!isOnePoint) direction = turn;
      next++;
    } else if (!isOnePoint) return undefined;
  }
  if (next < sort.length) return undefined;
  return direction === -1 ? 'backward' : 'forward';
}

/** The better candidate first: more equalities, then a range, then the order asked for. */
export function compareCandidates(a: IndexCandidate, b: IndexCandidate): number {
  return (
    b.points - a.points ||
    b.bounded - a.bounded ||
    Number(b.sortedBy !== undefined) - Number(a.sortedBy !== undefined) ||
    Number(b.isExact) - Number(a.isExact) ||
    a.bounds.index.keyPattern.length - b.bounds.index.keyPattern.length
  );
}
