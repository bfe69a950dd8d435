import { Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import { type Hint, PlanExecutor, planQuery } from '../../src/plan/index.ts';
import { parseFilter } from '../../src/query/index.ts';
import {
  appendEntry,
  type Engine,
  makeCollectionInfo,
  openMemoryEngine,
} from '../../storage/index.ts';
import { type Document, resultsOf } from './test-collection.ts';

const info = makeCollectionInfo({
  id: 1,
  uuid: Buffer.alloc(16),
  namespace: 'local.oplog.rs',
  options: encodeDocument({}),
  indexes: [],
  table: 'oplog',
});

function gtid(term: number, opid: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeBigUInt64BE(BigInt(term), 0);
  key.writeBigUInt64BE(BigInt(opid), 8);
  return key;
}

async function append(engine: Engine, term: number, opid: number, t: number): Promise<void> {
  const entry = encodeDocument({ ts: new Timestamp({ t, i: 1 }), term, opid });
  await engine.write((transaction) => {
    appendEntry(transaction, gtid(term, opid), entry);
  });
}

/** Terms 1, 5 and 900, ten entries each, one per second from 1000 on. */
async function oplog(): Promise<Engine> {
  const engine = openMemoryEngine();
  let t = 1000;
  for (const term of [1, 5, 900])
    for (let opid = 0; opid < 10; opid++) await append(engine, term, opid, t++);
  return engine;
}

function executorOf(engine: Engine, filter: Document, hint?: Hint): PlanExecutor {
  const request = { collection: info, filter: parseFilter(encodeDocument(filter), 0), hint };
  return new PlanExecutor(
    planQuery({ ...request, tailable: hint === undefined }).root,
    engine.latest,
  );
}

const from = (t: number) => ({ $gte: new Timestamp({ t, i: 0 }) });

describe('a scan of the oplog', () => {
  test('with a lower bound on ts starts there', async () => {
    const engine = await oplog();
    for (let t = 998; t <= 1031; t++) {
      const executor = executorOf(engine, { ts: from(t) });
      const results = await resultsOf(executor);
      const expected = 30 - Math.max(0, Math.min(30, t - 1000));
      expect(results).toHaveLength(expected);
      expect(executor.root.documentsExamined).toBe(expected);
    }
  });

  test('goes backwards with $natural', async () => {
    const engine = await oplog();
    const executor = executorOf(engine, {}, { kind: 'natural', direction: -1 });
    const { documents } = await executor.nextBatch({ maxDocuments: 2 });
    const found = decodeDocument(encodeDocument({ documents }));
    expect(found).toMatchObject({ documents: [{ term: 900, opid: 9 }, {}] });
    expect((await executor.nextBatch({ maxDocuments: 100 })).documents.length).toBe(28);
  });

  test('finds entries that came after its end, also when it began behind it', async () => {
    const engine = await oplog();
    const all = executorOf(engine, {});
    const future = executorOf(engine, { ts: from(2000) });
    expect(await resultsOf(all)).toHaveLength(30);
    expect(await resultsOf(future)).toHaveLength(0);
    await append(engine, 901, 0, 1999);
    await append(engine, 901, 1, 2000);
    all.retryEnd();
    future.retryEnd();
    expect((await resultsOf(all)).map((entry) => entry.opid)).toEqual([0, 1]);
    expect((await resultsOf(future)).map((entry) => entry.opid)).toEqual([1]);
  });
});
