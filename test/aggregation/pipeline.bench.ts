/**
 * Run by hand: npx tsx test/aggregation/pipeline.bench.ts
 * Documents per CPU second through pipelines, 1 KB documents in memory.
 */
import { parsePipeline } from '../../src/aggregation/index.ts';
import { encodeValue } from '../../src/bson/index.ts';
import { PlanExecutor, planQuery } from '../../src/plan/index.ts';
import { parseFilter } from '../../src/query/index.ts';
import { collectionOf } from '../plan/test-collection.ts';

const count = 30_000;
const documents = Array.from({ length: count }, (_, at) => {
  const document: Record<string, unknown> = { _id: at };
  for (let field = 0; field < 10; field++)
    document[`field${field}`] = `some text of field ${field}`;
  document.a = at % 1000;
  document.n = { b: at % 50 };
  for (let field = 10; field < 18; field++) document[`field${field}`] = 'x'.repeat(50);
  return document;
});
const things = await collectionOf(documents);

async function measure(pipeline: unknown[]): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 5; repeat++) {
    const parsed = parsePipeline(encodeValue(pipeline));
    const filter = parseFilter(Buffer.from([5, 0, 0, 0, 0]), 0);
    const root = parsed.build(planQuery({ collection: things.info, filter }).root);
    const before = process.cpuUsage();
    await new PlanExecutor(root, things.engine.latest).count();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  console.log(`${JSON.stringify(pipeline)}: ${(best / count).toFixed(2)} us a document`);
}

await measure([{ $group: { _id: '$a', total: { $sum: 1 } } }]);
await measure([{ $group: { _id: '$field3', total: { $sum: '$n.b' }, most: { $max: '$a' } } }]);
await measure([{ $project: { a: 1, field3: 1, n: 1 } }]);
await measure([{ $addFields: { c: { $add: ['$a', '$n.b'] } } }]);
await measure([{ $project: { x: { $concat: ['$field1', '-', '$field2'] } } }]);
