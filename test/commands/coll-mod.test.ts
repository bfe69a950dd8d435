/** collMod, by the manual's page of the command: its fields' types, and hidden indexes. */
import { Decimal128, type Document, Long } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  await db.collection('c').createIndexes([{ key: { a: 1 } }, { key: { b: -1 }, unique: true }]);
});

async function codeOf(command: Document): Promise<number> {
  return db.command(command).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

const a1 = { name: 'a_1' };

describe('collMod', () => {
  test.each<[Document, number]>([
    [{}, 0],
    [{ collMod: 'no_such' }, 26],
    [{ collMod: 1 }, 73],
    [{ noSuchField: 1 }, 40415],
    [{ index: null }, 0],
    [{ index: 'a_1' }, 14],
    [{ index: [] }, 14],
    [{ index: {} }, 72],
    [{ index: { hidden: true } }, 72],
    [{ index: a1 }, 72],
    [{ index: { name: 'a_1', keyPattern: { a: 1 }, hidden: true } }, 72],
    [{ index: { ...a1, hidden: null } }, 72],
    [{ index: { ...a1, noSuchField: 1 } }, 40415],
    [{ index: { name: 1, hidden: true } }, 14],
    [{ index: { keyPattern: 'a', hidden: true } }, 14],
    [{ index: { ...a1, hidden: 'yes' } }, 14],
    [{ index: { ...a1, unique: 'yes' } }, 14],
    [{ index: { ...a1, prepareUnique: {} } }, 14],
    [{ index: { ...a1, expireAfterSeconds: 'x' } }, 14],
    [{ index: { ...a1, unique: false } }, 2],
    [{ index: { name: 'no_such', hidden: true } }, 27],
    [{ index: { keyPattern: { c: 1 }, hidden: true } }, 27],
    [{ index: { keyPattern: { a: -1 }, hidden: true } }, 27],
    [{ index: { keyPattern: { a: 'text' }, hidden: true } }, 27],
    [{ index: { keyPattern: {}, hidden: true } }, 27],
    [{ index: { name: 'no_such', unique: true } }, 27],
    [{ index: { name: '_id_', hidden: true } }, 2],
    [{ index: { keyPattern: { _id: 1 }, hidden: true } }, 2],
    [{ dryRun: true }, 72],
    [{ index: { ...a1, hidden: true }, dryRun: true }, 72],
    [{ validationLevel: 'Strict' }, 2],
    [{ validationLevel: 1 }, 14],
    [{ validationAction: 'panic' }, 2],
    [{ validationAction: ['warn'] }, 14],
    [{ validator: 'x' }, 14],
    [{ changeStreamPreAndPostImages: true }, 14],
    [{ changeStreamPreAndPostImages: {} }, 40414],
    [{ changeStreamPreAndPostImages: { enabled: 1 } }, 14],
    [{ changeStreamPreAndPostImages: { enabled: false, x: 1 } }, 40415],
    [{ changeStreamPreAndPostImages: { enabled: false } }, 0],
    [{ timeseries: 1 }, 14],
    [{ viewOn: 1 }, 14],
    [{ pipeline: {} }, 14],
  ])('with %j answers code %i', async (fields, code) => {
    expect(await codeOf({ collMod: 'c', ...fields })).toBe(code);
  });
});

async function isShownHidden(name: string): Promise<unknown> {
  const indexes = await db.collection('c').indexes();
  return indexes.find((index) => index.name === name)?.hidden;
}

async function indexUsed(filter: Document): Promise<unknown> {
  const { queryPlanner } = await db.collection('c').find(filter).explain('queryPlanner');
  const { winningPlan } = queryPlanner;
  return winningPlan.indexName ?? winningPlan.inputStage?.indexName;
}

describe('a hidden index', () => {
  test.each<[unknown, boolean]>([
    [true, true],
    [1, true],
    [-1.5, true],
    [Number.NaN, true],
    [Decimal128.fromString('1'), true],
    [0, false],
    [Long.fromNumber(0), false],
    [Decimal128.fromString('-0'), false],
  ])('is hidden by any true value: %s', async (hidden, isChange) => {
    const reply = await db.command({ collMod: 'c', index: { ...a1, hidden } });
    if (isChange) expect(reply).toMatchObject({ hidden_old: false, hidden_new: true });
    else expect(reply).not.toHaveProperty('hidden_new');
    expect(await isShownHidden('a_1')).toBe(isChange ? true : undefined);
  });

  test('is not used by queries until it is shown again', async () => {
    await db.command({ collMod: 'c', index: { keyPattern: { a: 1 }, hidden: true } });
    expect(await indexUsed({ a: 1 })).toBeUndefined();
    expect(await codeOf({ find: 'c', filter: { a: 1 }, hint: 'a_1' })).toBe(2);

    const shown = await db.command({ collMod: 'c', index: { ...a1, hidden: false } });
    expect(shown).toMatchObject({ hidden_old: true, hidden_new: false });
    expect(await indexUsed({ a: 1 })).toBe('a_1');
    expect(await isShownHidden('a_1')).toBeUndefined();
  });

  test('is kept up: it holds what was written meanwhile, and stays unique', async () => {
    const c = db.collection('c');
    await db.command({ collMod: 'c', index: { name: 'b_-1', hidden: true } });
    await c.insertOne({ b: 1 });
    await expect(c.insertOne({ b: 1 })).rejects.toMatchObject({ code: 11000 });
    await db.command({ collMod: 'c', index: { name: 'b_-1', hidden: false } });
    expect(await indexUsed({ b: 1 })).toBe('b_-1');
    expect(await c.countDocuments({ b: 1 })).toBe(1);
  });

  test('can be made hidden, and one that is not hidden is another to createIndexes', async () => {
    const indexes = [{ key: { h: 1 }, name: 'h_1', hidden: true }];
    await db.command({ createIndexes: 'c', indexes });
    expect(await isShownHidden('h_1')).toBe(true);
    expect(await indexUsed({ h: 1 })).toBeUndefined();
    const again = await db.command({ createIndexes: 'c', indexes });
    expect(again.note).toBe('all indexes already exist');
    const shown = [{ key: { h: 1 }, name: 'h_1' }];
    expect(await codeOf({ createIndexes: 'c', indexes: shown })).toBe(85);
  });

  test.each<[Document, number]>([
    [{ key: { _id: 1 }, name: '_id_', hidden: true }, 197],
    [{ key: { h: 1 }, name: 'h_1', hidden: 'yes' }, 14],
    [{ key: { h: 1 }, name: 'h_1', hidden: 0 }, 14],
    [{ key: { h: 1 }, name: 'h_1', hidden: false }, 0],
  ])('asked for by %j answers code %i', async (index, code) => {
    expect(await codeOf({ createIndexes: 'c', indexes: [index] })).toBe(code);
  });
});
