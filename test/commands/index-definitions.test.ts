/** createIndexes, dropIndexes and listIndexes: what an index may be. */

import { Decimal128, Int32, Long } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
});

async function codeOf(command: Record<string, unknown>): Promise<number> {
  return (await failureOf(db.command(command)))[0];
}

describe('indexes', () => {
  beforeEach(async () => {
    await db.createCollection('things');
  });

  test.each<[unknown, number]>([
    [true, 0],
    [Long.fromNumber(1), 0],
    [Decimal128.fromString('1'), 0],
    [new Int32(0), 0],
    ['yes', 14],
  ])('unique: %j: %i', async (unique, code) => {
    const indexes = [{ key: { a: 1 }, name: 'a_1', unique }];
    expect(await codeOf({ createIndexes: 'things', indexes })).toBe(code);
    const listed = await db.collection('things').indexes();
    if (code === 0) expect(listed[1]?.unique === true).toBe(Number(String(unique)) !== 0);
  });

  test('an index has at most 32 fields', async () => {
    const keyOf = (fields: number) =>
      Object.fromEntries(Array.from({ length: fields }, (_, at) => [`f${at}`, 1]));
    const command = (fields: number) => ({
      createIndexes: 'things',
      indexes: [{ key: keyOf(fields), name: `of ${fields}` }],
    });
    expect(await codeOf(command(32))).toBe(0);
    expect(await codeOf(command(33))).toBe(13103);
  });

  test('the name _id_ is for the index on _id', async () => {
    const indexes = [{ key: { a: 1 }, name: '_id_' }];
    expect(await codeOf({ createIndexes: 'things', indexes })).toBe(2);
  });

  test('an index named twice cannot be dropped twice', async () => {
    await db.collection('things').createIndex({ a: 1 }, { name: 'a' });
    expect(await codeOf({ dropIndexes: 'things', index: ['a', 'a'] })).toBe(27);
    expect(await db.collection('things').indexes()).toHaveLength(2);
  });

  test('what is no option of an index is passed over when that is asked for', async () => {
    const indexes = [{ key: { a: 1 }, name: 'a_1', noOption: 1, sparse: true }];
    expect(await codeOf({ createIndexes: 'things', indexes })).toBe(197);
    const ignoreUnknownIndexOptions = true;
    expect(await codeOf({ createIndexes: 'things', indexes, ignoreUnknownIndexOptions })).toBe(0);
    const [, index] = await db.collection('things').indexes();
    expect(index).toEqual({ v: 2, key: { a: 1 }, name: 'a_1', sparse: true });
  });

  test('$indexStats counts the queries that used an index, not those that explain', async () => {
    const things = db.collection('things');
    await things.insertMany([{ a: 1, b: 1 }, { a: 2 }]);
    await things.createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }]);
    await things.find({ a: 1 }).toArray();
    await things.updateOne({ a: 2 }, { $set: { c: 1 } });
    await things.countDocuments({ a: { $gt: 0 } });
    await things.find({ a: 1 }).explain('executionStats');
    const stats = await things.aggregate([{ $indexStats: {} }]).toArray();
    const ops = Object.fromEntries(stats.map(({ name, accesses }) => [name, accesses.ops]));
    expect(ops).toEqual({ _id_: 0, a_1: 3, b_1: 0 });
    expect(stats[1]).toMatchObject({ key: { a: 1 }, spec: { v: 2, key: { a: 1 }, name: 'a_1' } });
  });

  test('a key that several indexes have names none of them', async () => {
    const things = db.collection('things');
    await things.createIndex({ a: 1 });
    await things.createIndex({ a: 1 }, { name: 'sparse', sparse: true });
    expect(await codeOf({ dropIndexes: 'things', index: { a: 1 } })).toBe(181);
    expect(await codeOf({ dropIndexes: 'things', index: 'sparse' })).toBe(0);
    expect(await codeOf({ dropIndexes: 'things', index: { a: 1 } })).toBe(0);
  });

  test('no index of a system collection is hidden', async () => {
    const indexes = [{ key: { a: 1 }, name: 'a_1', hidden: true }];
    expect(await codeOf({ createIndexes: 'system.js', indexes })).toBe(2);
  });

  test('* in an array of names is all of them', async () => {
    await db.collection('things').createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }]);
    expect(await codeOf({ dropIndexes: 'things', index: ['*'] })).toBe(0);
    expect(await db.collection('things').indexes()).toHaveLength(1);
  });

  test('there is no other index on _id alone', async () => {
    const indexes = [{ key: { _id: -1 }, name: 'down' }];
    expect(await codeOf({ createIndexes: 'things', indexes })).toBe(2);
    const compound = [{ key: { _id: -1, a: 1 }, name: 'compound' }];
    expect(await codeOf({ createIndexes: 'things', indexes: compound })).toBe(0);
  });

  test('listIndexes tells of builds when asked, in one form or the other', async () => {
    await db.createCollection('things');
    const spec = { v: 2, key: { _id: 1 }, name: '_id_' };
    const listed = async (options: Record<string, unknown>) =>
      (await db.command({ listIndexes: 'things', ...options })).cursor.firstBatch;
    expect(await listed({})).toEqual([spec]);
    expect(await listed({ includeBuildUUIDs: true })).toEqual([spec]);
    expect(await listed({ includeIndexBuildInfo: true })).toEqual([{ spec }]);
    const both = { includeBuildUUIDs: true, includeIndexBuildInfo: true };
    expect(await codeOf({ listIndexes: 'things', ...both })).toBe(72);
    expect(await codeOf({ listIndexes: 'things', includeIndexBuildInfo: 'yes' })).toBe(14);
  });

  test.each<[unknown, number]>([
    [{ batchSize: Decimal128.fromString('1') }, 0],
    [{ batchSize: null }, 0],
    [{ batchSize: Number.NaN }, 0],
    [{ batchSize: -1 }, 2],
    [{ batchSize: 'one' }, 14],
    [{ batchSize: 1, size: 1 }, 40415],
  ])('listIndexes with the cursor %j: %i', async (cursor, code) => {
    expect(await codeOf({ listIndexes: 'things', cursor })).toBe(code);
  });
});
