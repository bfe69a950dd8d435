/** Documents a CPU second, on 1 KB documents of 19 fields: `npx tsx test/query/bench.ts`. */
import { encodeDocument } from '../../src/bson/index.ts';
import { KeyExtractor, parseFilter, parseProjection, parseSort } from '../../src/query/index.ts';
import { type Fields, updateOf } from './documents.ts';

const count = 20_000;
const parts: Buffer[] = [];
for (let i = 0; i < count; i++) {
  const document: Fields = { _id: i };
  for (let field = 0; field < 9; field++) document[`name${field}`] = 'x'.repeat(40 + field);
  document.a = i % 100;
  document.state = ['a', 'b', 'c', 'd'][i % 4];
  document.n = { a: 1, b: i % 10, c: 'text' };
  for (let field = 0; field < 6; field++) document[`tail${field}`] = 'y'.repeat(50);
  parts.push(encodeDocument(document));
}
const buffer = Buffer.concat(parts);
const starts: number[] = [];
for (let at = 0; at < buffer.length; at += buffer.readInt32LE(at)) starts.push(at);
console.log(`${Math.round(buffer.length / count)} bytes a document`);

function measure(name: string, run: (start: number) => unknown, rounds = 12): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (const start of starts) run(start);
    const used = process.cpuUsage(before);
    best = Math.min(best, (used.user + used.system) / 1e6);
  }
  console.log(`${name.padEnd(50)} ${(count / best / 1e6).toFixed(2)} M documents/s`);
}

for (const filter of [
  { a: 1 },
  { 'n.b': { $gt: 5 } },
  { $or: [{ a: 1 }, { state: { $lt: 'c' } }, { 'n.b': 7 }] },
  { name0: 'z' },
  { a: { $in: [1, 2, 3] } },
  { name1: /y$/ },
]) {
  const parsed = parseFilter(encodeDocument(filter), 0);
  measure(JSON.stringify(filter), (start) => parsed.matches(buffer, start));
}
const projection = parseProjection(encodeDocument({ a: 1, state: 1, name3: 1 }), 0);
measure('project three fields', (start) => projection.apply(buffer, start), 6);
const sort = parseSort(encodeDocument({ a: 1, 'n.b': -1 }), 0);
measure('sort key of two fields', (start) => sort.keyOf(buffer, start), 6);
const extractor = new KeyExtractor([{ path: 'a', direction: 1 }]);
measure('index key of one field', (start) => extractor.keys(buffer, start), 6);
const update = updateOf({ $inc: { a: 1 }, $set: { 'n.c': 'new' } });
measure('$inc and $set', (start) => update.apply(buffer, start), 4);
