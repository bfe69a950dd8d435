/** Table tests of the accumulators, in `$group` and outside: results, codes and texts. */
import { Decimal128, Double, Long } from 'bson';
import { describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();
const sales = db.collection('sales');
await sales.insertMany(
  [
    { _id: 1, k: 'a', v: 10, w: 3 },
    { _id: 2, k: 'a', v: 30, w: 1 },
    { _id: 3, k: 'a', v: 20, w: 2 },
    { _id: 4, k: 'b', v: null, w: 5 },
    { _id: 5, k: 'b', w: 4 },
  ].map((document) => ({ ...document, _id: document._id as never })),
);

const shown = (value: unknown) => JSON.parse(JSON.stringify(value));

async function grouped(accumulator: object, id: unknown = '$k'): Promise<unknown[]> {
  const group = { $group: { _id: id, r: accumulator } };
  const results = await sales
    .aggregate([{ $sort: { _id: 1 } }, group, { $sort: { _id: 1 } }])
    .toArray();
  return results.map(({ r }) => shown(r));
}

const w = { sortBy: { w: 1 }, output: '$v' };

describe('in a group', () => {
  test.each<[object, unknown, unknown]>([
    [{ $firstN: { n: 2, input: '$v' } }, [10, 30], [null, null]],
    [{ $lastN: { n: 2, input: '$v' } }, [30, 20], [null, null]],
    [{ $lastN: { n: 5, input: '$w' } }, [3, 1, 2], [5, 4]],
    [{ $minN: { n: 2, input: '$v' } }, [10, 20], []],
    [{ $maxN: { n: 2, input: '$v' } }, [30, 20], []],
    [{ $top: w }, 30, null],
    [{ $bottom: w }, 10, null],
    [{ $topN: { ...w, n: 2 } }, [30, 20], [null, null]],
    [{ $bottomN: { ...w, n: 2 } }, [20, 10], [null, null]],
    [{ $topN: { sortBy: { k: 1 }, output: '$w', n: 2 } }, [3, 1], [5, 4]],
    [{ $median: { input: '$v', method: 'approximate' } }, 20, null],
    [
      { $percentile: { input: '$v', p: [0, 0.5, 0.9, 1], method: 'approximate' } },
      [10, 20, 30, 30],
      [null, null, null, null],
    ],
    [
      {
        $avg: {
          $cond: [
            { $eq: ['$_id', 1] },
            Long.MAX_VALUE,
            { $cond: [{ $eq: ['$_id', 2] }, Long.MIN_VALUE, null] },
          ],
        },
      },
      -0.5,
      null,
    ],
    [{ $stdDevPop: '$w' }, Math.sqrt(2 / 3), 0.5],
    [{ $stdDevSamp: '$v' }, 10, null],
  ])('%j', async (accumulator, first, second) => {
    expect(await grouped(accumulator)).toEqual([first, second]);
  });

  test('n may be of the key of the group', async () => {
    const id = { n: { $cond: [{ $eq: ['$k', 'a'] }, 1, 2] } };
    expect(await grouped({ $firstN: { n: '$n', input: '$w' } }, id)).toEqual([[3], [5, 4]]);
  });

  const bad = "parameter 'n' must be coercible to a positive 64-bit integer";
  test.each<[object, number, string]>([
    [{ $firstN: 1 }, 5787801, 'specification must be an object; found $firstN: 1'],
    [{ $maxN: 'a' }, 5787900, 'specification must be an object; found $maxN: "a"'],
    [{ $topN: 1 }, 5788001, 'specification must be an object; found $topN: 1'],
    [{ $firstN: { n: 1, input: 1, x: 1 } }, 5787901, "Unknown argument for 'n' operator: x"],
    [{ $firstN: { input: 1 } }, 5787906, "Missing value for 'n'"],
    [{ $firstN: { n: 1 } }, 5787907, "Missing value for 'input'"],
    [{ $firstN: { n: 0, input: 1 } }, 7548606, bad],
    [{ $minN: { n: new Double(1.5), input: 1 } }, 7548606, bad],
    [{ $topN: { ...w, n: 'a' } }, 7548606, bad],
    [{ $top: { ...w, n: 1 } }, 5788002, "Unknown argument to $top 'n'"],
    [{ $topN: w }, 5788003, "Missing value for 'n'"],
    [{ $top: { sortBy: { v: 1 } } }, 5788004, "Missing value for 'output'"],
    [{ $top: { output: 1 } }, 5788005, "Missing value for 'sortBy'"],
    [{ $median: 1 }, 7436100, 'specification must be an object; found $median: 1'],
    [{ $percentile: 1 }, 7429703, 'specification must be an object; found $percentile: 1'],
    [
      { $median: { input: 1 } },
      40414,
      "BSON field '$median.method' is missing but a required field",
    ],
    [
      { $median: { input: 1, method: 'approximate', p: [1] } },
      40415,
      "BSON field '$median.p' is an unknown field.",
    ],
    [
      { $median: { input: 1, method: 1 } },
      14,
      "BSON field '$median.method' is the wrong type 'int', expected type 'string'",
    ],
    [
      { $median: { input: 1, method: 'exact' } },
      2,
      "Currently only 'approximate' can be used as percentile 'method'.",
    ],
    [
      { $percentile: { input: 1, method: 'approximate', p: '$v' } },
      7750300,
      `The $percentile 'p' field must be an array of constant values, but found value: "$v".`,
    ],
    [
      { $percentile: { input: 1, method: 'approximate', p: [] } },
      7750301,
      "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: []",
    ],
    [
      { $percentile: { input: 1, method: 'approximate', p: ['a'] } },
      7750302,
      `The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: "a"`,
    ],
    [
      { $percentile: { input: 1, method: 'approximate', p: [2] } },
      7750303,
      "The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: 2",
    ],
    [
      { $sum: { $divide: ['$v', { $subtract: ['$_id', '$_id'] }] } },
      4848401,
      "can't $divide by zero",
    ],
    [{ $push: { $mod: ['$v', { $subtract: ['$_id', '$_id'] }] } }, 4848403, "can't $mod by zero"],
    [{ $sum: { $divide: [1, 0] } }, 2, "can't $divide by zero"],
    [{ $mergeObjects: '$v' }, 5911200, '$mergeObjects only supports objects'],
    [{ $stdDevPop: [1] }, 40237, 'The $stdDevPop accumulator is a unary operator'],
    [{ $add: [1, 2] }, 40237, 'The $add accumulator is a unary operator'],
    [{ $add: 1 }, 15952, "unknown group operator '$add'"],
    [{ a: 1 }, 40234, "The field 'r' must be an accumulator object"],
  ])('%j is refused with %i', async (accumulator, code, message) => {
    const [actual, text] = await failureOf(grouped(accumulator));
    expect(actual).toBe(code);
    expect(text).toContain(message);
  });

  test.each<[object, number]>([
    [{ a: 1 }, 17390],
    [{ a: true }, 17390],
    [{ '': '$v' }, 15998],
  ])('the key %j is refused with %i', async (id, code) => {
    expect((await failureOf(grouped({ $sum: 1 }, id)))[0]).toBe(code);
  });
});

describe('outside of groups', () => {
  async function value(expression: unknown): Promise<unknown> {
    const [document] = await db
      .aggregate([
        { $documents: [{ a: [1, 5, 3, null] }] },
        { $project: { _id: 0, r: expression } },
      ])
      .toArray();
    return shown(document?.r);
  }

  test.each<[unknown, unknown]>([
    [{ $firstN: { n: 2, input: '$a' } }, [1, 5]],
    [{ $lastN: { n: 2, input: '$a' } }, [3, null]],
    [{ $minN: { n: 2, input: '$a' } }, [1, 3]],
    [{ $maxN: { n: 2, input: '$a' } }, [5, 3]],
    [{ $median: { input: '$a', method: 'approximate' } }, 3],
    [{ $median: { input: 7, method: 'approximate' } }, 7],
    [{ $percentile: { input: '$a', p: [0.25, 0.75], method: 'approximate' } }, [1, 5]],
    [{ $percentile: { input: 'x', p: [0.25], method: 'approximate' } }, [null]],
    [{ $stdDevPop: '$a' }, Math.sqrt(8 / 3)],
    [{ $stdDevSamp: '$a' }, 2],
    [{ $stdDevSamp: [[1]] }, null],
    [{ $sum: [new Decimal128('-0')] }, { $numberDecimal: '0' }],
    [
      { $sum: [new Double(0.1), new Decimal128('0')] },
      { $numberDecimal: '0.1000000000000000055511151231257827' },
    ],
    [{ $avg: [new Double(0.5), new Decimal128('0.25')] }, { $numberDecimal: '0.375' }],
    [{ $avg: [Long.MAX_VALUE, Long.MIN_VALUE] }, 0],
  ])('%o', async (expression, result) => {
    expect(await value(expression)).toEqual(result);
  });

  test.each<[unknown, number, string]>([
    [{ $firstN: { n: 1, input: 5 } }, 5788200, 'Input must be an array'],
    [
      { $firstN: { n: 'a', input: '$a' } },
      5787902,
      `Value for 'n' must be of integral type, but found "a"`,
    ],
    [
      { $lastN: { n: new Double(1.5), input: '$a' } },
      5787903,
      "Value for 'n' must be of integral type, but found 1.5",
    ],
    [{ $minN: { n: -1, input: '$a' } }, 5787908, "'n' must be greater than 0, found -1"],
    [{ $median: 1 }, 7436201, 'specification must be an object; found $median: 1'],
    [{ $percentile: 1 }, 7436200, 'specification must be an object; found $percentile: 1'],
  ])('%o is refused with %i', async (expression, code, message) => {
    const [actual, text] = await failureOf(value(expression));
    expect(actual).toBe(code);
    expect(text).toContain(message);
  });
});
