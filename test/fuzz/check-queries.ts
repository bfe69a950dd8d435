/**
 * A query gives the same whatever index it is answered with: as the filter, sort and projection do
 * document by document, as the planner does, and as a scan of the collection or a hinted index does.
 */
import { decodeDocument } from '../../src/bson/index.ts';
import { parseCollation } from '../../src/collation/index.ts';
import { countDocuments } from '../../src/database/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { noVariables } from '../../src/expressions/index.ts';
import { type Filter, parseFilter, parseProjection, parseSort } from '../../src/query/index.ts';
import { operation, raw } from '../database/support/member.ts';
import type { Query, RandomIndex } from './queries.ts';
import { allDocuments, bytesOf, find, namespace, RuleBroken, type World } from './world.ts';

/** A way to answer; undefined leaves it to the planner. */
type Hint = Readonly<Record<string, unknown>> | undefined;

export async function checkQueries(world: World, queries: readonly Query[]): Promise<void> {
  const documents = await allDocuments(world);
  const hints: Hint[] = [{ $natural: 1 }];
  for (const { key } of world.indexes.filter(findsEverything)) hints.push(key);
  for (const [at, query] of queries.entries()) {
    const expected = expectedOf(query, documents);
    await checkQuery(world, query, expected, undefined);
    // One after the other: what one query does not show with an index, another will.
    await checkQuery(world, query, expected, hints[at % hints.length]);
    if (at % 4 === 0) await checkCount(world, query, expected);
  }
}

/** Others find less when they are hinted, or may not be hinted at all. */
function findsEverything({ key, sparse, partialFilterExpression }: RandomIndex): boolean {
  return (
    sparse !== true &&
    partialFilterExpression === undefined &&
    Object.values(key).every((direction) => typeof direction === 'number') &&
    !Object.keys(key).some((path) => path.includes('$**'))
  );
}

interface Expected {
  /** The code the query is refused with, before it runs. */
  readonly code?: number;
  /** What matches, in the order of the sort. */
  readonly matching: readonly Buffer[];
  readonly sortKey?: (document: Buffer) => Buffer;
}

function expectedOf(query: Query, documents: readonly Buffer[]): Expected {
  const { filter, sort, projection } = query;
  const { collation, variables } = comparedBy(query);
  let parsed: Filter;
  let sortKey: Expected['sortKey'];
  try {
    parsed = parseFilter(bytesOf(filter), 0, { variables });
    if (projection !== undefined) parseProjection(bytesOf(projection), 0, { filter: parsed });
    if (sort !== undefined) {
      const pattern = parseSort(bytesOf(sort), 0, collation);
      sortKey = (document) => pattern.keyOf(document, 0);
    }
  } catch (error) {
    if (error instanceof MongoServerError) return { code: error.code, matching: [] };
    throw error;
  }
  const matching = documents.filter((document) => parsed.matches(document, 0));
  if (sortKey === undefined) return { matching };
  try {
    return { sortKey, matching: sorted(matching, sortKey) };
  } catch (error) {
    // Parallel arrays: an index in this order could not have been made.
    if (error instanceof MongoServerError) return { code: error.code, matching: [] };
    throw error;
  }
}

function comparedBy({ collation }: Query) {
  const parsed = collation && (parseCollation(raw(collation)) ?? undefined);
  return { collation: parsed, variables: noVariables.under(parsed) };
}

function sorted(documents: readonly Buffer[], keyOf: (document: Buffer) => Buffer): Buffer[] {
  return documents
    .map((document) => ({ document, key: keyOf(document) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ document }) => document);
}

async function checkQuery(
  world: World,
  query: Query,
  expected: Expected,
  hint: Hint,
): Promise<void> {
  const { skip = 0, limit = 0 } = query;
  const fields = {
    filter: raw(query.filter),
    ...(query.sort && { sort: raw(query.sort) }),
    ...(hint && { hint: raw({ ...hint }) }),
    ...(query.collation && { collation: parseCollation(raw(query.collation)) }),
    skip,
    limit,
  };
  const by = hint === undefined ? 'the planner' : JSON.stringify(hint);
  let found: Buffer[];
  try {
    found = await find(world, fields);
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.code === expected.code) return;
    throw new RuleBroken('same error', `${by} answers ${error.code} ${error.message}`);
  }
  if (expected.code !== undefined) {
    // A sort by an index, or of one document, never meets what makes a sort impossible.
    if (expected.code === 2 && query.sort !== undefined) return;
    throw new RuleBroken('same error', `${by} answers no error, expected ${expected.code}`);
  }
  checkFound(expected, found, { skip, limit }, by);
  if (query.projection === undefined || skip > 0 || limit > 0) return;
  const projected = await find(world, { ...fields, projection: raw(query.projection) });
  checkProjected(query, expected.matching, projected, by);
}

function checkFound(
  { matching, sortKey }: Expected,
  found: readonly Buffer[],
  { skip, limit }: { skip: number; limit: number },
  by: string,
): void {
  const window = matching.slice(skip, limit === 0 ? undefined : skip + limit);
  if (found.length !== window.length) {
    throw new RuleBroken(
      'same documents',
      `${by} finds ${found.length} of ${window.length}: ${show(found)} instead of ${show(window)}`,
    );
  }
  const left = new Map<string, number>();
  for (const document of matching) add(left, document, 1);
  for (const document of found) {
    if (add(left, document, -1) < 0) {
      throw new RuleBroken('same documents', `${by} finds ${show([document])}`);
    }
  }
  if (sortKey === undefined) return;
  for (const [at, document] of found.entries()) {
    if (sortKey(document).equals(sortKey(window[at] as Buffer))) continue;
    throw new RuleBroken('same order', `${by} finds ${show(found)} instead of ${show(window)}`);
  }
}

function checkProjected(
  query: Query,
  matching: readonly Buffer[],
  found: readonly Buffer[],
  by: string,
): void {
  const { variables } = comparedBy(query);
  const filter = parseFilter(bytesOf(query.filter), 0, { variables });
  const plain = parseProjection(bytesOf(query.projection!), 0, { filter });
  const expected = matching.map((document) => plain.apply(document, 0));
  const left = new Map<string, number>();
  for (const document of expected) add(left, document, 1);
  for (const document of found) {
    if (add(left, document, -1) < 0) {
      throw new RuleBroken(
        'same projection',
        `${by} gives ${show([document])}, none of ${show(expected)}`,
      );
    }
  }
}

async function checkCount(world: World, query: Query, { code, matching }: Expected): Promise<void> {
  if (code !== undefined) return;
  const count = await countDocuments(world.database, operation(), 'local', {
    namespace,
    filter: raw(query.filter),
    hint: undefined,
    skip: 0,
    limit: 0,
    ...(query.collation && { collation: parseCollation(raw(query.collation)) }),
  });
  if (count !== matching.length) {
    throw new RuleBroken('same count', `${count} are counted, ${matching.length} match`);
  }
}

function add(counts: Map<string, number>, document: Buffer, by: number): number {
  const key = document.toString('latin1');
  const count = (counts.get(key) ?? 0) + by;
  counts.set(key, count);
  return count;
}

function show(documents: readonly Buffer[]): string {
  return JSON.stringify(
    documents.map((document) => decodeDocument(document, 0)),
    (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
  );
}
