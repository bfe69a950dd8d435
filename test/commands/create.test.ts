/** The create command: what a collection may be, and what it says to what it may not be. */

import { Binary, UUID } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
});

async function codeOf(command: Record<string, unknown>): Promise<number> {
  return (await failureOf(db.command(command)))[0];
}

describe('create', () => {
  test.each<[string, number]>([
    ['ends.', 0],
    ['system.js', 0],
    ['system.mine', 73],
    ['system.buckets.mine', 20],
    ['$mine', 73],
    ['mi$ne', 73],
  ])('a collection named %s: %i', async (name, code) => {
    expect(await codeOf({ create: name })).toBe(code);
  });

  test.each<[Record<string, unknown>, number]>([
    [{ autoIndexId: true }, 0],
    [{ autoIndexId: false }, 50001],
    [{ storageEngine: {} }, 0],
    [{ storageEngine: { wiredTiger: {} } }, 0],
    [{ storageEngine: { wiredTiger: { configString: '' } } }, 0],
    [{ storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } } }, 238],
    [{ storageEngine: { wiredTiger: { configString: 'invalid=bad' } } }, 2],
    [{ storageEngine: { wiredTiger: { configString: 'a\0b' } } }, 9],
    [{ storageEngine: { wiredTiger: { configString: 1 } } }, 14],
    [{ storageEngine: { wiredTiger: { x: 1 } } }, 72],
    [{ storageEngine: { wiredTiger: 1 } }, 2],
    [{ storageEngine: { other: {} } }, 72],
    [{ storageEngine: 1 }, 14],
    [{ indexOptionDefaults: { storageEngine: { wiredTiger: {} } } }, 0],
    [{ indexOptionDefaults: { storageEngine: { wiredTiger: { a: 1 } } } }, 72],
    [{ indexOptionDefaults: { x: 1 } }, 40415],
    [{ indexOptionDefaults: 'x' }, 14],
    [{ temp: false }, 0],
    [{ temp: true }, 238],
    [{ flags: 0 }, 0],
    [{ flags: 1 }, 238],
  ])('with %j: %i', async (options, code) => {
    expect(await codeOf({ create: 'things', ...options })).toBe(code);
  });

  const timeField = 't';
  test.each<[Record<string, unknown>, number]>([
    [{ timeField }, 0],
    [{ timeField: '' }, 0],
    [{ timeField: '_id' }, 0],
    [{ timeField: '$t', metaField: null }, 0],
    [{ timeField, metaField: 'm', granularity: 'hours' }, 0],
    [{ timeField, granularity: 'hours', bucketMaxSpanSeconds: 2_592_000 }, 0],
    [{ timeField, granularity: 'hours', bucketMaxSpanSeconds: 3600 }, 72],
    [{ timeField, bucketMaxSpanSeconds: 60, bucketRoundingSeconds: 60 }, 0],
    [{ timeField, bucketMaxSpanSeconds: 60.9, bucketRoundingSeconds: 60 }, 0],
    [{}, 40414],
    [{ timeField: 1 }, 14],
    [{ timeField: 'a.b' }, 72],
    [{ timeField: 'a\0b' }, 2],
    [{ timeField, x: 1 }, 40415],
    [{ timeField, metaField: 't' }, 72],
    [{ timeField, metaField: '_id' }, 72],
    [{ timeField, metaField: 'a.b' }, 72],
    [{ timeField, granularity: 'days' }, 2],
    [{ timeField, bucketMaxSpanSeconds: 60 }, 72],
    [{ timeField, bucketRoundingSeconds: 60 }, 72],
    [{ timeField, bucketMaxSpanSeconds: 60, bucketRoundingSeconds: 61 }, 72],
    [{ timeField, bucketMaxSpanSeconds: 0, bucketRoundingSeconds: 0 }, 2],
    [{ timeField, bucketMaxSpanSeconds: 31_536_001, bucketRoundingSeconds: 1 }, 2],
    [
      {
        timeField,
        granularity: 'hours',
        bucketMaxSpanSeconds: 60,
        bucketRoundingSeconds: 60,
      },
      72,
    ],
  ])('with timeseries %j: %i', async (timeseries, code) => {
    expect(await codeOf({ create: 'things', timeseries })).toBe(code);
  });

  test.each(['capped', 'viewOn', 'idIndex', 'validator', 'clusteredIndex'])(
    'timeseries is not allowed with %s',
    async (option) => {
      const create = { create: 'things', timeseries: { timeField }, [option]: {} };
      await expect(db.command(create)).rejects.toMatchObject({
        code: 72,
        errmsg: `shop.things: 'timeseries' is not allowed with '${option}'`,
      });
    },
  );

  const field = { path: 'a.b', keyId: new UUID() };
  const indexed = { ...field, bsonType: 'int' };
  test.each<[unknown, number, Record<string, unknown>?]>([
    [{ fields: [] }, 238],
    [{ fields: [field, { path: 'a.c', keyId: new UUID(), bsonType: 'object' }] }, 238],
    [{ fields: [{ ...indexed, queries: { queryType: 'equality', contention: 4 } }] }, 238],
    [{ fields: [{ ...indexed, queries: [{ queryType: 'range', min: 1, max: 2 }] }] }, 238],
    [1, 14],
    [{}, 40414],
    [{ fields: null }, 40414],
    [{ fields: {} }, 14],
    [{ fields: [field], x: 1 }, 40415],
    [{ fields: [{ ...field, x: 1 }] }, 40415],
    [{ fields: [{ path: 'a' }] }, 40414],
    [{ fields: [{ keyId: new UUID() }] }, 40414],
    [{ fields: [{ ...field, keyId: 1 }] }, 14],
    [{ fields: [{ ...field, keyId: new Binary(Buffer.alloc(16), 0) }] }, 14],
    [{ fields: [{ ...field, keyId: new Binary(Buffer.alloc(5), 4) }] }, 207],
    [{ fields: [{ ...field, path: '' }] }, 6316402],
    [{ fields: [{ ...field, path: '_id.a' }] }, 6316403],
    [{ fields: [{ ...field, path: 'a\0b' }] }, 9867600],
    [{ fields: [field, field] }, 6338402],
    [{ fields: [field, { ...field, path: 'a' }] }, 6338403],
    [{ fields: [{ ...field, bsonType: 'foo' }] }, 2],
    [{ fields: [{ ...field, bsonType: 'minKey' }] }, 6338406],
    [{ fields: [{ ...field, queries: null }] }, 14],
    [{ fields: [{ ...indexed, queries: [] }] }, 9783412],
    [
      { fields: [{ ...indexed, queries: [{ queryType: 'equality' }, { queryType: 'range' }] }] },
      9783414,
    ],
    [{ fields: [{ ...indexed, queries: { queryType: 'prefix' } }] }, 2],
    [{ fields: [{ ...field, queries: { queryType: 'equality' } }] }, 6412601],
    [{ fields: [{ ...field, bsonType: 'double', queries: { queryType: 'equality' } }] }, 6338405],
    [{ fields: [{ ...field, bsonType: 'string', queries: { queryType: 'range' } }] }, 6775201],
    [{ fields: [{ ...indexed, queries: { queryType: 'range', min: 1.5 } }] }, 7018200],
    [{ fields: [{ ...indexed, queries: { queryType: 'range', min: 2, max: 2 } }] }, 6720005],
    [{ fields: [{ ...indexed, queries: { queryType: 'range', sparsity: 0 } }] }, 2],
    [{ fields: [{ ...indexed, queries: { queryType: 'range', trimFactor: 0.5 } }] }, 9],
    [{ fields: [field] }, 6367301, { capped: true, size: 4096 }],
    [{ fields: [field] }, 6346401, { viewOn: 'b' }],
    [{ fields: [field] }, 6346401, { timeseries: { timeField: 't' } }],
  ])('encryptedFields of %j: %i', async (encryptedFields, code, more = {}) => {
    expect(await codeOf({ create: 'things', encryptedFields, ...more })).toBe(code);
  });

  test('options of the storage engine that say nothing are listed', async () => {
    const options = {
      storageEngine: { wiredTiger: { configString: '' } },
      indexOptionDefaults: { storageEngine: { wiredTiger: {} } },
    };
    await db.command({ create: 'things', ...options });
    const [info] = await db.listCollections().toArray();
    expect(info).toHaveProperty('options', options);
  });

  const key = { _id: 1 };
  test.each<[unknown, number]>([
    [{ key, name: '_id_' }, 0],
    [{ key, name: '_id_', v: 2 }, 0],
    [{ key, name: '_id_', collation: { locale: 'simple' } }, 0],
    [null, 0],
    [1, 14],
    [{}, 9],
    [{ key }, 9],
    [{ name: '_id_' }, 9],
    [{ key: 1, name: '_id_' }, 14],
    [{ key, name: 1 }, 14],
    [{ key: { x: 1 }, name: '_id_' }, 2],
    [{ key: { _id: -1 }, name: '_id_' }, 2],
    [{ key: { _id: 1, x: 1 }, name: '_id_' }, 2],
    [{ key, name: '' }, 67],
    [{ key, name: '_id_', v: 3 }, 67],
    [{ key, name: '_id_', v: 1.5 }, 2],
    [{ key, name: '_id_', v: 'two' }, 14],
    [{ key, name: '_id_', unique: true }, 197],
    [{ key, name: '_id_', collation: { locale: 'fr' } }, 2],
  ])('an idIndex of %j: %i', async (idIndex, code) => {
    expect(await codeOf({ create: 'things', idIndex })).toBe(code);
  });

  test.each<[Record<string, unknown>, number]>([
    [{ capped: 'yes' }, 14],
    [{ size: 'big' }, 14],
    [{ max: {} }, 14],
    [{ viewOn: 1 }, 14],
    [{ pipeline: {} }, 14],
    [{ collation: new Date(0) }, 14],
    [{ timeseries: 1 }, 14],
    [{ readConcern: { level: 'available' } }, 72],
    [{ readConcern: { level: null } }, 0],
  ])('%j: %i', async (options, code) => {
    expect(await codeOf({ create: 'things', ...options })).toBe(code);
  });
});
