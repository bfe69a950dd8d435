/** Which of several indexes a query reads, by trial and by the plan cache; the manual's page Query Plans. */
import type { Document } from 'mongodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

/** `common` has 2 values, `rare` has 500. */
const { db } = await startShop();
const c = db.collection('c');
beforeAll(async () => {
  await c.insertMany(
    Array.from({ length: 4000 }, (_, at) => ({ common: at % 2, rare: at % 500, n: at })),
  );
  await c.createIndexes([{ key: { common: 1 } }, { key: { rare: 1 } }]);
});
beforeEach(() => db.command({ planCacheClear: 'c' }));

const filter = { common: 1, rare: 7 };
const cached = () => c.aggregate([{ $planCacheStats: {} }]).toArray();

async function explain(command: Document, verbosity = 'queryPlanner'): Promise<Document> {
  return db.command({ explain: command, verbosity });
}

/** Runs until a second trial has agreed with the first; where other threads are busy one may end early and say less. */
async function untilActive(run: () => Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await run();
    const [entry] = await cached();
    if (entry?.isActive === true) return;
  }
  throw new Error('no plan became active');
}

function indexOf(plan: Document): string {
  let stage = plan;
  while (stage.inputStage !== undefined) stage = stage.inputStage;
  return stage.indexName;
}

describe('of two indexes', () => {
  test('the one that leads to the documents sooner is read', async () => {
    const { queryPlanner } = await explain({ find: 'c', filter });
    expect(indexOf(queryPlanner.winningPlan)).toBe('rare_1');
    expect(queryPlanner.rejectedPlans.map(indexOf)).toEqual(['common_1']);
  });

  test.each<Document>([
    { count: 'c', query: filter },
    { distinct: 'c', key: 'n', query: filter },
    { update: 'c', updates: [{ q: filter, u: { $set: { x: 1 } }, multi: true }] },
    { delete: 'c', deletes: [{ q: filter, limit: 0 }] },
    { aggregate: 'c', pipeline: [{ $match: filter }], cursor: {} },
  ])('%j reads it too', async (command) => {
    const { queryPlanner } = await explain(command);
    expect(indexOf(queryPlanner.winningPlan)).toBe('rare_1');
  });

  test('the one in the order of the sort is read when few documents do not match', async () => {
    await c.createIndex({ n: 1 });
    const { queryPlanner } = await explain({
      find: 'c',
      filter: { common: 1 },
      sort: { n: 1 },
      limit: 5,
    });
    expect(indexOf(queryPlanner.winningPlan)).toBe('n_1');
    await c.dropIndex('n_1');
  });

  test('explain tells how each did in the trial', async () => {
    const { executionStats } = await explain({ find: 'c', filter }, 'allPlansExecution');
    const [won, lost] = executionStats.allPlansExecution;
    expect(indexOf(won.executionStages)).toBe('rare_1');
    expect(indexOf(lost.executionStages)).toBe('common_1');
    expect(won.score).toBeGreaterThan(lost.score);
    expect(won.nReturned).toBe(8);
    expect(executionStats.totalKeysExamined).toBe(8);
  });
});

describe('the plan cache', () => {
  test('has a plan from its first trial on, and uses it from the second', async () => {
    expect(await cached()).toEqual([]);
    await c.find(filter).toArray();
    const [first] = await cached();
    expect(first).toMatchObject({
      version: '1',
      isActive: false,
      indexFilterSet: false,
      createdFromQuery: {
        query: { $and: [{ common: { $eq: 1 } }, { rare: { $eq: 7 } }] },
        sort: {},
        projection: {},
      },
    });
    expect(indexOf(first?.cachedPlan)).toBe('rare_1');
    expect(first?.candidatePlanScores).toHaveLength(2);
    await untilActive(() => c.find({ common: 0, rare: 8 }).toArray());
    const { queryPlanner } = await explain({ find: 'c', filter });
    expect(queryPlanner.winningPlan.isCached).toBe(true);
    expect(queryPlanner.planCacheShapeHash).toBe(first?.planCacheShapeHash);
  });

  test('keeps nothing of a query with one possible plan, nor of an explain', async () => {
    await c.find({ rare: 7 }).toArray();
    await c.find({ n: 7 }).toArray();
    await explain({ find: 'c', filter }, 'executionStats');
    expect(await cached()).toEqual([]);
  });

  test('is used by writes too', async () => {
    await untilActive(() => c.updateMany(filter, { $inc: { x: 1 } }));
  });

  test('tries the plans anew when a query took ten times as long', async () => {
    await c.insertMany(Array.from({ length: 300 }, () => ({ common: 5, rare: 999 })));
    await untilActive(() => c.find(filter).toArray());
    await c.find({ common: 3, rare: 999 }).toArray();
    expect(await cached()).toMatchObject([{ isActive: false }]);
    await c.deleteMany({ rare: 999 });
  });

  test('forgets one shape, or all', async () => {
    await c.find(filter).toArray();
    await c.find(filter).sort({ n: 1 }).toArray();
    expect(await cached()).toHaveLength(2);
    await db.command({ planCacheClear: 'c', query: { rare: 0, common: 0 } });
    expect(await cached()).toMatchObject([{ createdFromQuery: { sort: { n: 1 } } }]);
    await db.command({ planCacheClear: 'c' });
    expect(await cached()).toEqual([]);
  });

  test('forgets a collection whose indexes change', async () => {
    await c.find(filter).toArray();
    await c.createIndex({ n: -1 });
    expect(await cached()).toEqual([]);
    await c.dropIndex('n_-1');
  });
});

test.each<[Document, number]>([
  [{ $planCacheStats: 1 }, 9],
  [{ $planCacheStats: { all: true } }, 9],
  [{ $planCacheStats: { allHosts: 1 } }, 13111],
  [{ $planCacheStats: { allHosts: true } }, 4503200],
])('%j answers %i', async (stage, code) => {
  await expect(c.aggregate([stage]).toArray()).rejects.toMatchObject({ code });
});

test('$planCacheStats of a collection that is not there answers 50933', async () => {
  const run = db.collection('none').aggregate([{ $planCacheStats: {} }]);
  await expect(run.toArray()).rejects.toMatchObject({ code: 50933 });
});
