/** Which indexes can answer a query, and which of two does more. By rules, not by statistics. */
import type { IndexInfo } from '../../storage/index.ts';
import {
  BsonType,
  type Collation,
  canonicalType,
  encodeDocument,
  isSameCollation,
} from '../bson/index.ts';
import { Filter, type FilterNode } from '../query/index.ts';
import { collatedPredicates } from './collated-predicates.ts';
import { implies } from './implication.ts';
import { factsOf, pathsOf } from './index-facts.ts';
import type { IndexCandidate, SortPaths } from './index-kinds/index.ts';
import { allValues } from './interval.ts';

export type { IndexCandidate } from './index-kinds/index.ts';

/** Whether the planner may use the index at all: complete and visible. */
export function isUsable(index: IndexInfo): boolean {
  return index.state === 'ready' && !factsOf(index).isHidden;
}

/** The filter of a query: the whole of it, and the predicates that must all hold. */
export interface FilterParts {
  readonly root: FilterNode;
  readonly predicates: readonly FilterNode[];
  /** Of the query: its filter and its order. */
  readonly collation: Collation | undefined;
}

/**
 * What `index` can do for a query. An index without a key for every document does nothing for a query
 * that such a document may match.
 */
export function candidatesOf(
  index: IndexInfo,
  filter: FilterParts,
  sort: SortPaths,
): readonly IndexCandidate[] {
  return hasAllMatches(index, filter) ? candidatesOfKind(index, filter, sort) : [];
}

/** The same for an index the client insists on: what it lacks is not found. */
export function hintedCandidates(
  index: IndexInfo,
  parts: FilterParts,
  sort: SortPaths,
): readonly IndexCandidate[] {
  const candidates = candidatesOfKind(index, parts, sort);
  const isWhole = candidates.length === 0 && factsOf(index).kind.isReadWholeByHint === true;
  return isWhole ? [wholeIndex(index)] : candidates;
}

/** All entries, of an index that has nothing to say to the query. */
function wholeIndex(index: IndexInfo): IndexCandidate {
  const fields = index.keyPattern.map(() => [allValues]);
  const nothing = { isExact: false, sortedBy: undefined, points: 0, bounded: 0 };
  return { bounds: { index, fields }, ...nothing, findsExisting: false };
}

function candidatesOfKind(
  index: IndexInfo,
  { predicates, collation }: FilterParts,
  sort: SortPaths,
): readonly IndexCandidate[] {
  const { kind, collation: own } = factsOf(index);
  if (own === undefined && collation === undefined) return kind.candidates(index, predicates, sort);
  const candidates = kind.candidates(index, collatedPredicates(predicates, own), sort);
  if (isSameCollation(own, collation)) return candidates;
  return candidates.map((candidate) =>
    mayHoldText(candidate, sort) ? { ...candidate, sortedBy: undefined } : candidate,
  );
}

/** Whether text, which the index has in another order, may be among the values sorted by. */
function mayHoldText({ bounds }: IndexCandidate, sort: SortPaths): boolean {
  return bounds.index.keyPattern.some(
    ({ path }, at) =>
      sort.some((asked) => asked.path === path) &&
      bounds.fields[at]!.some(
        ({ low, high }) =>
          canonicalType(low.type) <= canonicalType(BsonType.array) &&
          canonicalType(high.type) >= canonicalType(BsonType.string),
      ),
  );
}

function hasAllMatches(index: IndexInfo, { root, predicates }: FilterParts): boolean {
  const { isSparse, partialFilter } = factsOf(index);
  if (partialFilter !== undefined && !implies(root, partialFilter.root)) return false;
  return !isSparse || predicates.some((node) => wantsField(node, index));
}

const emptyDocument = encodeDocument({});

/** Whether what matches must have a field of the index: with none of them nothing does. */
function wantsField(node: FilterNode, { keyPattern }: IndexInfo): boolean {
  const paths = pathsOf(node) ?? [];
  // A negation holds also for a path that ends in an empty array, where there is no field.
  if (hasNegation(node) && paths.some((path) => path.includes('.'))) return false;
  return (
    paths.length > 0 &&
    paths.every((path) => keyPattern.some((part) => part.path === path)) &&
    !new Filter(node).matches(emptyDocument, 0)
  );
}

function hasNegation(node: FilterNode): boolean {
  if (node.kind === 'not' || node.kind === 'nor') return true;
  return (node.kind === 'and' || node.kind === 'or') && node.children.some(hasNegation);
}

/** Whether using the index is better than reading every document. */
export function isWorthwhile(candidate: IndexCandidate): boolean {
  return candidate.bounded > 0 || candidate.sortedBy !== undefined || candidate.findsExisting;
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
