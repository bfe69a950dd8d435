/** What one index can do for one query, field by field. */
import type { IndexInfo, IndexKeyPart } from '../../../storage/index.ts';
import type { FilterNode } from '../../query/index.ts';
import { boundedPrefixLength, pointPrefixLength } from '../index-bounds.ts';
import { factsOf } from '../index-facts.ts';
import { allValues, type Intervals, intersect, isAllValues } from '../interval.ts';
import { impliedBounds, type PredicateBounds } from '../predicate-bounds.ts';
import type { IndexCandidate, SortPaths } from './index-kind.ts';

/** What a kind of index makes of the fields of its keys. */
export interface FieldRules {
  /** Which values in `field` the matches of a predicate on its path have; undefined: any. */
  boundsOf(node: FilterNode, field: IndexKeyPart, isMultikey: boolean): PredicateBounds | undefined;
  /** Do the values of the field come in the order of the documents' values? */
  hasOrder(field: IndexKeyPart): boolean;
}

/** What `index` can do for a query of these predicates and this order. */
export function candidateOf(
  index: IndexInfo,
  predicates: readonly FilterNode[],
  sort: SortPaths,
  rules: FieldRules,
): IndexCandidate {
  const fields: Intervals[] = [];
  const exact = new Set<FilterNode>();
  const isMultikey = index.multikeyPaths.some(Boolean);
  const { isSparse } = factsOf(index);
  // Two fields below one array: their predicates may hold for different elements.
  const boundedRoots = isMultikey ? new Set<string>() : undefined;
  const existing = isSparse && predicates.find((node) => asksForExistence(node, index));
  if (existing && index.keyPattern.length === 1 && !isMultikey) exact.add(existing);
  for (let at = 0; at < index.keyPattern.length; at++) {
    const part = index.keyPattern[at]!;
    const { path } = part;
    const isMultikeyField = index.multikeyPaths[at] === true;
    if (boundedRoots?.has(rootOf(path)) === true) {
      fields.push([allValues]);
      continue;
    }
    let intervals: Intervals | undefined;
    for (const node of predicates) {
      const hasOrder = !isMultikeyField && rules.hasOrder(part);
      const implied = hasOrder ? impliedBounds(node, path) : undefined;
      if (implied !== undefined) {
        intervals = intervals === undefined ? implied : intersect(intervals, implied);
      }
      const found = rules.boundsOf(node, part, isMultikeyField);
      if (found === undefined || found.path !== path) continue;
      if (intervals === undefined) intervals = found.intervals;
      else if (isMultikeyField) {
        // Each predicate may hold for another element: only one can bound the scan.
        if (isNarrower(found.intervals, intervals)) intervals = found.intervals;
      } else intervals = intersect(intervals, found.intervals);
      if (found.isExact && !isMultikey) exact.add(node);
    }
    if (intervals !== undefined && !isAllValues(intervals)) boundedRoots?.add(rootOf(path));
    fields.push(intervals ?? [allValues]);
  }
  const bounded = boundedPrefixLength(fields);
  const isExact =
    predicates.every((node) => exact.has(node)) && fields.slice(bounded).every(isAllValues);
  return {
    bounds: { index, fields },
    isExact,
    sortedBy: sortedBy(index, fields, sort, rules),
    points: pointPrefixLength(fields),
    bounded,
    findsExisting: Boolean(existing),
  };
}

function rootOf(path: string): string {
  return path.split('.', 1)[0]!;
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
  rules: FieldRules,
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
      if (!isOnePoint && !rules.hasOrder(field)) return undefined;
      const turn = field.direction * asked.direction;
      if (!isOnePoint && direction !== 0 && direction !== turn) return undefined;
      if (!isOnePoint) direction = turn;
      next++;
    } else if (!isOnePoint) return undefined;
  }
  if (next < sort.length) return undefined;
  return direction === -1 ? 'backward' : 'forward';
}
