/** $setWindowFields, as a driver sees it. */
import { Decimal128, Long } from 'bson';
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusalOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number };

const { db } = await startShop();
const things = db.collection<Row>('things');

beforeEach(async () => {
  await db.dropDatabase();
});

async function given(...values: unknown[]): Promise<void> {
  await things.insertMany(values.map((v, _id) => ({ _id, v })));
}

interface Stage {
  readonly partitionBy?: unknown;
  readonly sortBy?: Document;
}

/** What `r` becomes, in the order of `_id`. */
async function results(r: Document, stage: Stage = { sortBy: { _id: 1 } }): Promise<unknown[]> {
  const spec = { ...stage, output: { r } };
  const all = await things.aggregate([{ $setWindowFields: spec }]).toArray();
  return all.sort((a, b) => a._id - b._id).map((document) => document.r);
}

function refusal(spec: unknown): Promise<string> {
  return refusalOf(things.aggregate([{ $setWindowFields: spec as Document }]).toArray());
}

const lastTwo = { documents: [-1, 'current'] };

describe('windows', () => {
  test('of documents move with the current one', async () => {
    await given(1, 2, 3, 4);
    const sum = (window?: Document) => results({ $sum: '$v', ...(window && { window }) });
    expect(await sum()).toEqual([10, 10, 10, 10]);
    expect(await sum(lastTwo)).toEqual([1, 3, 5, 7]);
    expect(await sum({ documents: [1, 2] })).toEqual([5, 7, 4, 0]);
    expect(await sum({ documents: [-3, -2] })).toEqual([0, 0, 1, 3]);
    expect(await sum({ documents: ['unbounded', 'current'] })).toEqual([1, 3, 6, 10]);
    expect(await sum({ documents: ['current', 'unbounded'] })).toEqual([10, 9, 7, 4]);
  });

  test('of a range hold what is near by the sort field', async () => {
    await given(1, 2, 2, 5, 6);
    const count = (range: unknown[]) =>
      results({ $count: {}, window: { range } }, { sortBy: { v: 1 } });
    expect(await count([-1, 1])).toEqual([3, 3, 3, 2, 2]);
    expect(await count(['current', 'current'])).toEqual([1, 2, 2, 1, 1]);
    expect(await count(['unbounded', -1])).toEqual([0, 1, 1, 3, 4]);
    expect(await count([3, 'unbounded'])).toEqual([2, 2, 2, 0, 0]);
  });

  test('of a range of dates go by the calendar', async () => {
    await given(...['2020-01-31', '2020-02-29', '2020-03-01'].map((day) => new Date(day)));
    const window = { range: ['current', 1], unit: 'month' };
    expect(await results({ $count: {}, window }, { sortBy: { v: 1 } })).toEqual([2, 2, 1]);
  });

  test('end with the partition', async () => {
    await things.insertMany([
      { _id: 1, p: 'a', v: 1 },
      { _id: 2, p: 'b', v: 2 },
      { _id: 3, p: 'a', v: 3 },
      { _id: 4, p: null, v: 4 },
      { _id: 5, v: 5 },
    ]);
    const stage = { partitionBy: '$p', sortBy: { _id: 1 } };
    expect(await results({ $push: '$v', window: lastTwo }, stage)).toEqual([
      [1],
      [2],
      [1, 3],
      [4],
      [4, 5],
    ]);
  });

  test('see every document once, however many there are', async () => {
    const rows = Array.from({ length: 2500 }, (_, v) => v);
    await given(...rows);
    const sums = await results({ $sum: '$v', window: { documents: [-2, 0] } });
    expect(sums).toEqual(rows.map((v) => v + Math.max(0, v - 1) + Math.max(0, v - 2)));
  });
});

describe('functions', () => {
  const windows = [lastTwo, { documents: ['unbounded', 'current'] }] as const;
  test.each([
    [{ $avg: '$v' }, [4, 3, 2.5], [4, 3, 3]],
    [{ $min: '$v' }, [4, 2, 2], [4, 2, 2]],
    [{ $max: '$v' }, [4, 4, 3], [4, 4, 4]],
    [{ $first: '$v' }, [4, 4, 2], [4, 4, 4]],
    [{ $last: '$v' }, [4, 2, 3], [4, 2, 3]],
    [{ $push: '$v' }, [[4], [4, 2], [2, 3]], [[4], [4, 2], [4, 2, 3]]],
    [{ $addToSet: '$v' }, [[4], [4, 2], [2, 3]], [[4], [4, 2], [4, 2, 3]]],
    [{ $count: {} }, [1, 2, 2], [1, 2, 3]],
    [{ $minN: { input: '$v', n: 2 } }, [[4], [2, 4], [2, 3]], [[4], [2, 4], [2, 3]]],
    [{ $firstN: { input: '$v', n: 1 } }, [[4], [4], [2]], [[4], [4], [4]]],
    [{ $top: { output: '$v', sortBy: { v: 1 } } }, [4, 2, 2], [4, 2, 2]],
    [{ $bottomN: { output: '$v', sortBy: { v: 1 }, n: 1 } }, [[4], [4], [3]], [[4], [4], [4]]],
    [{ $median: { input: '$v', method: 'approximate' } }, [4, 2, 2], [4, 2, 3]],
    [{ $stdDevPop: '$v' }, [0, 1, 0.5], [0, 1, Math.sqrt(2 / 3)]],
    [{ $stdDevSamp: '$v' }, [null, Math.SQRT2, Math.SQRT1_2], [null, Math.SQRT2, 1]],
    [{ $covariancePop: ['$v', '$_id'] }, [0, -0.5, 0.25], [0, -0.5, -1 / 3]],
    [{ $covarianceSamp: ['$v', '$_id'] }, [null, -1, 0.5], [null, -1, -0.5]],
    [{ $derivative: { input: '$v' } }, [null, -2, 1], [null, -2, -0.5]],
    [{ $integral: { input: '$v' } }, [0, 3, 2.5], [0, 3, 5.5]],
  ])('%j', async (fn: Document, ...expected: unknown[][]) => {
    await given(4, 2, 3);
    for (const [at, window] of windows.entries()) {
      const found = await results({ ...fn, window });
      for (const [row, value] of found.entries()) {
        const wanted = expected[at]![row];
        if (typeof wanted === 'number') expect(value).toBeCloseTo(wanted);
        else expect(value).toEqual(wanted);
      }
    }
  });

  test('that rank', async () => {
    await given(10, 20, 20, 30);
    const sortBy = { v: 1 };
    expect(await results({ $rank: {} }, { sortBy })).toEqual([1, 2, 2, 4]);
    expect(await results({ $denseRank: {} }, { sortBy })).toEqual([1, 2, 2, 3]);
    expect(await results({ $documentNumber: {} }, { sortBy })).toEqual([1, 2, 3, 4]);
  });

  test('that look elsewhere', async () => {
    await given(1, null, 3, null);
    expect(await results({ $shift: { output: '$v', by: 1 } })).toEqual([null, 3, null, null]);
    expect(await results({ $shift: { output: '$_id', by: -2, default: 'no' } })).toEqual([
      'no',
      'no',
      0,
      1,
    ]);
    expect(await results({ $locf: '$v' })).toEqual([1, 1, 3, 3]);
    expect(await results({ $linearFill: '$v' })).toEqual([1, 2, 3, null]);
    expect(await results({ $expMovingAvg: { input: '$v', N: 3 } })).toEqual([1, 1, 2, 2]);
  });

  test('keep the widest type that is there', async () => {
    await given(1, Decimal128.fromString('0.1'), 2, 0.5);
    const sums = await results({ $sum: '$v', window: lastTwo });
    expect(sums.map(String)).toEqual(['1', '1.1', '2.1', '2.5']);
    await things.deleteMany({});
    await given(2 ** 31 - 1, 1, Number.POSITIVE_INFINITY, 1, 2);
    expect(await results({ $sum: '$v', window: lastTwo })).toEqual([
      2 ** 31 - 1,
      2 ** 31,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      3,
    ]);
    await things.deleteMany({});
    await given(Long.fromNumber(1), 2);
    expect(await results({ $sum: '$v', window: lastTwo })).toEqual([1, 3]);
  });
});

describe('refuses', () => {
  const sortBy = { v: 1 };
  const sum = (window: unknown, stage: Document = { sortBy }) => ({
    ...stage,
    output: { r: { $sum: '$v', window } },
  });
  test.each([
    [1, '9 the $setWindowFields stage specification must be an object, found int'],
    [{}, "40414 BSON field '$setWindowFields.output' is missing but a required field"],
    [{ output: { r: 1 } }, "9 The field 'r' must be an object"],
    [{ output: { r: {} } }, '9 Expected a $-prefixed window function'],
    [{ output: { r: { $no: 1 } } }, '9 Unrecognized window function, $no'],
    [{ output: { r: { $sum: 1, more: 1 } } }, '9 Window function found an unknown argument: more'],
    [sum(1), "9 'window' field must be an object"],
    [sum({ documents: [1] }), '9 Window bounds must be a 2-element array: documents: [ 1 ]'],
    [sum({ documents: [0.5, 1] }), '9 Numeric document-based bounds must be an integer'],
    [sum({ documents: ['x', 1] }), "9 Window bounds must be 'unbounded', 'current', or a number."],
    [
      sum({ documents: [1, 0] }),
      '5339900 Lower bound must not exceed upper bound: documents: [ 1, 0 ]',
    ],
    [sum({ documents: [0, 1] }, {}), '5339901 Document-based bounds require a sortBy'],
    [sum({ range: [0, 1] }, {}), '5339902 Range-based bounds require sortBy a single field'],
    [
      sum({ documents: [0, 1], range: [0, 1] }),
      "9 Window bounds can specify either 'documents' or 'range', not both.",
    ],
    [
      { output: { r: { $rank: {} } } },
      '5371602 $rank must be specified with a top level sortBy expression with exactly one element',
    ],
    [
      { sortBy, output: { r: { $rank: 1 } } },
      "5371603 $rank must be specified with '{}' as the value",
    ],
    [
      { partitionBy: [1], output: {} },
      '14 An expression used to partition cannot evaluate to value of type array',
    ],
  ])('%j', async (spec, expected) => {
    expect(await refusal(spec)).toBe(expected);
  });

  test('a range of what is no number', async () => {
    await given('a');
    expect(await refusal(sum({ range: [0, 1] }))).toBe(
      '5429414 PlanExecutor error during aggregation :: caused by :: Invalid range: Expected the sortBy field to be a number, but it was string',
    );
  });
});
