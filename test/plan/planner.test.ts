import { describe, expect, test } from 'vitest';
import { explainPlan, findById, parseHint, planQuery } from '../../src/plan/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import {
  bsonOf,
  collectionOf,
  executorOf,
  find,
  idsOf,
  planOf,
  requestOf,
  stageNames,
} from './test-collection.ts';

const numbers = Array.from({ length: 20 }, (_, at) => ({ a: at % 5, b: at, c: `s${at}` }));

describe('access', () => {
  test('a filter without an index scans the collection', async () => {
    const things = await collectionOf(numbers);
    expect(stageNames(planOf(things, { filter: { b: 3 } }))).toEqual(['COLLSCAN']);
    expect(await idsOf(things, { filter: { b: { $gte: 17 } } })).toEqual([18, 19, 20]);
  });

  test('an equality on _id alone is answered by IDHACK', async () => {
    const things = await collectionOf(numbers);
    expect(stageNames(planOf(things, { filter: { _id: 4 } }))).toEqual(['IDHACK']);
    expect(await idsOf(things, { filter: { _id: 4 } })).toEqual([4]);
    expect(await idsOf(things, { filter: { _id: 99 } })).toEqual([]);
  });

  test('findById finds a number of any type', async () => {
    const things = await collectionOf(numbers);
    const reader = things.engine.latest;
    expect(findById(reader, things.info, bsonOf(5n))?.recordId).toBe(5);
    expect(findById(reader, things.info, bsonOf('5'))).toBeUndefined();
  });

  test('a collection that does not exist has no results', async () => {
    const plan = planQuery(requestOf(undefined, { filter: { a: 1 } }));
    expect(stageNames(plan)).toEqual(['EOF']);
    const nothing = { engine: openMemoryEngine(), info: undefined as never };
    expect(await find(nothing)).toEqual([]);
  });

  test('the index with more equalities is taken', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1 } }, { key: { a: 1, b: 1 } }]);
    const plan = planOf(things, { filter: { a: 2, b: { $gt: 7 } } });
    expect(stageNames(plan)).toEqual(['FETCH', 'IXSCAN']);
    expect(plan.root.children[0]!.explainFields()).toMatchObject({
      indexName: 'a_1_b_1',
      indexBounds: { a: ['[2.0, 2.0]'.replaceAll('.0', '')], b: ['(7, inf.0]'] },
    });
    expect(plan.rejected).toHaveLength(1);
    expect(await idsOf(things, { filter: { a: 2, b: { $gt: 7 } } })).toEqual([13, 18]);
  });

  test('hidden indexes are not offered, nor partial ones that may lack a match', async () => {
    const things = await collectionOf(numbers, [
      { key: { b: 1 }, hidden: true },
      { key: { c: 1 }, partialFilterExpression: { a: 1 } },
    ]);
    for (const filter of [{ b: 1 }, { c: 's1' }]) {
      expect(stageNames(planOf(things, { filter }))).toEqual(['COLLSCAN']);
    }
  });

  test('an $or whose branches all have an index reads each, every record once', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1 } }, { key: { b: -1 } }]);
    const filter = { $or: [{ a: 1 }, { b: { $lt: 3 } }] };
    expect(stageNames(planOf(things, { filter }))).toEqual(['FETCH', 'OR', 'IXSCAN']);
    expect((await idsOf(things, { filter })).sort((x, y) => Number(x) - Number(y))).toEqual([
      1, 2, 3, 7, 12, 17,
    ]);
  });
});

describe('projection', () => {
  test('of fields an index has is answered from its keys', async () => {
    const things = await collectionOf(
      [...numbers, { b: 5 }, { a: null, b: 6 }],
      [{ key: { a: 1, b: -1 } }],
    );
    const query = { filter: { a: 2 }, projection: { a: 1, b: 1, _id: 0 } };
    const plan = planOf(things, query);
    expect(stageNames(plan)).toEqual(['PROJECTION_COVERED', 'IXSCAN']);
    expect(await find(things, query)).toEqual([17, 12, 7, 2].map((b) => ({ a: 2, b })));
    const nulls = {
      filter: { b: { $gte: 0 } },
      projection: { a: 1, _id: 0 },
      sort: { a: 1 as const },
    };
    expect((await find(things, nulls)).slice(0, 2)).toEqual([{ a: null }, {}]);
    const withId = { filter: { a: 2 }, projection: { a: 1 } };
    expect(stageNames(planOf(things, withId))).toEqual(['PROJECTION_SIMPLE', 'FETCH', 'IXSCAN']);
    const byId = { filter: { _id: { $in: [3, 1] } }, projection: { _id: 1 } };
    expect(stageNames(planOf(things, byId))).toEqual(['PROJECTION_COVERED', 'IXSCAN']);
    expect(await find(things, byId)).toEqual([{ _id: 1 }, { _id: 3 }]);
  });
});

describe('arrays', () => {
  test('two ranges of an array may hold for different elements', async () => {
    const things = await collectionOf(
      [{ a: [1, 9] }, { a: 5 }, { a: [5, 6] }],
      [{ key: { a: 1 } }],
    );
    const hint = { kind: 'name', name: 'a_1' } as const;
    expect(await idsOf(things, { filter: { a: { $gt: 4, $lt: 6 } }, hint })).toEqual([2, 3, 1]);
    const query = { filter: { a: { $elemMatch: { $gt: 4, $lt: 6 } } }, hint };
    expect(await idsOf(things, query)).toEqual([3]);
    expect(planOf(things, query).root.children[0]!.explainFields()).toMatchObject({
      isMultiKey: true,
      indexBounds: { a: ['(4, 6)'] },
    });
  });

  test('the elements of an array within an array are not the keys of its position', async () => {
    const things = await collectionOf([{ a: [[0]] }, { a: [0] }], [{ key: { 'a.0': 1 } }]);
    const hint = { kind: 'name', name: 'a.0_1' } as const;
    expect(await idsOf(things, { filter: { 'a.0': { $elemMatch: { $eq: 0 } } }, hint })).toEqual([
      1,
    ]);
    expect(await idsOf(things, { filter: { 'a.0': 0 }, hint })).toEqual([2]);
  });

  test.each([
    { $elemMatch: { $elemMatch: { $gte: 3 } } },
    { $elemMatch: { $all: [{ $elemMatch: { $gte: 3 } }] } },
  ])('%j looks below the keys, which are whole elements', async (a) => {
    const things = await collectionOf([{ a: [[1, 3]] }, { a: [[2]] }], [{ key: { a: 1 } }]);
    const hint = { kind: 'name', name: 'a_1' } as const;
    expect(await idsOf(things, { filter: { a }, hint })).toEqual([1]);
  });

  test('two fields of one array may match in different elements', async () => {
    const things = await collectionOf(
      [
        {
          a: [
            { x: 1, y: 2 },
            { x: 3, y: 4 },
          ],
        },
        { a: { x: 1, y: 4 } },
      ],
      [{ key: { 'a.x': 1, 'a.y': 1 } }],
    );
    expect(await idsOf(things, { filter: { 'a.x': 1, 'a.y': 4 } })).toEqual([1, 2]);
  });
});

describe('order', () => {
  test('an index in the order asked for, or its reverse, saves the sort', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1, b: -1 } }]);
    expect(stageNames(planOf(things, { sort: { a: 1, b: -1 } }))).toEqual(['FETCH', 'IXSCAN']);
    expect(stageNames(planOf(things, { sort: { a: -1, b: 1 } }))).toEqual(['FETCH', 'IXSCAN']);
    expect(stageNames(planOf(things, { sort: { a: 1, b: 1 } }))).toEqual(['SORT', 'COLLSCAN']);
    expect(await idsOf(things, { sort: { a: -1, b: 1 }, limit: 3 })).toEqual([5, 10, 15]);
  });

  test('an equality in front of the order does not disturb it', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1, b: 1 } }]);
    const query = { filter: { a: 3 }, sort: { b: -1 as const } };
    expect(stageNames(planOf(things, query))).toEqual(['FETCH', 'IXSCAN']);
    expect(await idsOf(things, query)).toEqual([19, 14, 9, 4]);
  });

  test('equal keys keep the order of the collection', async () => {
    const things = await collectionOf(Array.from({ length: 10_000 }, (_, at) => ({ a: at % 3 })));
    const ids = (await idsOf(things, { sort: { a: 1 } })) as number[];
    const expected = [0, 1, 2].flatMap((rest) =>
      Array.from({ length: 10_000 }, (_, at) => at + 1).filter((id) => (id - 1) % 3 === rest),
    );
    expect(ids).toEqual(expected);
  });

  test('a sort with skip and limit gives the same as the whole sort, cut', async () => {
    const things = await collectionOf(
      Array.from({ length: 9000 }, (_, at) => ({ a: (at * 7919) % 9001 })),
    );
    const all = await idsOf(things, { sort: { a: -1 } });
    expect(await idsOf(things, { sort: { a: -1 }, skip: 100, limit: 50 })).toEqual(
      all.slice(100, 150),
    );
    expect(await idsOf(things, { sort: { a: -1 }, limit: 5000 })).toEqual(all.slice(0, 5000));
  });

  test('an array sorts by its least element, descending by its greatest', async () => {
    const things = await collectionOf([{ a: [5, 1] }, { a: 2 }, { a: [3] }, { a: [] }, {}]);
    expect(await idsOf(things, { sort: { a: 1 } })).toEqual([4, 5, 1, 2, 3]);
    expect(await idsOf(things, { sort: { a: -1 } })).toEqual([1, 3, 2, 5, 4]);
  });

  test('$natural goes forwards and backwards', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1 } }]);
    const hint = parseHint(bsonOf({ $natural: -1 }))!;
    expect(stageNames(planOf(things, { filter: { a: 1 }, hint }))).toEqual(['COLLSCAN']);
    expect(await idsOf(things, { filter: { a: 1 }, hint })).toEqual([17, 12, 7, 2]);
  });

  test('a sort of more than 100 MB is refused', async () => {
    const text = 'x'.repeat(1_000_000);
    const bytes = Array.from({ length: 110 }, (_, at) => ({ a: at, text }));
    const things = await collectionOf(bytes);
    await expect(find(things, { sort: { a: 1 } })).rejects.toMatchObject({ code: 292 });
    expect(await idsOf(things, { sort: { a: -1 }, limit: 2 })).toEqual([110, 109]);
  });
});

describe('hint', () => {
  test('names an index or gives its key pattern', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1 } }, { key: { b: 1 }, name: 'bee' }]);
    for (const hint of ['bee', { b: 1 }]) {
      const plan = planOf(things, { filter: { a: 1 }, hint: parseHint(bsonOf(hint))! });
      expect(plan.root.children[0]!.explainFields()).toMatchObject({ indexName: 'bee' });
    }
  });

  test('of an index that does not exist is an error', async () => {
    const things = await collectionOf(numbers);
    expect(() => planOf(things, { hint: parseHint(bsonOf('nope'))! })).toThrow(
      expect.objectContaining({ code: 2, message: expect.stringContaining('hint provided') }),
    );
  });
});

describe('batches', () => {
  test('go on where the last one ended, whatever was written in between', async () => {
    const things = await collectionOf(numbers);
    const executor = executorOf(things, {});
    const first = await executor.nextBatch({ maxDocuments: 8 });
    expect(first.documents.length).toBe(8);
    expect(first.isExhausted).toBe(false);
    const rest = await executor.nextBatch({ maxDocuments: 1000 });
    expect(rest.documents.length).toBe(12);
    expect(rest.isExhausted).toBe(true);
  });

  test('end at their size, and the document that did not fit comes next', async () => {
    const things = await collectionOf(
      Array.from({ length: 6 }, (_, at) => ({ a: at, text: 'x'.repeat(1000) })),
    );
    const executor = executorOf(things, {});
    const sizes: number[] = [];
    for (let isExhausted = false; !isExhausted; ) {
      const batch = await executor.nextBatch({ maxDocuments: 100, maxBytes: 2500 });
      sizes.push(batch.documents.length);
      isExhausted = batch.isExhausted;
    }
    expect(sizes).toEqual([2, 2, 2]);
    const huge = await executorOf(things, {}).nextBatch({ maxDocuments: 9, maxBytes: 10 });
    expect(huge.documents.length).toBe(1);
  });

  test('an index scan goes on behind its last key', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1 } }]);
    const executor = executorOf(things, { filter: { a: { $gte: 1 } }, sort: { a: -1 } });
    let count = 0;
    for (;;) {
      const batch = await executor.nextBatch({ maxDocuments: 3 });
      count += batch.documents.length;
      if (batch.isExhausted) break;
    }
    expect(count).toBe(16);
  });

  test('a tailable scan finds what was added behind its end', async () => {
    const things = await collectionOf(numbers.slice(0, 3));
    const executor = executorOf(things, { tailable: true });
    expect((await executor.nextBatch({ maxDocuments: 10 })).documents.length).toBe(3);
    executor.retryEnd();
    expect((await executor.nextBatch({ maxDocuments: 10 })).documents.length).toBe(0);
  });

  test('a batch that takes one slice is there at once, without a promise', async () => {
    const things = await collectionOf(numbers.slice(0, 3));
    const batch = executorOf(things, {}).nextBatch({ maxDocuments: 10 });
    expect(batch).toMatchObject({ isExhausted: true });
  });

  test('an interrupt ends the query', async () => {
    const things = await collectionOf(numbers);
    const interrupt = {
      check: () => {
        throw new Error('killed');
      },
    };
    const executor = executorOf(things, {});
    expect(() => executor.nextBatch({ maxDocuments: 1, interrupt })).toThrow('killed');
  });

  test('a write body visits what it will change, in pieces', async () => {
    const things = await collectionOf(numbers);
    const executor = executorOf(things, { filter: { a: 1 } });
    const seen: number[] = [];
    let state = 'paused';
    while (state === 'paused') {
      state = await things.engine.write((transaction) =>
        executor.runWithin(transaction, 5, (recordId) => {
          seen.push(recordId);
          return false;
        }),
      );
    }
    expect(seen).toEqual([2, 7, 12, 17]);
  });

  test('counting with an exact index reads no documents', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1 } }]);
    const plan = planOf(things, { filter: { a: 1 }, countOnly: true });
    expect(stageNames(plan)).toEqual(['COUNT', 'IXSCAN']);
  });
});

describe('explain', () => {
  test('shows the plan and what it did', async () => {
    const things = await collectionOf(numbers, [{ key: { a: 1, b: 1 } }]);
    const query = { filter: { a: 1, b: { $in: [1, 6, 99] } }, limit: 10 };
    const plan = planOf(things, query);
    const executor = executorOf(things, query);
    await executor.nextBatch({ maxDocuments: 100 });
    const shown = explainPlan({ ...plan, root: executor.root }, 'executionStats', {
      returned: executor.returned,
      milliseconds: executor.elapsedMilliseconds,
    });
    expect(shown).toMatchObject({
      explainVersion: '1',
      queryPlanner: {
        namespace: 'test.things',
        winningPlan: {
          stage: 'LIMIT',
          limitAmount: 10,
          inputStage: {
            stage: 'FETCH',
            inputStage: {
              stage: 'IXSCAN',
              keyPattern: { a: 1, b: 1 },
              indexName: 'a_1_b_1',
              isMultiKey: false,
              direction: 'forward',
              indexBounds: { a: ['[1, 1]'], b: ['[1, 1]', '[6, 6]', '[99, 99]'] },
            },
          },
        },
        rejectedPlans: [],
      },
      executionStats: {
        executionSuccess: true,
        nReturned: 2,
        totalKeysExamined: 2,
        totalDocsExamined: 2,
        executionStages: { stage: 'LIMIT', nReturned: 2, isEOF: 1 },
      },
    });
  });
});
