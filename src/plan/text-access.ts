/** How a `$text` is answered: with the one text index of a collection. */
import type { CollectionInfo, IndexInfo } from '../../storage/index.ts';
import type { RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { Filter, type FilterNode, type TextNode, textNodeOf } from '../query/index.ts';
import {
  languageOf,
  matchesSearch,
  parseSearch,
  type TextIndex,
  type TextSearch,
  textIndexOf,
} from '../text/index.ts';
import type { Access } from './access-stages.ts';
import { implies } from './implication.ts';
import { candidatesOf, compareCandidates, isUsable } from './index-choice.ts';
import { factsOf } from './index-facts.ts';
import { termKey } from './index-kinds/text.ts';
import { allValues, point } from './interval.ts';
import { conjunctsOf, predicateBounds } from './predicate-bounds.ts';
import type { QueryRequest } from './query-request.ts';
import type { Stage } from './stage.ts';
import { Fetch } from './stages/fetch.ts';
import { IndexScan } from './stages/index-scan.ts';
import { Or } from './stages/or.ts';
import { TextMatch } from './stages/text-match.ts';
import { TextOr } from './stages/text-or.ts';

/**
 * The access to a collection for a query with the `$text` `node`. Throws IndexNotFound without a text
 * index, BadValue for what does not go with one, NoQueryExecutionPlans when it does not lead to the answer.
 */
export function textAccess(
  request: QueryRequest,
  collection: CollectionInfo,
  node: TextNode,
  namespace: string,
): Access {
  const index = textIndexIn(collection);
  const facts = textIndexOf(index.spec);
  const search = bind(node, facts);
  checkTogether(request);
  if (!mayUse(index, request)) throw noTextPlan(namespace);
  const stage = textStage({ request, collection, node, index, facts, search }, namespace);
  return { name: 'TEXT', stage, isSorted: (request.sort?.paths.length ?? 0) === 0 };
}

function textIndexIn({ indexes }: CollectionInfo): IndexInfo {
  const index = indexes.find(
    (one) => one.state === 'ready' && one.keyPattern.some(({ kind }) => kind === 'text'),
  );
  if (index !== undefined) return index;
  throw new MongoServerError('IndexNotFound', 'text index required for $text query');
}

/** Not one that is hidden, lacks documents the query may mean, or is filtered out. */
function mayUse(index: IndexInfo, { filter, allowedIndexes }: QueryRequest): boolean {
  const { partialFilter } = factsOf(index);
  return (
    isUsable(index) &&
    (partialFilter === undefined || implies(filter.root, partialFilter.root)) &&
    (allowedIndexes === undefined || allowedIndexes.includes(index))
  );
}

/** Throws IndexNotFound for a `$text` about a collection that is not there. */
export function checkWithoutCollection({ root }: Filter, namespace: string): void {
  if (textNodeOf(root) === undefined) return;
  throw new MongoServerError(
    'IndexNotFound',
    `text index required for $text query (no such collection '${namespace}')`,
  );
}

function bind(node: TextNode, index: TextIndex): TextSearch {
  const language = node.language === '' ? index.defaultLanguage : languageOf(node.language);
  if (language === undefined) {
    throw new MongoServerError(
      'BadValue',
      `unsupported language: "${node.language}" for text index version ${index.version}`,
    );
  }
  const { isCaseSensitive, isDiacriticSensitive } = node;
  const search = parseSearch(node.search, language, { isCaseSensitive, isDiacriticSensitive });
  node.binding.matches = (buffer, start) => matchesSearch(index, search, buffer, start);
  return search;
}

/** Each of these says itself what is read. */
function checkTogether({ hint, sort, tailable }: QueryRequest): void {
  const refuse = (message: string): never => {
    throw new MongoServerError('BadValue', message);
  };
  if (hint?.kind === 'natural' || sort?.natural !== undefined) {
    refuse('text expression not allowed with $natural sort order');
  }
  if (hint !== undefined) refuse('text and hint not allowed in same query');
  if (tailable === true) refuse('text and tailable cursor not allowed in same query');
}

interface TextQuery {
  readonly request: QueryRequest;
  readonly collection: CollectionInfo;
  readonly node: TextNode;
  readonly index: IndexInfo;
  readonly facts: TextIndex;
  readonly search: TextSearch;
}

function textStage(query: TextQuery, namespace: string): Stage {
  const { request, node } = query;
  const predicates = conjunctsOf(request.filter.root);
  if (predicates.includes(node)) return conjunctionStage(query, predicates, namespace);
  const branching = predicates.find((one) => holds(one, node));
  if (branching?.kind !== 'or')
    throw new Error('a $text is in a part of a filter it is refused in');
  const branches = branching.children.map((branch) => {
    const own = [...predicates.filter((one) => one !== branching), ...conjunctsOf(branch)];
    if (own.includes(node)) return conjunctionStage(query, own, namespace);
    return otherBranch(query, own, conjunctsOf(branch), namespace);
  });
  return new Or(branches);
}

function holds(node: FilterNode, wanted: TextNode): boolean {
  if (node === wanted) return true;
  return 'children' in node && node.children.some((child) => holds(child, wanted));
}

function noPlan(namespace: string, message: string): MongoServerError {
  return new MongoServerError(
    'NoQueryExecutionPlans',
    `error processing query: ns=${namespace} planner returned error :: caused by :: ${message}`,
  );
}

function noTextPlan(namespace: string): MongoServerError {
  return noPlan(
    namespace,
    'failed to use text index to satisfy $text query (if text index is compound, are equality predicates given for all prefix fields?)',
  );
}

/** A branch of a `$or` beside that of the `$text`: it must have an index too. */
function otherBranch(
  { request, collection }: TextQuery,
  predicates: readonly FilterNode[],
  own: readonly FilterNode[],
  namespace: string,
): Stage {
  const root: FilterNode = { kind: 'and', children: predicates };
  const { collation } = request.filter;
  const [best] = collection.indexes
    .filter(isUsable)
    .flatMap((index) => candidatesOf(index, { root, predicates: own, collation }, []))
    .filter((candidate) => candidate.bounded > 0)
    .sort(compareCandidates);
  if (best === undefined) {
    throw noPlan(
      namespace,
      'Failed to produce a solution for TEXT under OR - other non-TEXT clauses under OR have to be indexed as well.',
    );
  }
  const scan = new IndexScan(collection, best.bounds, false);
  return new Fetch(scan, collection, new Filter(root, collation));
}

/** What matches the `$text` and all other `predicates`. */
function conjunctionStage(
  query: TextQuery,
  predicates: readonly FilterNode[],
  namespace: string,
): Stage {
  const { request, collection, node, index, facts, search } = query;
  const others = predicates.filter((one) => one !== node);
  const prefix = facts.before.map((path) => {
    const equality = others.find(
      (one) => one.kind === 'comparison' && one.operator === '$eq' && one.path === path,
    );
    const bounds = equality && predicateBounds(equality, false);
    if (bounds === undefined || equality?.kind !== 'comparison') {
      throw noTextPlan(namespace);
    }
    return { path, value: equality.value, intervals: bounds.intervals };
  });
  const rest = index.keyPattern.slice(prefix.length + 1).map(() => [allValues]);
  const scans = search.indexTerms.map((term) => {
    const fields = [...prefix.map(({ intervals }) => intervals), [point(termKey(term))], ...rest];
    return new IndexScan(collection, { index, fields }, true, true);
  });
  const [only] = scans;
  const found =
    request.metaWords?.has('textScore') === true
      ? new TextOr(scans, collection, node)
      : new Fetch(scans.length === 1 ? only! : new Or(scans), collection, undefined);
  const indexPrefix: [string, RawValue][] = prefix.map(({ path, value }) => [path, value]);
  const matched = new TextMatch(found, { index, facts, search, indexPrefix });
  if (others.length === 0) return matched;
  const filter = new Filter({ kind: 'and', children: others }, request.filter.collation);
  return new Fetch(matched, collection, filter);
}
