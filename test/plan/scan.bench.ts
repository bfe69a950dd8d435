/**
 * Run by hand: npx tsx test/plan/scan.bench.ts
 * Documents per CPU second of scans and lookups on LMDB, 1 KB documents.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findById } from '../../src/plan/index.ts';
import { openLmdbEngine } from '../../storage/index.ts';
import { bsonOf, collectionOf, executorOf, type Query } from './test-collection.ts';

const count = 50_000;
const path = mkdtempSync(join(tmpdir(), 'arkset-scan-'));
const engine = await openLmdbEngine({ path });
const documents = Array.from({ length: count }, (_, at) => {
  const document: Record<string, unknown> = { _id: at };
  for (let field = 0; field < 10; field++)
    document[`field${field}`] = `some text of field ${field} ${at}`;
  document.a = at % 1000;
  for (let field = 10; field < 18; field++) document[`field${field}`] = 'x'.repeat(50);
  return document;
});
const things = await collectionOf(documents, [{ key: { a: 1 } }], engine);

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function measure(name: string, units: number, run: () => Promise<unknown>): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 4; repeat++) {
    const before = cpu();
    await run();
    best = Math.min(best, cpu() - before);
  }
  console.log(
    `${name}: ${((best * 1000) / units).toFixed(2)} us each, ${Math.round((units / best) * 1000)}/s`,
  );
}

const counts = (query: Query) => () => executorOf(things, query).count();
await measure(
  'scan, filter on the 12th field',
  count,
  counts({ filter: { a: -1 }, hint: { kind: 'natural', direction: 1 } }),
);
await measure('scan, no filter, counted', count, counts({}));
await measure('scan into batches', count, async () => {
  const executor = executorOf(things, {});
  for (;;) if ((await executor.nextBatch({ maxDocuments: 10_000 })).isExhausted) break;
});
await measure(
  'index range and fetch',
  count / 2,
  counts({ filter: { a: { $gte: 500 }, field0: { $ne: 1 } } }),
);
await measure(
  'index range, keys only',
  count / 2,
  counts({ filter: { a: { $gte: 500 } }, countOnly: true }),
);
await measure('sort in memory, limit 10', count, counts({ sort: { field3: 1 }, limit: 10 }));
await measure('sort in memory, all', count, counts({ sort: { field3: 1 } }));
const ids = Array.from({ length: 10_000 }, (_, at) => bsonOf((at * 7919) % count));
await measure('findById', ids.length, async () => {
  for (const id of ids) findById(engine.latest, things.info, id);
});
await engine.close();
rmSync(path, { recursive: true });
