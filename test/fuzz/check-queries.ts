/**
 * A query gives the same whatever it is answered with: as the filter, sort and projection do document
 * by document, as the planner does, and as a scan of the collection or a hinted index does.
 */
import {
  BsonType,
  compareValues,
  ElementReader,
  encodeDocument,
  type RawValue,
} from '../../src/bson/index.ts';
import { parseCollation } from '../../src/collation/index.ts';
import { countDocuments, distinctOf } from '../../src/database/index.ts';
import { operation, raw } from '../database/support/member.ts';
import { collects, type Expected, expectedOf, shownAs } from './expected.ts';
import type { RandomIndex } from './indexes.ts';
import type { Query } from './queries.ts';
import { allDocuments, find, namespace, RuleBroken, refusal, show, type World } from './world.ts';

/** Answers one query in its way, and throws when the answer is not what is expected. */
type Way = (world: World, query: Query, expected: Expected) => Promise<void>;

const scanAll = { $natural: 1 };

/** Each query in one of the ways, in turn: what one query does not show in a way, another will. */
export async function checkQueries(world: World, queries: readonly Query[]): Promise<void> {
  const documents = allDocuments(world);
  const byPlan: Way = (...of) => checkFind(...of, undefined);
  const ways: Way[] = [byPlan, checkCount, byPlan, checkDistinct];
  for (const hint of [scanAll, ...world.indexes.filter(findsEverything).map(({ key }) => key)]) {
    ways.push(byPlan, (...of) => checkFind(...of, hint));
  }
  for (const [at, query] of queries.entries()) {
    await ways[at % ways.length]!(world, query, expectedOf(query, documents));
  }
}

/** Others find less when they are hinted, or may not be hinted at all. */
function findsEverything(index: RandomIndex): boolean {
  const { key, sparse, hidden, partialFilterExpression } = index;
  return (
    sparse !== true &&
    hidden !== true &&
    partialFilterExpression === undefined &&
    Object.values(key).every((direction) => typeof direction === 'number') &&
    !Object.keys(key).some((path) => path.includes('$**'))
  );
}

async function checkFind(
  world: World,
  query: Query,
  expected: Expected,
  hint: Query['sort'],
): Promise<void> {
  const { filter, sort, projection, collation, skip = 0, limit = 0 } = query;
  const by = hint === undefined ? 'the planner' : JSON.stringify(hint);
  let found: Buffer[] = [];
  const error = await refusal(async () => {
    found = await find(world, {
      filter: raw(filter),
      sort: sort && raw(sort),
      projection: projection && raw(projection),
      hint: hint && raw({ ...hint }),
      collation: collation && parseCollation(raw(collation)),
      skip,
      limit,
    });
  });
  if (error !== undefined) {
    if (error.code === expected.code) return;
    throw new RuleBroken('same error', `${by} answers ${error.code} ${error.message}`);
  }
  if (expected.code !== undefined) {
    if (expected.isAvoidable) return;
    throw new RuleBroken('same error', `${by} answers no error, expected ${expected.code}`);
  }
  checkFound(expected, found, { skip, limit }, by);
}

/** As many, each as it should be shown, and in order where their sort keys differ. */
function checkFound(
  { matching }: Expected,
  found: readonly Buffer[],
  { skip, limit }: { skip: number; limit: number },
  by: string,
): void {
  const window = matching.slice(skip, limit === 0 ? undefined : skip + limit);
  const says = () =>
    `${by} finds ${show(found)} instead of ${show(window.map(({ shown }) => shown))}`;
  if (found.length !== window.length) throw new RuleBroken('same documents', says());
  const left = new Map<string, number>();
  for (const { key, shown } of matching) collects(left, shownAs(key, shown), 1);
  for (const [at, document] of found.entries()) {
    if (collects(left, shownAs(window[at]!.key, document), -1) < 0) {
      throw new RuleBroken('same documents in the same order', says());
    }
  }
}

async function checkCount(world: World, query: Query, expected: Expected): Promise<void> {
  const { filter, collation, skip = 0, limit = 0 } = query;
  if (expected.code !== undefined) return;
  const count = await countDocuments(world.database, operation(), 'local', {
    namespace,
    filter: raw(filter),
    hint: undefined,
    skip,
    limit,
    collation: collation && parseCollation(raw(collation)),
  });
  const { length } = expected.matching.slice(skip, limit === 0 ? undefined : skip + limit);
  if (count !== length) throw new RuleBroken('same count', `${count} are counted, not ${length}`);
}

/** Equal values of different types stand for each other. */
async function checkDistinct(world: World, query: Query, { code }: Expected): Promise<void> {
  if (code !== undefined) return;
  const collation = query.collation && (parseCollation(raw(query.collation)) ?? undefined);
  const values = async (hint: RawValue | undefined) =>
    elementsOf(
      await distinctOf(world.database, operation(), 'local', {
        namespace,
        path: query.path,
        filter: raw(query.filter),
        hint,
        collation,
      }),
    );
  const planned = await values(undefined);
  const scanned = await values(raw(scanAll));
  const isSame = (a: RawValue, at: number) => {
    const b = scanned[at]!;
    const order = compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start, collation);
    return order === 0;
  };
  if (planned.length !== scanned.length || !planned.every(isSame)) {
    const [some, others] = [planned, scanned].map((list) =>
      show([encodeDocument({ [query.path]: list })]),
    );
    throw new RuleBroken('same distinct values', `the planner finds ${some} instead of ${others}`);
  }
}

function elementsOf(array: RawValue): RawValue[] {
  if (array.type !== BsonType.array) throw new RuleBroken('distinct values are an array', '');
  const values: RawValue[] = [];
  const reader = new ElementReader(array.buffer, array.start);
  while (reader.next()) values.push(reader.value());
  return values;
}
