/** What $collStats may be asked for. */
import type { Document } from 'mongodb';
import { Decimal128 } from 'mongodb';
import { beforeAll, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();

beforeAll(async () => {
  await db.collection('things').insertOne({ a: 'x'.repeat(1000) });
  await db.command({ create: 'view', viewOn: 'things' });
});

async function codeOf(name: string, argument: unknown): Promise<number> {
  const command = { aggregate: name, pipeline: [{ $collStats: argument }], cursor: {} };
  return db.command(command).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

test.each<[unknown, number]>([
  [1, 5447000],
  [[], 5447000],
  [{ x: {} }, 40415],
  [{ count: 1 }, 14],
  [{ count: null }, 0],
  [{ count: { x: 1 } }, 31170],
  [{ latencyStats: { histograms: true } }, 0],
  [{ latencyStats: { histograms: 1 } }, 14],
  [{ latencyStats: { x: 1 } }, 40415],
  [{ storageStats: { scale: 2.9 } }, 0],
  [{ storageStats: { scale: null } }, 0],
  [{ storageStats: { scale: 'x' } }, 14],
  [{ storageStats: { scale: 0.9 } }, 2],
  [{ storageStats: { scale: Decimal128.fromString('0.5') } }, 2],
  [{ storageStats: { scale: Number.NaN } }, 2],
  [{ queryExecStats: {} }, 238],
])('%j: %i', async (argument, code) => {
  expect(await codeOf('things', argument)).toBe(code);
});

test.each<[string, Document, number]>([
  ['none', { count: {} }, 26],
  ['none', { storageStats: {} }, 26],
  ['none', { latencyStats: {} }, 0],
  ['view', { count: {} }, 166],
  ['view', { storageStats: {} }, 166],
])('of %s with %j: %i', async (name, argument, code) => {
  expect(await codeOf(name, argument)).toBe(code);
});

test('sizes are in units of the scale', async () => {
  const sizeWith = async (scale: unknown): Promise<number> => {
    const stage = { $collStats: { storageStats: { scale } } };
    const [stats] = await db.collection('things').aggregate([stage]).toArray();
    return stats?.storageStats.size;
  };
  const size = await sizeWith(1);
  expect(await sizeWith(10.9)).toBe(Math.floor(size / 10));
  expect(await sizeWith(Decimal128.fromString('100'))).toBe(Math.floor(size / 100));
});
