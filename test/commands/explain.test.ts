/** The explain command: what it may be asked, and the fields tools read; by the manual's page of it. */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();

beforeAll(async () => {
  await db.collection('c').insertMany([{ a: 1 }, { a: 2 }]);
});

async function explain(command: Document, verbosity = 'queryPlanner'): Promise<Document> {
  return db.command({ explain: command, verbosity });
}

async function codeOf(command: Document): Promise<number> {
  return db.command(command).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

describe('explain', () => {
  test.each<[Document, number]>([
    [{}, 59],
    [{ noSuchCommand: 1 }, 59],
    [{ insert: 'c', documents: [{}] }, 20],
    [{ find: 'c', noSuchField: 1 }, 40415],
    [{ find: 'c', filter: { a: { $no: 1 } } }, 2],
    [{ find: 'c', filter: 1 }, 14],
  ])('of %j answers code %i', async (command, code) => {
    expect(await codeOf({ explain: command })).toBe(code);
  });

  test.each<Document>([
    { find: 'c', filter: { a: 1 } },
    { aggregate: 'c', pipeline: [], cursor: {} },
    { count: 'c', query: { a: 1 } },
    { distinct: 'c', key: 'a' },
  ])('of %j has the command, the server, the parameters and the query shape', async (command) => {
    const facts = await explain(command);
    expect(facts).toMatchObject({ explainVersion: '1', command, ok: 1 });
    expect(Object.keys(facts)).toEqual(expect.arrayContaining(['serverInfo', 'serverParameters']));
    expect(facts.queryShapeHash).toMatch(/^[0-9A-F]{64}$/);
    expect(facts.queryPlanner.planCacheShapeHash).toMatch(/^[0-9A-F]{8}$/);
  });

  test('of a write has no query shape', async () => {
    const facts = await explain({ delete: 'c', deletes: [{ q: { a: 1 }, limit: 1 }] });
    expect(facts.queryShapeHash).toBeUndefined();
    expect(await db.collection('c').countDocuments()).toBe(2);
  });
});

describe('aggregate with explain', () => {
  test('tells the command it explains', async () => {
    const facts = await db.command({ aggregate: 'c', pipeline: [], explain: true });
    expect(facts.command).toMatchObject({ aggregate: 'c', pipeline: [], explain: true });
    expect(facts.queryShapeHash).toMatch(/^[0-9A-F]{64}$/);
  });

  test.each<[unknown, number]>([
    [1, 14],
    [null, 14],
    ['yes', 14],
    [{}, 14],
  ])('takes a bool only: %j answers code %i', async (value, code) => {
    expect(await codeOf({ aggregate: 'c', pipeline: [], cursor: {}, explain: value })).toBe(code);
  });

  test('takes no write concern', async () => {
    const command = { aggregate: 'c', pipeline: [], explain: true, writeConcern: { w: 1 } };
    expect(await codeOf(command)).toBe(9);
  });
});

describe('a write that is explained', () => {
  const stagesOf = async (command: Document): Promise<Document> =>
    (await explain(command, 'executionStats')).executionStats.executionStages;
  const updates = (update: Document): Document => ({ update: 'w', updates: [update] });
  const deletes = (limit: number, q: Document = {}): Document => ({
    delete: 'w',
    deletes: [{ q, limit }],
  });

  beforeAll(async () => {
    await db.collection('w').insertMany([1, 2, 3].map((_id) => ({ _id, a: 1 }) as never));
    await db.collection('w').createIndex({ a: 1 });
  });

  test.each<[Document, Document]>([
    [updates({ q: {}, u: { $set: { b: 1 } } }), { stage: 'UPDATE', nMatched: 1, nWouldModify: 1 }],
    [
      updates({ q: {}, u: { $set: { b: 1 } }, multi: true }),
      { stage: 'UPDATE', nMatched: 3, nWouldModify: 3, nWouldUpsert: 0 },
    ],
    [updates({ q: { a: 1 }, u: { $set: { a: 1 } } }), { nMatched: 1, nWouldModify: 0 }],
    [
      updates({ q: { a: 9 }, u: { $set: { b: 1 } }, upsert: true }),
      { nMatched: 0, nWouldModify: 0, nWouldUpsert: 1 },
    ],
    [
      updates({ q: { a: 1 }, u: { $set: { b: 1 } }, upsert: true }),
      { nMatched: 1, nWouldUpsert: 0 },
    ],
    [updates({ q: { a: 9 }, u: { $set: { b: 1 } } }), { nMatched: 0, nWouldUpsert: 0 }],
    [deletes(1), { stage: 'DELETE', nWouldDelete: 1, nReturned: 0 }],
    [deletes(0), { stage: 'BATCHED_DELETE', nWouldDelete: 3, nReturned: 0 }],
    [
      { findAndModify: 'w', query: { a: 1 }, update: { a: 2 } },
      { stage: 'UPDATE', nReturned: 1, nMatched: 1, nWouldModify: 1 },
    ],
    [
      { findAndModify: 'w', query: { a: 1 }, remove: true },
      { stage: 'DELETE', nReturned: 1, nWouldDelete: 1 },
    ],
  ])('%j: %j, and is not done', async (command, expected) => {
    const { inputStage, ...stage } = await stagesOf(command);
    expect(stage).toMatchObject(expected);
    expect(inputStage.stage).toMatch(/COLLSCAN|FETCH/);
    expect(await db.collection('w').countDocuments({ a: 1, b: { $exists: false } })).toBe(3);
  });

  test('has the fault of its update', async () => {
    expect(await codeOf({ explain: updates({ q: {}, u: { $no: 1 } }) })).toBe(9);
    expect(await codeOf({ explain: { update: 'w', updates: [] } })).toBe(16);
  });
});

describe('a lookup by one key is one stage', () => {
  const winner = async (command: Document): Promise<Document> =>
    (await explain(command)).queryPlanner.winningPlan;
  const byId = { isCached: false, stage: 'EXPRESS_IXSCAN', keyPattern: '{ _id: 1 }' };

  beforeAll(async () => {
    await db.collection('k').createIndexes([{ key: { u: 1 }, unique: true }, { key: { a: 1 } }]);
    await db.collection('k').insertMany([
      { _id: 1 as never, u: 1, a: 1 },
      { _id: 2 as never, u: 2, a: 1 },
    ]);
    await db.createCollection('clustered', { clusteredIndex: { key: { _id: 1 }, unique: true } });
  });

  test.each<[Document, Document]>([
    [
      { find: 'k', filter: { _id: 1 } },
      { ...byId, indexName: '_id_' },
    ],
    [{ find: 'k', filter: { _id: 1 }, limit: 1 }, byId],
    [
      { find: 'k', filter: { _id: 1 }, projection: { a: 1 } },
      { ...byId, projection: { a: 1 }, projectionCovered: false },
    ],
    [
      { find: 'k', filter: { u: 1 } },
      { stage: 'EXPRESS_IXSCAN', indexName: 'u_1' },
    ],
    [
      { find: 'k', filter: { a: 1 }, limit: 1 },
      { stage: 'EXPRESS_IXSCAN', indexName: 'a_1' },
    ],
    [{ find: 'clustered', filter: { _id: 1 } }, { stage: 'EXPRESS_CLUSTERED_IXSCAN' }],
    [{ aggregate: 'k', pipeline: [{ $match: { _id: 1 } }], cursor: {} }, byId],
    [
      { update: 'k', updates: [{ q: { _id: 1 }, u: { $set: { a: 2 } } }] },
      { ...byId, stage: 'EXPRESS_UPDATE' },
    ],
    [{ delete: 'k', deletes: [{ q: { _id: 1 }, limit: 1 }] }, { stage: 'EXPRESS_DELETE' }],
  ])('%j: %j', async (command, expected) => {
    const plan = await winner(command);
    expect(plan).toMatchObject(expected);
    expect(plan).not.toHaveProperty('inputStage');
  });

  test.each<[Document, string]>([
    [{ find: 'k', filter: { a: 1 } }, 'FETCH'],
    [{ find: 'k', filter: { u: { $gt: 1 } } }, 'FETCH'],
    [{ find: 'k', filter: { u: null } }, 'FETCH'],
    [{ find: 'k', filter: { u: 1 }, hint: 'u_1' }, 'FETCH'],
    [{ find: 'k', filter: { _id: 1 }, sort: { a: 1 } }, 'IDHACK'],
    [{ find: 'k', filter: { _id: 1 }, projection: { b: '$a' } }, 'PROJECTION_DEFAULT'],
    [{ find: 'clustered', filter: { _id: { $gt: 1 } } }, 'CLUSTERED_IXSCAN'],
    [{ find: 'clustered', filter: { _id: 1, a: 1 } }, 'CLUSTERED_IXSCAN'],
    [{ update: 'k', updates: [{ q: { _id: 1 }, u: { a: 2 }, upsert: true }] }, 'UPDATE'],
    [{ findAndModify: 'k', query: { _id: 1 }, remove: true }, 'DELETE'],
  ])('but not %j: %s', async (command, stage) => {
    expect((await winner(command)).stage).toBe(stage);
  });

  test('with what it looked at and gave', async () => {
    const { executionStats } = await explain({ find: 'k', filter: { _id: 1 } }, 'executionStats');
    expect(executionStats).toMatchObject({ nReturned: 1, totalKeysExamined: 1 });
    expect(executionStats.executionStages).toEqual({
      ...byId,
      indexName: '_id_',
      keysExamined: 1,
      docsExamined: 1,
      nReturned: 1,
    });
  });
});

test('a count of everything is read off the statistics', async () => {
  const facts = await explain({ count: 'c', skip: 1 }, 'executionStats');
  expect(facts.executionStats.executionStages).toMatchObject({
    stage: 'RECORD_STORE_FAST_COUNT',
    nCounted: 1,
    nSkipped: 1,
  });
  const counted = await explain({ count: 'c', hint: '_id_' });
  expect(counted.queryPlanner.winningPlan.stage).toBe('COUNT');
});

test('the stages of a pipeline tell what each gave, when it has run', async () => {
  const pipeline = [{ $match: { a: { $gt: 0 } } }, { $group: { _id: null } }, { $unset: 'x' }];
  const command = { aggregate: 'c', pipeline, cursor: {} };
  const { stages } = await explain(command, 'executionStats');
  expect(stages.map(({ nReturned }: Document) => nReturned)).toEqual([2, 1, 1]);
  expect(stages[0].$cursor.executionStats).toMatchObject({ nReturned: 2 });
  expect(stages[1]).toHaveProperty('executionTimeMillisEstimate');
  expect((await explain(command)).stages[1]).toEqual({ $group: { _id: null } });
});
