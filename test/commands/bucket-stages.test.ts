/** $bucket, $bucketAuto, $sample and $redact, as a driver sees them. */
import { Decimal128 } from 'bson';
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusalOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number };

const { db } = await startShop();
const things = db.collection<Row>('things');

beforeEach(async () => {
  await db.dropDatabase();
});

function run(...pipeline: Document[]): Promise<Document[]> {
  return things.aggregate(pipeline).toArray();
}

function refusal(...pipeline: Document[]): Promise<string> {
  return refusalOf(run(...pipeline));
}

async function givenXs(...xs: unknown[]): Promise<void> {
  await things.insertMany(xs.map((x, _id) => ({ _id, x })));
}

describe('$bucket', () => {
  test('counts by boundaries, the lower one inclusive, in their order', async () => {
    await givenXs(9, 0, 5, 4, 12);
    const spec = { groupBy: '$x', boundaries: [0, 5, 10], default: 'other' };
    expect(await run({ $bucket: spec })).toEqual([
      { _id: 0, count: 2 },
      { _id: 5, count: 2 },
      { _id: 'other', count: 1 },
    ]);
    const output = { sum: { $sum: '$x' } };
    expect(await run({ $match: { x: { $lt: 10 } } }, { $bucket: { ...spec, output } })).toEqual([
      { _id: 0, sum: 4 },
      { _id: 5, sum: 14 },
    ]);
  });

  test('without a default has no place for what lies outside', async () => {
    await givenXs(20);
    expect(await refusal({ $bucket: { groupBy: '$x', boundaries: [0, 5] } })).toContain(
      '40066 PlanExecutor error during aggregation :: caused by :: $switch could not find a matching branch',
    );
  });

  test.each([
    [1, '40201 Argument to $bucket stage must be an object, but found type: int.'],
    [
      { groupBy: 'x' },
      '40202 The $bucket \'groupBy\' field must be defined as a $-prefixed path or an expression, but found: "x".',
    ],
    [
      { boundaries: 1 },
      "40200 The $bucket 'boundaries' field must be an array, but found type: int.",
    ],
    [
      { boundaries: ['$x', 1] },
      '40191 The $bucket \'boundaries\' field must be an array of constant values, but found value: "$x".',
    ],
    [
      { boundaries: [1] },
      "40192 The $bucket 'boundaries' field must have at least 2 values, but found 1 value(s).",
    ],
    [
      { boundaries: [1, 'a'] },
      "40193 All values in the the 'boundaries' option to $bucket must have the same type. Found conflicting types int and string.",
    ],
    [
      { boundaries: [1, 1] },
      "40194 The 'boundaries' option to $bucket must be sorted, but elements 0 and 1 are not in ascending order (1 is not less than 1).",
    ],
    [
      { default: '$x' },
      '40195 The $bucket \'default\' field must be a constant value, but found: "$x".',
    ],
    [{ output: 1 }, "40196 The $bucket 'output' field must be an object, but found type: int."],
    [{ more: 1 }, '40197 Unrecognized option to $bucket: more.'],
    [{ groupBy: '$x' }, "40198 $bucket requires 'groupBy' and 'boundaries' to be specified."],
    [
      { groupBy: '$x', boundaries: [1, 3], default: 2 },
      "40199 The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
    ],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $bucket: spec as Document })).toBe(expected);
  });
});

describe('$bucketAuto', () => {
  test('deals documents out evenly, equal values together', async () => {
    await givenXs(3, 1, 3, 2, 5, 4);
    expect(await run({ $bucketAuto: { groupBy: '$x', buckets: 3 } })).toEqual([
      { _id: { min: 1, max: 3 }, count: 2 },
      { _id: { min: 3, max: 4 }, count: 2 },
      { _id: { min: 4, max: 5 }, count: 2 },
    ]);
    expect(await run({ $bucketAuto: { groupBy: '$x', buckets: 100 } })).toHaveLength(5);
    expect(
      await run({ $bucketAuto: { groupBy: '$x', buckets: 1, output: { all: { $push: '$x' } } } }),
    ).toEqual([{ _id: { min: 1, max: 5 }, all: [1, 2, 3, 3, 4, 5] }]);
  });

  test.each([
    ['R5', [1, 2.5, 100], [0.63, 160]],
    ['E6', [1, 2.5, 100], [0.68, 150]],
    ['E24', [1, 2.5, 100], [0.91, 110]],
    ['1-2-5', [1, 2.5, 100], [0.5, 200]],
    ['POWERSOF2', [1, 2.5, 100], [0.5, 128]],
  ])('rounds its boundaries to the series %s', async (granularity, xs, [min, max]) => {
    await givenXs(...xs);
    const [only, ...more] = await run({ $bucketAuto: { groupBy: '$x', buckets: 1, granularity } });
    expect(more).toEqual([]);
    expect(only!._id.min).toBeCloseTo(min!);
    expect(only!._id.max).toBeCloseTo(max!);
  });

  test('takes what lies below the rounded boundary along, and keeps decimals decimals', async () => {
    await givenXs(...[11, 12, 13, 14].map((x) => Decimal128.fromString(String(x))));
    const buckets = await run({ $bucketAuto: { groupBy: '$x', buckets: 2, granularity: 'R10' } });
    expect(buckets.map(({ _id: { min, max }, count }) => [`${min}`, `${max}`, count])).toEqual([
      ['10.0', '12.5', 2],
      ['12.5', '16.0', 2],
    ]);
  });

  test.each([
    [1, '40240 The argument to $bucketAuto must be an object, but found type: int.'],
    [
      { groupBy: 1 },
      "40239 The $bucketAuto 'groupBy' field must be defined as a $-prefixed path or an expression object, but found: 1.",
    ],
    [
      { buckets: 'a' },
      "40241 The $bucketAuto 'buckets' field must be a numeric value, but found type: string.",
    ],
    [
      { buckets: 1.5 },
      "40242 The $bucketAuto 'buckets' field must be representable as a 32-bit integer, but found 1.5.",
    ],
    [{ buckets: 0 }, "40243 The $bucketAuto 'buckets' field must be greater than 0, but found: 0."],
    [{ output: 1 }, "40244 The $bucketAuto 'output' field must be an object, but found type: int."],
    [{ more: 1 }, '40245 Unrecognized option to $bucketAuto: more.'],
    [{ groupBy: '$x' }, "40246 $bucketAuto requires 'groupBy' and 'buckets' to be specified."],
    [{ granularity: 'R3' }, "40257 Unknown rounding granularity 'R3'"],
    [
      { granularity: 1 },
      "40261 The $bucketAuto 'granularity' field must be a string, but found type: int.",
    ],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $bucketAuto: spec as Document })).toBe(expected);
  });

  test.each([
    ['a', 40258],
    [Number.NaN, 40259],
    [-1, 40260],
  ])('can not round %j', async (x, code) => {
    await givenXs(x);
    const spec = { groupBy: '$x', buckets: 1, granularity: 'R5' };
    expect(await refusal({ $bucketAuto: spec })).toMatch(new RegExp(`^${code} PlanExecutor error`));
  });
});

describe('$sample', () => {
  test('gives so many different documents', async () => {
    await givenXs(...Array.from({ length: 50 }, (_, x) => x));
    const some = await run({ $sample: { size: 20 } });
    expect(new Set(some.map(({ _id }) => _id)).size).toBe(20);
    expect(await run({ $sample: { size: 1e9 } })).toHaveLength(50);
  });

  test.each([
    [1, '28745 the $sample stage specification must be an object'],
    [{ size: 'a' }, '28746 size argument to $sample must be a number'],
    [{ size: 0.5 }, '28747 size argument to $sample must be a positive integer'],
    [{ siz: 1 }, '28748 unrecognized option to $sample: siz'],
    [{}, '28749 $sample stage must specify a size'],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $sample: spec as Document })).toBe(expected);
  });
});

describe('$redact', () => {
  test('descends, prunes and keeps, with the fields of the document it looks at', async () => {
    await things.insertOne({
      _id: 1,
      level: 1,
      open: { level: 1, x: { level: 3 } },
      list: [{ level: 9 }, 5, [{ level: 1, a: 1 }], { level: 0, deep: { level: 9 } }],
    });
    const cond = (test: Document, yes: string, no: unknown) => ({ $cond: [test, yes, no] });
    const tooHigh = { $gt: ['$level', 2] };
    const whole = { $eq: ['$level', 0] };
    expect(
      await run({ $redact: cond(tooHigh, '$$PRUNE', cond(whole, '$$KEEP', '$$DESCEND')) }),
    ).toEqual([
      {
        _id: 1,
        level: 1,
        open: { level: 1 },
        list: [5, [{ level: 1, a: 1 }], { level: 0, deep: { level: 9 } }],
      },
    ]);
    expect(await run({ $redact: cond({ $gt: ['$$ROOT.level', 0] }, '$$PRUNE', '$$KEEP') })).toEqual(
      [],
    );
  });

  test('takes nothing but its three variables', async () => {
    await givenXs(1);
    expect(await refusal({ $redact: '$x' })).toBe(
      "17053 PlanExecutor error during aggregation :: caused by :: $redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE, but returned 1",
    );
    expect(await refusal({ $match: { $expr: '$$KEEP' } })).toContain('17276');
  });
});
