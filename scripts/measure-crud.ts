/**
 * CPU per command inside the server, without sockets: run by hand, `npx tsx scripts/measure-crud.ts`.
 * One insert per command, and finds by _id, each through dispatch, on LMDB in a temporary folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDocument } from '../src/bson/index.ts';
import { Database, insertMany, internalOperation, pointLookup } from '../src/database/index.ts';
import { openLmdbEngine } from '../storage/index.ts';

const count = 20_000;
const inFlight = 64;

function raw(document: Record<string, unknown>) {
  const buffer = encodeDocument(document);
  return { buffer, type: 3, start: 0, end: buffer.length };
}

async function measure(name: string, work: (at: number) => unknown): Promise<void> {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let at = 0; at < count; at += inFlight) {
    const running: unknown[] = [];
    for (let k = 0; k < inFlight; k += 1) running.push(work(at + k));
    await Promise.all(running);
  }
  const { user, system } = process.cpuUsage(before);
  const elapsed = performance.now() - started;
  console.log(
    `${name}: ${((user + system) / count).toFixed(1)} us CPU, ${((elapsed * 1000) / count).toFixed(1)} us elapsed`,
  );
}

const path = mkdtempSync(join(tmpdir(), 'arkset-measure-'));
const engine = await openLmdbEngine({ path });
const database = await Database.open({ engine, replicated: true });
database.setWriteGate({ assertWritable() {}, term: () => 1 });
const filler = 'x'.repeat(900);

for (const round of [0, 1]) {
  const base = round * count * 2;
  await measure(`insert 1 KB (round ${round})`, (at) =>
    insertMany(database, internalOperation(), {
      namespace: 'measure.c',
      documents: [raw({ _id: base + at, filler })],
      ordered: true,
    }),
  );
  await measure(`find by _id (round ${round})`, (at) =>
    pointLookup(database, 'local', 'measure.c', { filter: raw({ _id: base + at }) }),
  );
}
await engine.close();
rmSync(path, { recursive: true });
