/** Indexes on values in their order: single, compound and multikey, ascending and descending. */
import { KeyExtractor } from '../../query/index.ts';
import { predicateBounds } from '../predicate-bounds.ts';
import { candidateOf, type FieldRules } from './candidate.ts';
import type { IndexKind } from './index-kind.ts';

export const orderedIndex: IndexKind = {
  name: 'ordered',
  hasTimeToLive: true,
  paths: (keyPattern) => keyPattern.map(({ path }) => path),
  keyGenerator({ keyPattern, isSparse, collation }) {
    const extractor = new KeyExtractor(keyPattern, { isSparse, collation });
    return (buffer, start) => extractor.keys(buffer, start);
  },
  check() {},
  candidates: (index, predicates, sort) => [candidateOf(index, predicates, sort, ordered)],
};

const ordered: FieldRules = {
  // Most of a query's predicates are on other fields than an index has: those need no bounds made.
  boundsOf: (node, { path }, isMultikey) =>
    node.kind === 'comparison' && node.path !== path
      ? undefined
      : predicateBounds(node, isMultikey),
  hasOrder: () => true,
};
