/** Index filters, by the manual's pages of planCacheSetFilter, planCacheListFilters and planCacheClearFilters. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  const c = db.collection('c');
  await c.insertMany(Array.from({ length: 9 }, (_, at) => ({ a: at % 3, b: at, c: -at })));
  await c.createIndexes([{ key: { a: 1, b: 1 } }, { key: { a: 1, c: 1 } }]);
});

async function codeOf(command: Document): Promise<number> {
  return db.command(command).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

const query = { a: 1 };

/** Sets the filter of queries like `query`. */
async function setFilter(indexes: unknown, more: Document = {}): Promise<void> {
  await db.command({ planCacheSetFilter: 'c', query, ...more, indexes });
}

/** The index a plan reads, or the stage that reads the collection, and whether a filter was applied. */
async function plannedWith(command: Document): Promise<[string, boolean]> {
  const { queryPlanner } = await db.command({ explain: command, verbosity: 'queryPlanner' });
  let stage = queryPlanner.winningPlan;
  while (stage.inputStage !== undefined) stage = stage.inputStage;
  return [stage.indexName ?? stage.stage, queryPlanner.indexFilterSet];
}

const find = { find: 'c', filter: { a: 2 } };

describe('an index filter', () => {
  test.each<[string, unknown]>([
    ['a_1_b_1', { a: 1, b: 1 }],
    ['a_1_c_1', { a: 1, c: 1 }],
    ['a_1_c_1', 'a_1_c_1'],
  ])('decides that queries of its shape use %s', async (name, index) => {
    await setFilter([index]);
    expect(await plannedWith(find)).toEqual([name, true]);
  });

  test.each<Document>([
    { count: 'c', query },
    { distinct: 'c', key: 'b', query },
    { aggregate: 'c', pipeline: [{ $match: query }], cursor: {} },
    { update: 'c', updates: [{ q: query, u: { $set: { x: 1 } } }] },
    { delete: 'c', deletes: [{ q: query, limit: 0 }] },
    { findAndModify: 'c', query, remove: true },
  ])('is obeyed by %j', async (command) => {
    await setFilter(['a_1_c_1']);
    expect(await plannedWith(command)).toEqual(['a_1_c_1', true]);
  });

  test('finds what is to be found, and lets writes change it', async () => {
    await setFilter(['a_1_c_1']);
    const c = db.collection('c');
    expect(await c.countDocuments(query)).toBe(3);
    const { modifiedCount } = await c.updateMany(query, { $set: { seen: true } });
    expect(modifiedCount).toBe(3);
  });

  test('stands above a hint', async () => {
    await setFilter(['a_1_c_1']);
    expect(await plannedWith({ ...find, hint: 'a_1_b_1' })).toEqual(['a_1_c_1', true]);
  });

  test('whose indexes do not exist or do not help leaves the collection scan', async () => {
    await setFilter(['gone', { 'no.such': 1 }, { a: 'text' }]);
    expect(await plannedWith(find)).toEqual(['COLLSCAN', true]);
    expect(await db.collection('c').countDocuments(query)).toBe(3);
  });

  test.each<Document>([
    { find: 'c', filter: { a: { $gt: 1 } } },
    { find: 'c', filter: { a: 1, b: 1 } },
    { find: 'c', filter: query, sort: { b: 1 } },
    { find: 'c', filter: query, projection: { b: 1 } },
    { find: 'another', filter: query },
  ])('is not about %j', async (command) => {
    await setFilter(['a_1_c_1']);
    expect((await plannedWith(command))[1]).toBe(false);
  });

  test('is about one sort and one projection', async () => {
    await setFilter(['a_1_c_1'], { sort: { b: 1 }, projection: { b: 1 } });
    const command = { ...find, sort: { b: 1 }, projection: { b: 1 } };
    expect(await plannedWith(command)).toEqual(['a_1_c_1', true]);
  });

  test('goes with its collection', async () => {
    await setFilter(['a_1_c_1']);
    await db.collection('c').drop();
    await db.createCollection('c');
    expect((await db.command({ planCacheListFilters: 'c' })).filters).toEqual([]);
  });
});

describe('planCacheSetFilter', () => {
  test.each<[Document, number]>([
    [{}, 0],
    [{ comment: 'why' }, 0],
    [{ sort: {}, projection: {} }, 0],
    [{ collation: { locale: 'en' } }, 0],
    [{ planCacheSetFilter: 1 }, 73],
    [{ planCacheSetFilter: '' }, 73],
    [{ planCacheSetFilter: 'no_such' }, 2],
    [{ query: undefined }, 2],
    [{ query: null }, 2],
    [{ query: 'x' }, 2],
    [{ query: { a: { $no: 1 } } }, 2],
    [{ sort: 1 }, 2],
    [{ sort: null }, 2],
    [{ projection: 'x' }, 2],
    [{ collation: [] }, 2],
    [{ collation: {} }, 2],
    [{ collation: { strength: 2 } }, 40414],
    [{ indexes: undefined }, 2],
    [{ indexes: [] }, 2],
    [{ indexes: {} }, 2],
    [{ indexes: [1] }, 2],
    [{ indexes: [{}] }, 2],
    [{ indexes: [''] }, 2],
  ])('with %j answers code %i', async (change, code) => {
    const command = { planCacheSetFilter: 'c', query, indexes: ['a_1_b_1'], ...change };
    expect(await codeOf(command)).toBe(code);
  });
});

describe('planCacheListFilters', () => {
  test('shows each filter, the newest of each shape, with its collation written out', async () => {
    await setFilter([{ a: 1, b: 1 }, 'a_1_c_1']);
    await setFilter(['a_1_b_1'], { query: { a: 77 } });
    await setFilter([{ b: -1 }], {
      sort: { b: 1 },
      projection: { b: 1 },
      collation: { locale: 'fr' },
    });

    const { filters } = await db.command({ planCacheListFilters: 'c' });

    expect(filters).toEqual([
      { query: { a: 77 }, sort: {}, projection: {}, indexes: ['a_1_b_1'] },
      {
        query: { a: 1 },
        sort: { b: 1 },
        projection: { b: 1 },
        collation: expect.objectContaining({ locale: 'fr', strength: 3, version: '57.1' }),
        indexes: [{ b: -1 }],
      },
    ]);
  });

  test.each<[unknown, number]>([
    ['no_such', 0],
    ['', 73],
    [1, 73],
    [null, 73],
  ])('of %j answers code %i', async (name, code) => {
    expect(await codeOf({ planCacheListFilters: name })).toBe(code);
  });
});

describe('planCacheClearFilters', () => {
  test('removes the filter of one shape', async () => {
    await setFilter(['a_1_b_1']);
    await setFilter(['a_1_b_1'], { query: { b: 1 } });
    await db.command({ planCacheClearFilters: 'c', query: { a: 5 } });
    const { filters } = await db.command({ planCacheListFilters: 'c' });
    expect(filters.map((filter: Document) => filter.query)).toEqual([{ b: 1 }]);
  });

  test('removes all of a collection', async () => {
    await setFilter(['a_1_b_1']);
    await db.command({ planCacheClearFilters: 'c' });
    expect((await db.command({ planCacheListFilters: 'c' })).filters).toEqual([]);
    expect((await plannedWith(find))[1]).toBe(false);
  });

  test.each<[Document, number]>([
    [{ query, sort: { b: 1 } }, 0],
    [{ sort: { b: 1 } }, 2],
    [{ query: 1 }, 2],
    [{ planCacheClearFilters: 'no_such', query: 1 }, 0],
    [{ planCacheClearFilters: '' }, 73],
  ])('with %j answers code %i', async (change, code) => {
    expect(await codeOf({ planCacheClearFilters: 'c', ...change })).toBe(code);
    expect(await codeOf({ planCacheClear: 'c', ...renamed(change) })).toBe(code);
  });
});

/** The same for planCacheClear, which takes the same fields. */
function renamed({ planCacheClearFilters, ...rest }: Document): Document {
  return planCacheClearFilters === undefined
    ? rest
    : { ...rest, planCacheClear: planCacheClearFilters };
}
