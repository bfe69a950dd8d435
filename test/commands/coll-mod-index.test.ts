/** collMod of an index: times to live and uniqueness, by the manual's page of the command. */
import { Decimal128, type Document, Long } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();
const c = db.collection<Document>('c');
beforeEach(async () => {
  await db.dropDatabase();
  await c.createIndexes([
    { key: { a: 1 } },
    { key: { t: 1 }, expireAfterSeconds: 100 },
    { key: { a: 1, b: 1 } },
    { key: { u: 1 }, unique: true, sparse: true },
  ]);
});

function modify(index: Document, more: Document = {}): Promise<Document> {
  return db.command({ collMod: 'c', index, ...more }, { promoteLongs: false });
}

async function indexOf(name: string): Promise<Document | undefined> {
  return (await c.indexes()).find((index) => index.name === name);
}

describe('expireAfterSeconds', () => {
  test.each<[unknown, number]>([
    [50, 50],
    [Long.fromNumber(50), 50],
    [50.7, 50],
    [-0.9, 0],
    [Number.NaN, 0],
    [Decimal128.fromString('50.5'), 50],
    [Decimal128.fromString('51.5'), 52],
    [2 ** 31, 2 ** 31 - 1],
    [Number.POSITIVE_INFINITY, 2 ** 31 - 1],
    [100, 100],
  ])('%s is %i seconds', async (expireAfterSeconds, seconds) => {
    expect(await modify({ name: 't_1', expireAfterSeconds })).toMatchObject({
      expireAfterSeconds_old: Long.fromNumber(100),
      expireAfterSeconds_new: Long.fromNumber(seconds),
    });
    expect((await indexOf('t_1'))?.expireAfterSeconds).toBe(seconds);
  });

  test('makes a TTL index of one that was none', async () => {
    const reply = await modify({ keyPattern: { a: 1 }, expireAfterSeconds: 5 });
    expect(reply).toMatchObject({ expireAfterSeconds_new: Long.fromNumber(5) });
    expect(reply).not.toHaveProperty('expireAfterSeconds_old');
    expect(await indexOf('a_1')).toMatchObject({ expireAfterSeconds: 5 });
  });

  test.each<[string, unknown, number, string]>([
    ['t_1', -1, 72, "TTL index 'expireAfterSeconds' option cannot be less than 0"],
    [
      't_1',
      Number.NEGATIVE_INFINITY,
      72,
      "TTL index 'expireAfterSeconds' option cannot be less than 0",
    ],
    [
      't_1',
      '60',
      14,
      "BSON field 'collMod.index.expireAfterSeconds' is the wrong type 'string', expected types '[long, int, decimal, double']",
    ],
    [
      'a_1_b_1',
      60,
      72,
      'TTL indexes are single-field indexes, compound indexes do not support TTL',
    ],
    ['_id_', 60, 72, 'the _id field does not support TTL indexes'],
    ['no', 60, 27, 'cannot find index no for ns shop.c'],
  ])('of %s to %s answers %i', async (name, expireAfterSeconds, code, message) => {
    expect(await failureOf(modify({ name, expireAfterSeconds }))).toEqual([code, message]);
  });

  test('and hidden change together', async () => {
    expect(await modify({ name: 't_1', expireAfterSeconds: 7, hidden: true })).toMatchObject({
      expireAfterSeconds_new: Long.fromNumber(7),
      hidden_old: false,
      hidden_new: true,
    });
    expect(await indexOf('t_1')).toMatchObject({ expireAfterSeconds: 7, hidden: true });
  });
});

describe('in createIndexes, expireAfterSeconds', () => {
  const create = (expireAfterSeconds: unknown, key: Document = { w: 1 }) =>
    failureOf(
      db.command({ createIndexes: 'c', indexes: [{ key, expireAfterSeconds, name: 'w_1' }] }),
    );

  test.each<[unknown, number]>([
    [0, 0],
    [Long.fromNumber(60), 60],
    [60.9, 60],
    [Decimal128.fromString('60'), 60],
    [-0, 0],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ])('%s is stored as the int32 %i', async (given, seconds) => {
    expect((await create(given))[0]).toBe(0);
    expect((await indexOf('w_1'))?.expireAfterSeconds).toBe(seconds);
  });

  test.each<[unknown, string]>([
    [-1, "TTL index 'expireAfterSeconds' option cannot be less than 0"],
    [Number.NaN, "TTL index 'expireAfterSeconds' option must not be NaN"],
    [2 ** 31, "TTL index 'expireAfterSeconds' must be within the range of a 32-bit integer"],
    [
      Number.POSITIVE_INFINITY,
      "TTL index 'expireAfterSeconds' must be within the range of a 32-bit integer",
    ],
    [
      Decimal128.fromString('1E+30'),
      "TTL index 'expireAfterSeconds' must be within the range of a 32-bit integer",
    ],
    ['60', "TTL index 'expireAfterSeconds' option must be numeric, but received a type of 'string"],
    [null, "TTL index 'expireAfterSeconds' option must be numeric, but received a type of 'null"],
  ])('%s is refused', async (given, message) => {
    const [code, text] = await create(given);
    expect(code).toBe(67);
    expect(text).toMatch(/^\. Index spec: \{ key: \{ w: 1 \}, expireAfterSeconds: /);
    expect(text.endsWith(`, name: "w_1" } :: caused by :: ${message}`)).toBe(true);
  });

  test('belongs to indexes of one field', async () => {
    expect(await create(10, { w: 1, a: 1 })).toEqual([
      67,
      'TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: { key: { w: 1, a: 1 }, expireAfterSeconds: 10, name: "w_1" }',
    ]);
    expect((await create(10, { _id: 1 }))[0]).toBe(197);
  });

  test('that differs is a conflict, told with both specifications', async () => {
    await create(60);
    expect(await create(70)).toEqual([
      85,
      'An equivalent index already exists with the same name but different options. Requested index: { v: 2, key: { w: 1 }, name: "w_1", expireAfterSeconds: 70 }, existing index: { v: 2, key: { w: 1 }, name: "w_1", expireAfterSeconds: 60 }',
    ]);
  });
});

describe('prepareUnique', () => {
  test('lets duplicates stay and refuses new ones, until it is taken back', async () => {
    await c.insertMany([
      { _id: 1 as never, a: 1 },
      { _id: 2 as never, a: 1 },
    ]);
    expect(await modify({ name: 'a_1', prepareUnique: true })).toMatchObject({
      prepareUnique_old: false,
      prepareUnique_new: true,
    });
    expect(await indexOf('a_1')).toMatchObject({ prepareUnique: true });
    expect(await failureOf(c.insertOne({ a: 1 }))).toEqual([
      11000,
      expect.stringContaining(
        'E11000 duplicate key error collection: shop.c index: a_1 dup key: { a: 1 }',
      ),
    ]);
    await c.insertOne({ _id: 3 as never, a: 3 });
    expect((await failureOf(c.updateOne({ a: 3 }, { $set: { a: 1 } })))[0]).toBe(11000);
    expect((await failureOf(c.insertMany([{ a: 9 }, { a: 9 }])))[0]).toBe(11000);
    // A document may be written again with the key it shares.
    await c.updateOne({ _id: 1 as never }, { $set: { x: 1 } });

    await modify({ name: 'a_1', prepareUnique: false });
    expect(await indexOf('a_1')).not.toHaveProperty('prepareUnique');
    await c.insertOne({ a: 1 });
  });

  test('that changes nothing says nothing', async () => {
    for (const [name, prepareUnique] of [
      ['a_1', false],
      ['u_1', true],
    ]) {
      expect(await modify({ name, prepareUnique })).not.toHaveProperty('prepareUnique_new');
    }
  });

  test('is changed alone', async () => {
    expect(await failureOf(modify({ name: 'a_1', prepareUnique: true, hidden: true }))).toEqual([
      72,
      'prepareUnique cannot be combined with any other modification.',
    ]);
  });

  test('may be asked for when the index is made, without unique', async () => {
    const prepared = { key: { p: 1 }, name: 'p_1', prepareUnique: true };
    await db.command({ createIndexes: 'c', indexes: [prepared] });
    await c.insertOne({ p: 1 });
    expect((await failureOf(c.insertOne({ p: 1 })))[0]).toBe(11000);
    const both = { key: { q: 1 }, name: 'q_1', unique: true, prepareUnique: true };
    expect((await failureOf(db.command({ createIndexes: 'c', indexes: [both] })))[0]).toBe(67);
  });
});

describe('unique', () => {
  const convert = (more?: Document) => modify({ name: 'a_1', unique: true }, more);

  test('wants prepareUnique first', async () => {
    expect(await failureOf(convert())).toEqual([
      72,
      "Cannot make index unique with 'prepareUnique=false'. Run collMod to set it first.",
    ]);
    expect(await failureOf(modify({ name: 'a_1', unique: false }))).toEqual([
      2,
      'Cannot make index non-unique',
    ]);
  });

  test('makes the index a unique one', async () => {
    await c.insertMany([{ a: 1 }, { a: 2 }]);
    await modify({ name: 'a_1', prepareUnique: true });
    expect(await convert({ dryRun: true })).not.toHaveProperty('unique_new');
    expect(await indexOf('a_1')).not.toHaveProperty('unique');
    expect(await convert()).toMatchObject({ unique_new: true });
    const index = await indexOf('a_1');
    expect(index).toMatchObject({ unique: true });
    expect(index).not.toHaveProperty('prepareUnique');
    expect((await failureOf(c.insertOne({ a: 1 })))[0]).toBe(11000);
    const { queryPlanner } = await c.find({ a: 1 }).explain();
    expect(queryPlanner.winningPlan.inputStage).toMatchObject({ isUnique: true });
    expect(await c.find({ a: 1 }).toArray()).toHaveLength(1);
    expect(await db.command({ validate: 'c' })).toMatchObject({ valid: true });
    expect(await convert()).not.toHaveProperty('unique_new');
  });

  test.each([[undefined], [{ dryRun: true }]])(
    'names the documents in its way (%j)',
    async (more) => {
      await c.insertMany([1, 1, 2, 3, 3].map((a, _id) => ({ _id: _id as never, a })));
      await modify({ name: 'a_1', prepareUnique: true });
      await expect(convert(more)).rejects.toMatchObject({
        code: 359,
        codeName: 'CannotConvertIndexToUnique',
        message:
          'Cannot convert the index to unique. Please resolve conflicting documents before running collMod again.',
        errorResponse: { violations: [{ ids: [0, 1] }, { ids: [3, 4] }] },
      });
      expect(await indexOf('a_1')).not.toHaveProperty('unique');
    },
  );
});

test('a key pattern of several indexes names none of them', async () => {
  await c.createIndex({ a: 1 }, { name: 'other', sparse: true });
  const [code, message] = await failureOf(modify({ keyPattern: { a: 1 }, hidden: true }));
  expect(code).toBe(181);
  expect(message).toContain('index keyPattern { a: 1 } matches 2 indexes, must use index name.');
});
