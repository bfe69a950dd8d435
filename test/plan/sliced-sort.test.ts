import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { PlanExecutor, Sort, Stage, sortInSlices, Work } from '../../src/plan/index.ts';
import { parseSort } from '../../src/query/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';

describe('sortInSlices', () => {
  it('is a stable sort', async () => {
    const items = Array.from({ length: 5000 }, (_, at) => ({ key: (at * 7919) % 97, at }));
    const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
    const expected = items.toSorted(compare);

    await sortInSlices(items, compare);

    expect(items).toEqual(expected);
  });

  it('sorts lists of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer(), { maxLength: 3000, size: 'max' }), async (items) => {
        const sorted = [...items];
        await sortInSlices(sorted, (a, b) => a - b);
        expect(sorted).toEqual(items.toSorted((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });
});

class Documents extends Stage {
  readonly name = 'DOCUMENTS';
  readonly #values: readonly number[];
  #next = 0;

  constructor(values: readonly number[]) {
    super([]);
    this.#values = values;
  }

  work() {
    const a = this.#values[this.#next];
    if (a === undefined) return Work.done;
    this.buffer = encodeDocument({ a, at: this.#next });
    this.start = 0;
    this.#next += 1;
    this.recordId = this.#next;
    return Work.advanced;
  }
}

describe('a sort with a limit', () => {
  it.each([1, 70, 3000, 9000, 20_000])(
    'of %i keeps the first, whatever it merged',
    async (limit) => {
      const values = Array.from({ length: 12_000 }, (_, at) => (at * 7919) % 5003);
      const pattern = encodeDocument({ a: 1 });
      const sort = new Sort(new Documents(values), parseSort(pattern, 0), limit, { a: 1 });
      const executor = new PlanExecutor(sort, openMemoryEngine().latest);
      const recordIds: number[] = [];

      const collect = ({ recordId }: Stage): boolean => recordIds.push(recordId) > 0;
      await executor.forEach(collect);

      const expected = values
        .map((a, at) => ({ a, recordId: at + 1 }))
        .sort((x, y) => x.a - y.a)
        .slice(0, limit)
        .map(({ recordId }) => recordId);
      expect(recordIds).toEqual(expected);
    },
  );
});
