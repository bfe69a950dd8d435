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
  [{ storageStats: { scale: Decimal128.fromString('0.51') } }, 0],
  [{ storageStats: { x: 1 } }, 0],
  [{ queryExecStats: {} }, 0],
  [{ queryExecStats: { x: 1 } }, 31170],
])('%j: %i', async (argument, code) => {
  expect(await codeOf('things', argument)).toBe(code);
});

test.each<[string, Document, number]>([
  ['none', { count: {} }, 26],
  ['none', { storageStats: {} }, 26],
  ['none', { latencyStats: {} }, 0],
  ['none', { queryExecStats: {} }, 26],
  ['view', { queryExecStats: {} }, 166],
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

async function statsOf(argument: Document, name = 'things'): Promise<Document> {
  const [stats] = await db
    .collection(name)
    .aggregate([{ $collStats: argument }])
    .toArray();
  return stats as Document;
}

test.each<[unknown, number]>([
  [Decimal128.fromString('1.5'), 2],
  [Decimal128.fromString('2.5'), 2],
  [2 ** 40, 2 ** 31 - 1],
  [Number.POSITIVE_INFINITY, 2 ** 31 - 1],
])('a scale of %s is %i', async (scale, factor) => {
  expect((await statsOf({ storageStats: { scale } })).storageStats.scaleFactor).toBe(factor);
});

test('scans of the whole collection are counted, tailable ones apart', async () => {
  await db.createCollection('scanned', { capped: true, size: 4096 });
  const scanned = db.collection('scanned');
  await scanned.insertOne({ a: 1 });
  await scanned.find({ a: 1 }).toArray();
  await scanned.find({ a: 1 }).explain('executionStats');
  await scanned.find({}, { tailable: true }).tryNext();
  const { queryExecStats } = await statsOf({ queryExecStats: {} }, 'scanned');
  expect(queryExecStats).toEqual({ collectionScans: { total: 2, nonTailable: 1 } });
});

test('latencies are of reads, writes and other commands, each with its histogram', async () => {
  const timed = db.collection('timed');
  await timed.insertMany([{ _id: 1 as never }, { _id: 2 as never }]);
  await timed.updateOne({ a: 1 }, { $set: { b: 1 } });
  await timed.countDocuments({});
  await timed.createIndex({ a: 1 });
  const { latencyStats } = await statsOf({ latencyStats: { histograms: true } }, 'timed');
  const ops = (kind: string): number => latencyStats[kind].ops;
  expect([ops('reads'), ops('writes'), ops('commands'), ops('transactions')]).toEqual([1, 2, 1, 0]);
  const { histogram } = latencyStats.writes;
  const counts = histogram.map(({ count }: { count: number }) => count);
  expect(counts.reduce((sum: number, one: number) => sum + one, 0)).toBe(2);
  expect((await statsOf({ latencyStats: {} }, 'timed')).latencyStats.writes).not.toHaveProperty(
    'histogram',
  );
});
