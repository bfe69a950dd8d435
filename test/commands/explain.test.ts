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
