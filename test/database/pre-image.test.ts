/** What an update keeps of the old document brings it back, to the byte. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DocumentWriter, documentEnd, findField } from '../../src/bson/index.ts';
import { preImageOfUpdate } from '../../src/database/oplog/pre-image.ts';
import { applyDelta } from '../../src/query/index.ts';

type Field = readonly [name: string, value: number | string];

/** Names may repeat, as they may in what clients send. */
function documentOf(fields: readonly Field[]): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const [name, value] of fields) {
    if (typeof value === 'number') writer.int32(name, value);
    else writer.string(name, value);
  }
  writer.end();
  return writer.finish();
}

function undone(after: Buffer, pre: Buffer): Buffer {
  const whole = findField(pre, 0, 'o');
  if (whole !== undefined) return whole.buffer.subarray(whole.start, whole.end);
  const delta = findField(pre, 0, 'd')!;
  return applyDelta(after, 0, pre.subarray(delta.start, documentEnd(pre, delta.start)));
}

const value = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom('a', 'b', 'x'.repeat(60)));
const fields = fc.array(fc.tuple(fc.constantFrom('_id', 'a', 'b', 'c', 'd', 'e'), value), {
  maxLength: 7,
});

test('whatever changed, fields that repeat or move among it', () => {
  fc.assert(
    fc.property(fields, fields, (old, now) => {
      const [before, after] = [documentOf(old), documentOf(now)];
      expect(undone(after, preImageOfUpdate(before, after, [])).equals(before)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('when only values changed, of fields that repeat too', () => {
  const values = fc.array(fc.tuple(value, value), { maxLength: 40 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 40 }), (pairs, names) => {
      const of = (side: 0 | 1) =>
        documentOf(pairs.map((pair, at): Field => [`f${at % names}`, pair[side]]));
      expect(undone(of(1), preImageOfUpdate(of(0), of(1), [])).equals(of(0))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('one changed value among many fields is all that is kept', () => {
  const of = (n: number) =>
    documentOf([
      ...Array.from({ length: 20 }, (_, i): Field => [`f${i}`, 'x'.repeat(40)]),
      ['n', n],
    ]);
  const pre = preImageOfUpdate(of(1), of(2), []);
  expect(pre.length).toBeLessThan(60);
  expect(undone(of(2), pre).equals(of(1))).toBe(true);
});
