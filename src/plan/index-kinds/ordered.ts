/** Indexes on values in their order: single, compound and multikey, ascending and descending. */
import type { IndexInfo } from '../../../storage/index.ts';
import { type FilterNode, KeyExtractor } from '../../query/index.ts';
import { boundedPrefixLength, pointPrefixLength } from '../index-bounds.ts';
import { factsOf } from '../index-facts.ts';
import { allValues, type Intervals, intersect, isAllValues } from '../interval.ts';
import { impliedBounds, predicateBounds } from '../predicate-bounds.ts';
import type { IndexCandidate, IndexKind, SortPaths } from './index-kind.ts';

export const orderedIndex: IndexKind = {
  name: 'ordered',
  hasTimeToLive: true,
  paths: (keyPattern) => keyPattern.map(({ path }) => path),
  keyGenerator({ keyPattern, isSparse }) {
    const extractor = new KeyExtractor(keyPattern, { isSparse });
    return (buffer, start) => extractor.keys(buffer, start);
  },
  candidates: (index, predicates, sort) => [candidateOf(index, predicates, sort)],
};

/** What `index` can do for a query of these predicates and this order. */
function candidateOf(
  index: IndexInfo,
  predicates: readonly FilterNode[],
  sort: SortPaths,
): IndexCandidate {
  const fields: Intervals[] = [];
  const exact = new Set<FilterNode>();
  const isMultikey = index.multikeyPaths.some(Boolean);
  const { isSparse } = factsOf(index);
  const boundedRoots = new Set<string>();
  const existing = isSparse && predicates.find((node) => asksForExistence(node, index));
  if (existing && index.keyPattern.length === 1 && !isMultikey) exact.add(existing);
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
      const implied = isMultikeyField ? undefined : impliedBounds(node, path);
      if (implied !== undefined) {
        intervals = intervals === undefined ? implied : intersect(intervals, implied);
      }
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
    findsExisting: Boolean(existing),
  };
}

/** All keys of a sparse index together are the answer. */
function asksForExistence(node: FilterNode, { keyPattern }: IndexInfo): boolean {
  return node.kind === 'exists' && node.path === keyPattern[0]?.path;
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
