import { Decimal128, Long } from 'bson';
import { describe, expect, test } from 'vitest';
import { parsePipeline } from '../../src/aggregation/index.ts';
import { encodeDocument, encodeValue } from '../../src/bson/index.ts';
import { Variables } from '../../src/expressions/index.ts';
import { PlanExecutor, planQuery } from '../../src/plan/index.ts';
import { parseFilter } from '../../src/query/index.ts';
import { collectionOf, type Document, resultsOf } from '../plan/test-collection.ts';

const variables = new Variables(() => ({ now: 1_700_000_000_000 }));

async function aggregate(
  documents: readonly Document[],
  pipeline: readonly Document[],
): Promise<Document[]> {
  const things = await collectionOf(documents);
  const parsed = parsePipeline(encodeValue(pipeline), variables);
  const { front } = parsed;
  const source = parsed.isSource
    ? undefined
    : planQuery({
        collection: things.info,
        filter: front.filter ?? parseFilter(Buffer.from([5, 0, 0, 0, 0]), 0),
        sort: front.sort,
        skip: front.skip,
        limit: front.limit,
      }).root;
  const root = parsed.build(source);
  return resultsOf(new PlanExecutor(root, things.engine.latest));
}

/** The value of one expression over one document. */
async function evaluate(expression: unknown, document: Document = {}): Promise<unknown> {
  const [result] = await aggregate([document], [{ $project: { _id: 0, result: expression } }]);
  return result?.result;
}

function refused(pipeline: unknown): { code: number; message: string } {
  try {
    parsePipeline(encodeValue(pipeline));
  } catch (error) {
    return error as { code: number; message: string };
  }
  throw new Error('the pipeline was accepted');
}

/** The examples of the manual's page on $group. */
const sales: Document[] = [
  { _id: 1, item: 'abc', price: 10, quantity: 2 },
  { _id: 2, item: 'jkl', price: 20, quantity: 1 },
  { _id: 3, item: 'xyz', price: 5, quantity: 10 },
  { _id: 4, item: 'xyz', price: 5, quantity: 20 },
  { _id: 5, item: 'abc', price: 10, quantity: 10 },
];

describe('stages', () => {
  test('$group sums by key', async () => {
    const results = await aggregate(sales, [
      { $group: { _id: '$item', total: { $sum: { $multiply: ['$price', '$quantity'] } } } },
      { $match: { total: { $gte: 100 } } },
      { $sort: { total: -1 } },
    ]);
    expect(results).toEqual([
      { _id: 'xyz', total: 150 },
      { _id: 'abc', total: 120 },
    ]);
  });

  test('$group of nothing has no groups, of null one', async () => {
    expect(await aggregate([], [{ $group: { _id: null, n: { $sum: 1 } } }])).toEqual([]);
    expect(
      await aggregate(sales, [
        {
          $group: {
            _id: null,
            n: { $count: {} },
            avg: { $avg: '$quantity' },
            min: { $min: '$price' },
            max: { $max: '$price' },
            first: { $first: '$item' },
            last: { $last: '$item' },
            items: { $addToSet: '$item' },
            all: { $push: '$quantity' },
          },
        },
      ]),
    ).toEqual([
      {
        _id: null,
        n: 5,
        avg: 8.6,
        min: 5,
        max: 20,
        first: 'abc',
        last: 'abc',
        items: ['abc', 'jkl', 'xyz'],
        all: [2, 1, 10, 20, 10],
      },
    ]);
  });

  test('$group takes equal numbers of different types as one key', async () => {
    const mixed = [
      { a: 1 },
      { a: Long.fromNumber(1) },
      { a: Decimal128.fromString('1.0') },
      { a: 2 },
    ];
    const results = await aggregate(mixed, [{ $group: { _id: '$a', n: { $sum: 1 } } }]);
    expect(results.map((result) => result.n)).toEqual([3, 1]);
  });

  test('$sum is as wide as it must be', async () => {
    const sum = async (values: unknown[]) =>
      (
        await aggregate(
          values.map((v) => ({ v })),
          [{ $group: { _id: null, s: { $sum: '$v' } } }],
        )
      )[0]!.s;
    expect(await sum([2 ** 31 - 1, 1])).toBe(2n ** 31n);
    expect(await sum([1, 'text', null, 0.5])).toBe(1.5);
    expect(await sum([0.1, 0.2, 0.3, -0.6])).toBeCloseTo(0, 16);
    expect(String(await sum([Decimal128.fromString('0.10'), Decimal128.fromString('0.20')]))).toBe(
      '0.30',
    );
  });

  test('$unwind makes a document of each element', async () => {
    const documents = [
      { _id: 1, s: ['S', 'M'] },
      { _id: 2, s: [] },
      { _id: 3, s: null },
      { _id: 4 },
      { _id: 5, s: 'L' },
    ];
    expect(await aggregate(documents, [{ $unwind: '$s' }])).toEqual([
      { _id: 1, s: 'S' },
      { _id: 1, s: 'M' },
      { _id: 5, s: 'L' },
    ]);
    expect(
      await aggregate(documents, [
        {
          $unwind: { path: '$s', preserveNullAndEmptyArrays: true, includeArrayIndex: 'i' },
        },
      ]),
    ).toEqual([
      { _id: 1, s: 'S', i: 0n },
      { _id: 1, s: 'M', i: 1n },
      { _id: 2, i: null },
      { _id: 3, s: null, i: null },
      { _id: 4, i: null },
      { _id: 5, s: 'L', i: null },
    ]);
  });

  test('$project keeps, drops and computes', async () => {
    const document = { _id: 1, a: { b: 1, c: 2 }, d: [{ e: 1, f: 2 }, 7], g: 3 };
    const one = async (spec: Document) => (await aggregate([document], [{ $project: spec }]))[0];
    expect(await one({ 'a.b': 1, d: { e: 1 } })).toEqual({ _id: 1, a: { b: 1 }, d: [{ e: 1 }] });
    expect(await one({ a: 0, 'd.f': 0 })).toEqual({ _id: 1, d: [{ e: 1 }, 7], g: 3 });
    expect(await one({ _id: 0, g: 1, x: '$a.c', y: { $add: ['$g', 1] } })).toEqual({
      g: 3,
      x: 2,
      y: 4,
    });
    expect(await one({ gone: '$nothing', g: 1 })).toEqual({ _id: 1, g: 3 });
  });

  test('$addFields replaces in place and appends', async () => {
    const [result] = await aggregate(
      [{ _id: 1, a: 1, b: { c: 1 }, d: [{ e: 1 }, {}] }],
      [{ $addFields: { a: 'new', 'b.x': '$a', 'd.y': 2, z: { w: 3 } } }],
    );
    expect(result).toEqual({
      _id: 1,
      a: 'new',
      b: { c: 1, x: 1 },
      d: [{ e: 1, y: 2 }, { y: 2 }],
      z: { w: 3 },
    });
    expect(Object.keys(result!)).toEqual(['_id', 'a', 'b', 'd', 'z']);
  });

  test('$count, $sortByCount, $unset, $replaceRoot, $documents', async () => {
    expect(await aggregate(sales, [{ $match: { price: { $lt: 15 } } }, { $count: 'n' }])).toEqual([
      { n: 4 },
    ]);
    expect(await aggregate(sales, [{ $match: { price: 99 } }, { $count: 'n' }])).toEqual([]);
    expect((await aggregate(sales, [{ $sortByCount: '$price' }, { $limit: 1 }]))[0]!.count).toBe(2);
    expect(await aggregate(sales, [{ $limit: 1 }, { $unset: ['price', 'item'] }])).toEqual([
      { _id: 1, quantity: 2 },
    ]);
    expect(await aggregate([{ a: { b: 1 } }], [{ $replaceRoot: { newRoot: '$a' } }])).toEqual([
      { b: 1 },
    ]);
    await expect(
      aggregate([{ a: 1 }], [{ $replaceRoot: { newRoot: '$a' } }]),
    ).rejects.toMatchObject({ code: 40228 });
    expect(await aggregate([], [{ $documents: [{ a: 1 }, { a: 2 }] }, { $skip: 1 }])).toEqual([
      { a: 2 },
    ]);
  });

  test('documents that are there already pass through all stages', async () => {
    const pipeline = parsePipeline(encodeValue([{ $match: { a: 2 } }, { $count: 'n' }]));
    const documents = [1, 2, 2].map((a) => encodeDocument({ a }));
    const root = pipeline.buildOver(() => documents);
    const { engine } = await collectionOf([]);
    expect(await resultsOf(new PlanExecutor(root, engine.latest))).toEqual([{ n: 2 }]);
  });

  test('the front of a pipeline goes into the plan', () => {
    const { front, rest } = parsePipeline(
      encodeValue([
        { $match: { a: 1 } },
        { $sort: { b: 1 } },
        { $skip: 2 },
        { $limit: 3 },
        { $project: { a: 1 } },
      ]),
    );
    expect(front).toMatchObject({ skip: 2, limit: 3 });
    expect(front.filter?.isEmpty).toBe(false);
    expect(front.sort?.paths).toEqual([{ path: 'b', direction: 1 }]);
    expect(rest.map((stage) => stage.name)).toEqual(['$project']);
  });
});

describe('errors before anything runs', () => {
  test.each([
    [[{ $foo: 1 }], 40324, "Unrecognized pipeline stage name: '$foo'"],
    [[{ $lookup: {} }], 9, "must specify 'pipeline' when 'from' is empty"],
    [[{ $match: {}, $limit: 1 }], 40323, 'exactly one field'],
    [[{}], 40323, 'exactly one field'],
    [[1], 14, "Each element of the 'pipeline' array must be an object"],
    [[{ $group: { a: { $sum: 1 } } }], 15955, 'a group specification must include an _id'],
    [[{ $group: { _id: 1, a: 1 } }], 40234, "The field 'a' must be an accumulator object"],
    [[{ $group: { _id: 1, a: { $foo: 1 } } }], 15952, "unknown group operator '$foo'"],
    [[{ $limit: 0 }], 15958, 'the limit must be positive'],
    [[{ $limit: -1 }], 5107201, 'non-negative'],
    [[{ $skip: 'a' }], 5107200, 'number'],
    [[{ $unwind: 'a' }], 28818, "prefixed with a '$'"],
    [[{ $unwind: {} }], 28812, 'no path specified'],
    [[{ $project: {} }], 51272, 'at least one field'],
    [
      [{ $project: { a: 1, b: 0 } }],
      31254,
      'Cannot do exclusion on field b in inclusion projection',
    ],
    [
      [{ $project: { a: 0, b: 1 } }],
      31253,
      'Cannot do inclusion on field b in exclusion projection',
    ],
    [
      [{ $project: { a: { $foo: 1 } } }],
      31325,
      'Invalid $project :: caused by :: Unknown expression $foo',
    ],
    [[{ $group: { _id: { $foo: 1 } } }], 168, "Unrecognized expression '$foo'"],
    [[{ $project: { a: { $eq: [1] } } }], 16020, 'takes exactly 2 arguments. 1 were passed in'],
    [[{ $project: { a: '$$nope' } }], 17276, 'Use of undefined variable: nope'],
    [[{ $project: { a: { $divide: [1, 0] } } }], 2, "can't $divide by zero"],
    [[{ $project: { a: { $toInt: 'x' } } }], 241, "Failed to parse number 'x'"],
    [[{ $project: { a: { $toInt: 2 ** 40 } } }], 241, 'overflow'],
    [[{ $match: 1 }], 15959, 'the match filter must be an expression in an object'],
    [[{ $count: '' }], 40156, 'non-empty string'],
    [[{ $sort: {} }], 15976, 'at least one sort key'],
    [[{ $match: {} }, { $documents: [] }], 40602, 'first stage'],
  ])('%j: %i', (pipeline, code, text) => {
    const error = refused(pipeline);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(text);
  });
});

describe('expressions', () => {
  const document = {
    a: 5,
    s: 'Hello',
    list: [1, 2, 3, 4],
    o: { x: [{ y: 1 }, { y: 2 }, 3] },
    n: null,
    d: new Date('2024-02-29T13:14:15.016Z'),
  };

  test.each<[unknown, unknown]>([
    ['$a', 5],
    ['$o.x.y', [1, 2]],
    ['$nope', undefined],
    [{ $literal: '$a' }, '$a'],
    ['$$ROOT.a', 5],
    [{ $ifNull: ['$n', '$nope', 'x'] }, 'x'],
    [{ $cond: [{ $gt: ['$a', 3] }, 'big', 'small'] }, 'big'],
    // biome-ignore lint/suspicious/noThenProperty: MongoDB's name
    [{ $cond: { if: '$nope', then: 1, else: 2 } }, 2],
    // biome-ignore lint/suspicious/noThenProperty: MongoDB's name
    [{ $switch: { branches: [{ case: { $eq: ['$a', 5] }, then: 'five' }] } }, 'five'],
    [
      {
        $switch: {
          branches: [
            // biome-ignore lint/suspicious/noThenProperty: MongoDB's name
            { case: false, then: { $divide: [1, 0] } },
            // biome-ignore lint/suspicious/noThenProperty: MongoDB's name
            { case: true, then: 'this' },
            // biome-ignore lint/suspicious/noThenProperty: MongoDB's name
            { case: { $gt: [{ $divide: [1, 0] }, 0] }, then: 'that' },
          ],
        },
      },
      'this',
    ],
    [{ $add: ['$a', 1, 2.5] }, 8.5],
    [{ $add: [2 ** 31 - 1, '$a'] }, 2n ** 31n + 4n],
    [{ $add: ['$a', null] }, null],
    [{ $subtract: ['$a', 7] }, -2],
    [{ $multiply: ['$a', 2] }, 10],
    [{ $divide: ['$a', 2] }, 2.5],
    [{ $mod: [-7, 3] }, -1],
    [{ $abs: -3 }, 3],
    [{ $ceil: 1.2 }, 2],
    [{ $floor: -1.2 }, -2],
    [{ $round: [2.5] }, 2],
    [{ $round: [1234, -2] }, 1200],
    [{ $trunc: [-1.57, 1] }, -1.5],
    [{ $pow: ['$a', 2] }, 25],
    [{ $sqrt: 16 }, 4],
    [{ $concat: ['$s', '!'] }, 'Hello!'],
    [{ $concat: ['$s', '$n'] }, null],
    [{ $toUpper: '$s' }, 'HELLO'],
    [{ $toLower: 'ÄB' }, 'Äb'],
    [{ $substrCP: ['añb', 1, 1] }, 'ñ'],
    [{ $strLenCP: 'añb' }, 3],
    [{ $strLenBytes: 'añb' }, 4],
    [{ $size: '$list' }, 4],
    [{ $arrayElemAt: ['$list', -1] }, 4],
    [{ $arrayElemAt: ['$list', 9] }, undefined],
    [{ $in: [3, '$list'] }, true],
    [{ $filter: { input: '$list', cond: { $gt: ['$$this', 2] } } }, [3, 4]],
    [{ $filter: { input: '$list', as: 'n', cond: { $gt: ['$$n', 1] }, limit: 1 } }, [2]],
    [{ $map: { input: '$list', as: 'n', in: { $add: ['$$n', '$a'] } } }, [6, 7, 8, 9]],
    [{ $reduce: { input: '$list', initialValue: 0, in: { $add: ['$$value', '$$this'] } } }, 10],
    [{ $let: { vars: { x: 2 }, in: { $multiply: ['$$x', '$a'] } } }, 10],
    [{ $concatArrays: ['$list', [5]] }, [1, 2, 3, 4, 5]],
    [{ $reverseArray: '$list' }, [4, 3, 2, 1]],
    [{ $type: '$nope' }, 'missing'],
    [{ $isArray: ['$list'] }, true],
    [{ $mergeObjects: [{ a: 1, b: 1 }, { b: 2 }] }, { a: 1, b: 2 }],
    [{ $objectToArray: { a: 1 } }, [{ k: 'a', v: 1 }]],
    [{ $and: [1, '$a'] }, true],
    [{ $or: [0, '$n'] }, false],
    [{ $not: ['$n'] }, true],
    [{ $cmp: ['$a', 'x'] }, -1],
    [{ $gt: ['$nope', null] }, false],
    [{ $max: '$list' }, 4],
    [{ $avg: ['$a', 6] }, 5.5],
    [
      ['$a', '$nope'],
      [5, null],
    ],
    [{ x: '$a', y: '$nope' }, { x: 5 }],
    ['$$NOW', new Date(1_700_000_000_000)],
    [{ $year: '$d' }, 2024],
    [{ $month: { date: '$d', timezone: 'UTC' } }, 2],
    [{ $dayOfYear: '$d' }, 60],
    [{ $week: '$d' }, 8],
    [{ $isoWeek: '$d' }, 9],
    [{ $isoWeekYear: new Date('2021-01-03') }, 2020n],
    [{ $dateToString: { date: '$d' } }, '2024-02-29T13:14:15.016Z'],
    [{ $dateToString: { date: '$d', format: '%d.%m.%Y %H:%M %j %%' } }, '29.02.2024 13:14 060 %'],
    [{ $dateToString: { date: '$nope', onNull: 'none' } }, 'none'],
    [{ $subtract: ['$d', new Date('2024-02-29T13:14:15.000Z')] }, 16n],
    [{ $add: ['$d', 1000] }, new Date('2024-02-29T13:14:16.016Z')],
    [{ $toString: 1.5 }, '1.5'],
    [{ $toString: '$d' }, '2024-02-29T13:14:15.016Z'],
    [{ $toInt: '12' }, 12],
    [{ $toInt: 1.9 }, 1],
    [{ $toLong: '$d' }, BigInt(Date.parse('2024-02-29T13:14:15.016Z'))],
    [{ $toDouble: '1e3' }, 1000],
    [{ $toBool: 'false' }, true],
    [{ $toDate: '2024-02-29' }, new Date('2024-02-29')],
    [{ $toInt: null }, null],
    [
      {
        $setUnion: [
          [3, 1],
          [1, 2],
        ],
      },
      [1, 2, 3],
    ],
    [
      {
        $setIntersection: [
          [3, 1],
          [1, 2],
        ],
      },
      [1],
    ],
    [
      {
        $setDifference: [
          [3, 1],
          [1, 2],
        ],
      },
      [3],
    ],
    [
      {
        $setEquals: [
          [1, 2, 2],
          [2, 1],
        ],
      },
      true,
    ],
    [{ $setIsSubset: [[1], [2, 1]] }, true],
    [{ $anyElementTrue: [[0, 1]] }, true],
    [{ $split: ['a-b-c', '-'] }, ['a', 'b', 'c']],
    [{ $trim: { input: '  a b ' } }, 'a b'],
    [{ $rtrim: { input: 'xaxx', chars: 'x' } }, 'xa'],
    [{ $range: [0, 6, 2] }, [0, 2, 4]],
    [{ $slice: ['$list', 1, 2] }, [2, 3]],
    [{ $slice: ['$list', -2] }, [3, 4]],
    [{ $indexOfArray: ['$list', 3] }, 2],
    [
      {
        $arrayToObject: [
          [
            ['a', 1],
            ['b', 2],
          ],
        ],
      },
      { a: 1, b: 2 },
    ],
    [{ $arrayToObject: [[{ k: 'x', v: 1 }]] }, { x: 1 }],
    [{ $getField: 's' }, 'Hello'],
    [{ $getField: { field: 'x.y', input: { $literal: { 'x.y': 7 } } } }, 7],
  ])('%j', async (expression, expected) => {
    expect(await evaluate(expression, document)).toEqual(expected);
  });
});
