/** Query settings, by the manual's pages of setQuerySettings, removeQuerySettings and $querySettings. */
import type { Document } from 'mongodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client, db } = await startShop();
const admin = client.db('admin');
beforeAll(async () => {
  const c = db.collection('c');
  await c.insertMany(Array.from({ length: 9 }, (_, at) => ({ a: at % 3, b: at, c: -at })));
  await c.createIndexes([{ key: { a: 1, b: 1 } }, { key: { a: 1, c: 1 } }]);
});
beforeEach(async () => {
  for (const { queryShapeHash } of await listed()) {
    await admin.command({ removeQuerySettings: queryShapeHash });
  }
});

const listed = (options: Document = {}) => admin.aggregate([{ $querySettings: options }]).toArray();

const query = { find: 'c', filter: { a: 1 }, $db: 'shop' };
const ns = { db: 'shop', coll: 'c' };

const hints = (...allowedIndexes: unknown[]) => ({ indexHints: [{ ns, allowedIndexes }] });

const set = (settings: Document, shape: Document | string = query) =>
  admin.command({ setQuerySettings: shape, settings });

async function codeOf(run: Promise<unknown>): Promise<number> {
  return run.then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

/** The index a plan reads, or the stage that reads the collection. */
async function plannedWith(command: Document): Promise<string> {
  const { queryPlanner } = await db.command({ explain: command, verbosity: 'queryPlanner' });
  let stage = queryPlanner.winningPlan;
  while (stage.inputStage !== undefined) stage = stage.inputStage;
  return stage.indexName ?? stage.stage;
}

const find = { find: 'c', filter: { a: 2 } };

describe('index hints', () => {
  test.each<[string, unknown]>([
    ['a_1_b_1', { a: 1, b: 1 }],
    ['a_1_c_1', { a: 1, c: 1 }],
    ['a_1_c_1', 'a_1_c_1'],
    ['COLLSCAN', '$natural'],
    ['COLLSCAN', { $natural: 1 }],
  ])('decide that queries of the shape use %s', async (name, index) => {
    await set(hints(index));
    expect(await plannedWith(find)).toBe(name);
    expect(await plannedWith({ ...find, hint: 'a_1_b_1' })).toBe(name);
  });

  test('count for nothing when no such index is there, or it does not help', async () => {
    await set(hints('no_such_index'));
    expect(await plannedWith(find)).toBe('a_1_b_1');
    await set(hints('_id_'));
    expect(await plannedWith(find)).toBe('a_1_b_1');
  });

  test('are about one collection', async () => {
    await set({ indexHints: { ns: { db: 'shop', coll: 'other' }, allowedIndexes: ['$natural'] } });
    expect(await plannedWith(find)).toBe('a_1_b_1');
  });

  test('stand above an index filter', async () => {
    await db.command({ planCacheSetFilter: 'c', query: { a: 1 }, indexes: ['a_1_b_1'] });
    await set(hints('a_1_c_1'));
    expect(await plannedWith(find)).toBe('a_1_c_1');
    await db.command({ planCacheClearFilters: 'c' });
  });

  test('hold for distinct and aggregate of their shapes', async () => {
    await set(hints('a_1_c_1'), { distinct: 'c', key: 'b', query: { a: 1 }, $db: 'shop' });
    expect(await plannedWith({ distinct: 'c', key: 'b', query: { a: 5 } })).toBe('a_1_c_1');
    const pipeline = [{ $match: { a: 1 } }];
    await set(hints('a_1_c_1'), { aggregate: 'c', pipeline, $db: 'shop' });
    expect(await plannedWith({ aggregate: 'c', pipeline, cursor: {} })).toBe('a_1_c_1');
    expect(await plannedWith(find)).toBe('a_1_b_1');
  });

  test('are shown by explain', async () => {
    await set(hints('a_1_c_1'));
    const { queryPlanner } = await db.command({ explain: find, verbosity: 'queryPlanner' });
    expect(queryPlanner.querySettings).toEqual(hints('a_1_c_1'));
  });
});

describe('rejected', () => {
  test.each<[string, Document, Document]>([
    ['find', query, find],
    [
      'distinct',
      { distinct: 'c', key: 'a', query: { b: 1 }, $db: 'shop' },
      { distinct: 'c', key: 'a', query: { b: 7 } },
    ],
    [
      'aggregate',
      { aggregate: 'c', pipeline: [{ $match: { b: 1 } }], $db: 'shop' },
      { aggregate: 'c', pipeline: [{ $match: { b: 3 } }], cursor: {} },
    ],
  ])('%s answers 411 until its settings are removed', async (_name, shape, command) => {
    await set({ reject: true }, shape);
    expect(await codeOf(db.command(command))).toBe(411);
    await admin.command({ removeQuerySettings: shape });
    expect(await codeOf(db.command(command))).toBe(0);
  });

  test('queries of other shapes are answered', async () => {
    await set({ reject: true });
    expect(await codeOf(db.command({ ...find, sort: { b: 1 } }))).toBe(0);
    expect(await codeOf(db.command({ find: 'c', filter: { a: 'text' } }))).toBe(0);
    expect(await codeOf(db.command({ explain: find }))).toBe(0);
  });
});

describe('$querySettings', () => {
  test('lists each shape once, with the query it was made with', async () => {
    const { queryShapeHash } = await set({ ...hints('a_1_b_1'), comment: 'why' });
    await set({ queryFramework: 'classic' });
    await set({ comment: 'because' }, queryShapeHash);
    expect(queryShapeHash).toMatch(/^[0-9A-F]{64}$/);
    expect(await listed()).toEqual([
      {
        queryShapeHash,
        settings: { ...hints('a_1_b_1'), queryFramework: 'classic', comment: 'because' },
        representativeQuery: query,
      },
    ]);
  });

  test('shows shapes without values on request', async () => {
    const filter = { a: { $in: [1, 2] }, b: { $type: 'int' }, c: { x: 'text' } };
    await set(hints('_id_'), { find: 'c', filter, sort: { a: -1 }, $db: 'shop' });
    const pipeline = [{ $match: { a: { $gt: 4 } } }, { $group: { _id: '$a', n: { $sum: 1 } } }];
    await set(hints('_id_'), { aggregate: 'c', pipeline, $db: 'shop' });
    const bound = [{ $match: { $expr: { $eq: ['$a', '$$b'] } } }];
    await set(hints('_id_'), { aggregate: 'c', pipeline: bound, let: { b: 1 }, $db: 'shop' });
    const shapes = await listed({ showDebugQueryShape: true });
    expect(shapes.map(({ debugQueryShape }) => debugQueryShape)).toEqual([
      {
        cmdNs: ns,
        command: 'find',
        filter: {
          $and: [
            { a: { $in: '?array<?number>' } },
            { b: { $type: [16] } },
            { c: { $eq: { x: '?string' } } },
          ],
        },
        sort: { a: -1 },
      },
      {
        cmdNs: ns,
        command: 'aggregate',
        pipeline: [
          { $match: { a: { $gt: '?number' } } },
          { $group: { _id: '$a', n: { $sum: '?number' } } },
        ],
      },
      expect.objectContaining({ command: 'aggregate' }),
    ]);
    expect((await listed())[0]).not.toHaveProperty('debugQueryShape');
  });

  test.each<[string, Document, number]>([
    ['an argument that is no document', { $querySettings: 1 }, 7746800],
    ['a field it does not know', { $querySettings: { all: true } }, 40415],
    ['a number for a bool', { $querySettings: { showDebugQueryShape: 1 } }, 14],
  ])('refuses %s', async (_what, stage, code) => {
    expect(await codeOf(admin.aggregate([stage]).toArray())).toBe(code);
  });

  test('is about no collection', async () => {
    const run = db.collection('c').aggregate([{ $querySettings: {} }]);
    expect(await codeOf(run.toArray())).toBe(73);
  });
});

test('removeQuerySettings takes any query, and is content with settings that are not there', async () => {
  for (const shape of [
    { find: 'c', filter: { _id: 1 }, $db: 'shop' },
    { find: 'x', $db: 'local' },
  ]) {
    expect(await codeOf(admin.command({ removeQuerySettings: shape }))).toBe(0);
  }
});

test('settings made at the same time are all kept', async () => {
  const fields = ['k', 'l', 'm', 'n', 'o'];
  const shapes = fields.map((field) => ({ find: 'c', filter: { [field]: 1 }, $db: 'shop' }));
  await Promise.all(shapes.map((shape) => set({ reject: true }, shape)));
  const found = (await listed()).map(({ representativeQuery }) => representativeQuery);
  expect(found).toHaveLength(fields.length);
  expect(found).toEqual(expect.arrayContaining(shapes));
});

const hash = 'AB'.repeat(32);

describe('setQuerySettings refuses', () => {
  test.each<[string, unknown, unknown, number]>([
    ['a number for a query', 1, { reject: true }, 14],
    ['a command without a shape', { count: 'c', $db: 'shop' }, { reject: true }, 7746402],
    ['an empty query', {}, { reject: true }, 7746402],
    ['a query without a database', { find: 'c' }, { reject: true }, 40414],
    ['an empty database name', { find: 'c', $db: '' }, { reject: true }, 73],
    ['an internal database', { find: 'x', $db: 'local' }, { reject: true }, 8584900],
    ['a lookup by _id', { find: 'c', filter: { _id: 1 }, $db: 'shop' }, { reject: true }, 7746606],
    ['a hash with too few digits', 'ABCD', { reject: true }, 16],
    ['a hash with letters', 'Z'.repeat(64), { reject: true }, 2],
    ['no settings', hash, undefined, 40414],
    ['empty settings', hash, {}, 8727502],
    ['a field it does not know', hash, { index: 'a' }, 40415],
    ['settings that say nothing', hash, { reject: false }, 7746604],
    ['hints of no index', hash, hints(), 7746604],
    ['null for a bool', hash, { reject: null }, 14],
    ['an engine that there is not', hash, { queryFramework: 'other' }, 2],
    ['an index that is a number', hash, hints(1), 9],
    ['hints without a namespace', hash, { indexHints: [{ allowedIndexes: ['a'] }] }, 40414],
    ['a namespace without a database', hash, hintsOf({ coll: 'c' }), 8727500],
    ['a namespace without a collection', hash, hintsOf({ db: 'shop' }), 8727501],
    [
      'two hints for one collection',
      hash,
      { indexHints: [hintsOf(ns).indexHints, hintsOf(ns).indexHints] },
      7746608,
    ],
    ['hints without indexes', hash, { indexHints: [{ ns }] }, 40414],
  ])('%s', async (_what, shape, settings, code) => {
    const command = settings === undefined ? {} : { settings };
    expect(await codeOf(admin.command({ setQuerySettings: shape, ...command }))).toBe(code);
  });

  test('any database but admin', async () => {
    expect(await codeOf(db.command({ setQuerySettings: hash, settings: { reject: true } }))).toBe(
      13,
    );
  });
});

function hintsOf(namespace: Document) {
  return { indexHints: { ns: namespace, allowedIndexes: ['_id_'] } };
}
