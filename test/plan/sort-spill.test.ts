/** A sort that may not keep all it sorts in memory. */
import { describe, expect, it, test } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import type { Metadata } from '../../src/expressions/index.ts';
import { PlanExecutor, Sort, type SortSpace, Stage, Work } from '../../src/plan/index.ts';
import { parseSort } from '../../src/query/index.ts';
import { openMemoryEngine, SpillFile } from '../../storage/index.ts';

const padding = 'x'.repeat(100);

class Documents extends Stage {
  readonly name = 'DOCUMENTS';
  readonly #values: readonly (number | string)[];
  #next = 0;

  constructor(values: readonly (number | string)[]) {
    super([]);
    this.#values = values;
  }

  work() {
    const a = this.#values[this.#next];
    if (a === undefined) return Work.done;
    this.#next += 1;
    this.buffer = encodeDocument({ a, at: this.#next, padding });
    this.start = 0;
    this.recordId = this.#next;
    this.metadata = this.#next % 2 === 0 ? undefined : { textScore: this.#next / 2 };
    return Work.advanced;
  }
}

/** 6,000 documents of 250 bytes with what they cost beside, each value several times. */
const values = Array.from({ length: 6000 }, (_, at) => (at * 7919) % 2503);

class Disk {
  readonly files: SpillFile[] = [];
  #closed = 0;

  get open(): number {
    return this.files.length - this.#closed;
  }

  space(memoryLimitBytes: number): SortSpace {
    const openSpill = () => {
      const file = new SpillFile();
      const close = file.close.bind(file);
      file.close = () => {
        this.#closed += 1;
        file.close = () => {};
        close();
      };
      this.files.push(file);
      return file;
    };
    return { memoryLimitBytes, openSpill };
  }
}

function sortOf(limit: number, list: readonly (number | string)[] = values): Sort {
  return new Sort(new Documents(list), parseSort(encodeDocument({ a: 1 }), 0), limit, { a: 1 });
}

function executorOf(sort: Sort, sortSpace: SortSpace): PlanExecutor {
  return new PlanExecutor(sort, openMemoryEngine().latest, { sortSpace });
}

function expectedIds(limit: number): number[] {
  const sorted = values.map((a, at) => ({ a, id: at + 1 })).sort((x, y) => x.a - y.a);
  return sorted.slice(0, limit === 0 ? undefined : limit).map(({ id }) => id);
}

describe('a sort with little memory', () => {
  it.each([
    [0, 10_000],
    [0, 300_000],
    [0, 1_000_000],
    [4500, 300_000],
    [20_000, 300_000],
    [30, 1000],
  ])('and limit %i sorts with %i bytes what takes 1.5 MB, stably', async (limit, memory) => {
    const disk = new Disk();
    const sort = sortOf(limit);
    const found: { id: number; at: unknown; metadata: Metadata | undefined }[] = [];

    const collect = ({ buffer, start, recordId, metadata }: Stage): boolean => {
      const { at } = decodeDocument(buffer, start);
      return found.push({ id: recordId, at, metadata }) > 0;
    };
    await executorOf(sort, disk.space(memory)).forEach(collect);

    expect(found.map(({ id }) => id)).toEqual(expectedIds(limit));
    for (const { id, at, metadata } of found) {
      expect(at).toBe(id);
      expect(metadata).toEqual(id % 2 === 0 ? undefined : { textScore: id / 2 });
    }
    expect(sort.explainCounters()).toMatchObject({ usedDisk: true });
    expect(disk.files.length).toBe(1);
    expect(disk.open).toBe(0);
  });

  it('tells how often it spilled, and how much', async () => {
    const sort = sortOf(0);
    await executorOf(sort, new Disk().space(1_000_000)).count();

    const { spills, spilledDataStorageSize } = sort.explainCounters();
    expect(spills).toBe(1);
    expect(spilledDataStorageSize).toBeGreaterThan(600_000);
  });

  it('takes documents larger than a block', async () => {
    const large = ['b', 'a', 'c'].map((letter) => letter.repeat(600_000));
    const found: unknown[] = [];

    const collect = ({ buffer, start }: Stage): boolean =>
      found.push(decodeDocument(buffer, start).a) > 0;
    await executorOf(sortOf(0, large), new Disk().space(1000)).forEach(collect);

    expect(found).toEqual(large.toSorted());
  });

  it('needs no disk where the limit keeps few enough', async () => {
    const disk = new Disk();
    const sort = sortOf(10);
    expect(await executorOf(sort, disk.space(5000)).count()).toBe(10);
    expect(sort.explainCounters()).toMatchObject({ usedDisk: false, spills: 0 });
    expect(disk.files).toEqual([]);
  });

  it('fails when it may use no disk', async () => {
    const run = executorOf(sortOf(0), { memoryLimitBytes: 300_000 }).count();
    await expect(run).rejects.toMatchObject({
      code: 292,
      message:
        'Sort exceeded memory limit of 300000 bytes, but did not opt in to external sorting.',
    });
  });
});

describe('the file of a sort is closed', () => {
  test('with its executor', async () => {
    const disk = new Disk();
    const executor = executorOf(sortOf(0), disk.space(300_000));
    await executor.nextBatch({ maxDocuments: 5 });
    expect(disk.open).toBe(1);
    executor.close();
    expect(disk.open).toBe(0);
  });

  test('when the operation is interrupted', async () => {
    const disk = new Disk();
    let looks = 0;
    const interrupt = {
      check: () => {
        looks += disk.open;
        if (looks > 1) throw new Error('interrupted');
      },
    };
    const run = executorOf(sortOf(0), disk.space(10_000)).count(interrupt);
    await expect(run).rejects.toThrow('interrupted');
    expect(disk.files.length).toBe(1);
    expect(disk.open).toBe(0);
  });
});
