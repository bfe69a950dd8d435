/** Whether a filter finds a document: operator by operator, over types, arrays, null and missing fields. */
import { Binary, Timestamp } from 'bson';
import { describe, expect, it } from 'vitest';
import { type Fields, matches } from '../query/documents.ts';
import { d, i, l, maxLong, n } from './numbers.ts';
import { exact } from './table.ts';

/** A predicate on `a`, the values it finds, and those it does not; undefined is a missing field. */
type Row = readonly [predicate: unknown, found: readonly unknown[], missed: readonly unknown[]];

const nan = d(Number.NaN);
const infinity = d(Number.POSITIVE_INFINITY);
const bytes = (...list: number[]) => new Binary(Buffer.from(list));

const tables: Readonly<Record<string, readonly Row[]>> = {
  $eq: [
    [
      { $eq: 1 },
      [i(1), l(1), d(1), n('1'), n('1.000'), [1], [0, 1]],
      [d(1.5), true, '1', [[1]], null, undefined],
    ],
    [{ $eq: null }, [null, undefined, [null], [1, null]], [0, false, '', [], {}]],
    [{ $eq: [] }, [[], [[]]], [undefined, null, [null], [1]]],
    [{ $eq: {} }, [{}, [{}]], [undefined, null, [], { b: 1 }]],
    [{ $eq: d(0.1) }, [d(0.1)], [n('0.1'), n('0.10')]],
    [{ $eq: d(0.5) }, [d(0.5), n('0.5'), n('0.50')], [n('0.5000000000000000000000000000000001')]],
    [
      { $eq: l(2n ** 53n + 1n) },
      [l(2n ** 53n + 1n), n('9007199254740993')],
      [d(2 ** 53), l(2n ** 53n)],
    ],
    [{ $eq: d(-0) }, [i(0), d(0), n('-0'), n('0E+10')], [d(5e-324)]],
    [{ $eq: infinity }, [infinity, n('Infinity')], [d(Number.MAX_VALUE), n('9E+6144')]],
    [{ $eq: bytes(1, 2) }, [bytes(1, 2)], [bytes(1), new Binary(Buffer.from([1, 2]), 5)]],
    [{ $eq: new Date(0) }, [new Date(0)], [Timestamp.fromBits(0, 0), 0]],
  ],
  $ne: [
    [{ $ne: 1 }, [2, null, undefined, [], [2], '1', true], [i(1), d(1), n('1'), [1], [1, 2]]],
    [{ $ne: null }, [0, '', false, [], {}], [null, undefined, [null], [1, null]]],
    [{ $ne: nan }, [1, n('1')], [nan, n('NaN'), [nan]]],
  ],
  $gt: [
    [
      { $gt: 1 },
      [i(2), d(1.5), n('1.1'), infinity, [0, 2]],
      [i(1), nan, '2', null, undefined, true, [0, 1]],
    ],
    [{ $gt: l(2n ** 53n) }, [l(2n ** 53n + 1n), n('9007199254740992.5')], [d(2 ** 53)]],
    [{ $gt: nan }, [], [nan, 1, infinity]],
    [{ $gt: null }, [], [null, undefined, 0]],
    [{ $gt: 'a' }, ['b', 'aa'], ['a', 'A', '', 1]],
    [{ $gt: {} }, [{ a: 1 }], [{}, [], 1]],
    [{ $gt: false }, [true], [false, 1]],
    [{ $gt: [1] }, [[2], [1, 0]], [[1], [0, 9], 2]],
    [{ $gt: new Date(0) }, [new Date(1)], [new Date(0), Timestamp.fromBits(1, 1)]],
  ],
  $gte: [
    [{ $gte: 1 }, [1, d(1), n('1.0'), 2, [0, 1]], [0, '1', nan, null]],
    [{ $gte: null }, [null, undefined, [null]], [0, [], '']],
    [{ $gte: nan }, [nan, n('NaN')], [1, infinity]],
    [{ $gte: true }, [true], [false, 1]],
    [{ $gte: bytes(1, 2) }, [bytes(1, 2), bytes(1, 3), bytes(0, 0, 0)], [bytes(9), bytes(1, 1)]],
  ],
  $lt: [
    [
      { $lt: 1 },
      [0, d(0.5), n('-1'), d(Number.NEGATIVE_INFINITY), [5, 0]],
      [1, nan, '0', null, undefined],
    ],
    [{ $lt: n('0.1') }, [d(0.09), n('0.0999')], [d(0.1), n('0.10')]],
    [{ $lt: l(-maxLong) }, [l(-maxLong - 1n), d(-(2 ** 64))], [l(-maxLong)]],
    [{ $lt: 'b' }, ['a', '', 'B'], ['b', 'c', 1]],
    [{ $lt: nan }, [], [nan, 0]],
  ],
  $lte: [
    [{ $lte: 1 }, [1, n('1'), 0, [9, 1]], [d(1.1), nan, null]],
    [{ $lte: nan }, [nan, n('NaN')], [0]],
    [{ $lte: null }, [null, undefined], [0]],
    [{ $lte: infinity }, [infinity, 0, n('Infinity')], [nan, null]],
  ],
  $in: [
    [{ $in: [1, 'a'] }, [d(1), 'a', ['a'], [2, 1]], [2, 'b', undefined, [[1]]]],
    [{ $in: [null] }, [null, undefined, [null]], [0, []]],
    [{ $in: [[]] }, [[], [[]]], [undefined, [1]]],
    [
      { $in: [[1, 2]] },
      [[1, 2], [[1, 2]]],
      [
        [2, 1],
        [1, 2, 3],
      ],
    ],
    [{ $in: [/^a/, 1] }, ['ab', 1, ['x', 'a']], ['ba', 2]],
    [{ $in: [] }, [], [1, null, undefined]],
    [{ $in: [nan] }, [nan, n('NaN')], [0]],
  ],
  $nin: [
    [{ $nin: [1, 'a'] }, [2, undefined, null, []], [1, 'a', [3, 1]]],
    [{ $nin: [null] }, [0, []], [null, undefined, [null]]],
    [{ $nin: [] }, [1, null, undefined], []],
    [{ $nin: [/^a/] }, ['ba', 1], ['ab']],
  ],
  $exists: [
    [{ $exists: true }, [null, 0, [], ''], [undefined]],
    [{ $exists: false }, [undefined], [null, 0, []]],
    [{ $exists: d(0) }, [undefined], [null]],
    [{ $exists: n('0') }, [undefined], [null]],
    [{ $exists: n('0.5') }, [1], [undefined]],
    [{ $exists: null }, [undefined], [1]],
    [{ $exists: '' }, [1], [undefined]],
    [{ $exists: {} }, [1], [undefined]],
  ],
  $size: [
    [{ $size: 0 }, [[]], [undefined, null, {}, [1], '']],
    [
      { $size: 2 },
      [
        [1, 2],
        [[], []],
      ],
      [[1], [[1, 2]], { length: 2 }],
    ],
    [{ $size: l(1) }, [[1]], [[]]],
    [{ $size: d(1) }, [[null]], [[]]],
  ],
  $all: [
    [
      { $all: [1, 2] },
      [
        [1, 2],
        [2, 3, 1],
      ],
      [[1], 1, [[1, 2]]],
    ],
    [{ $all: [1] }, [1, [1], [0, 1]], [2, [[1]]]],
    [
      { $all: [[1, 2]] },
      [
        [1, 2],
        [[1, 2], 3],
      ],
      [[2, 1]],
    ],
    [{ $all: [null] }, [null, undefined, [null]], [1, []]],
    [{ $all: [] }, [], [[], 1, undefined]],
    [{ $all: [/a/, /b/] }, ['ab', ['a', 'b']], ['a', ['a']]],
    [
      { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { y: 1 } }] },
      [[{ x: 1 }, { y: 1 }]],
      [[{ x: 1 }]],
    ],
  ],
  $elemMatch: [
    [{ $elemMatch: { $gte: 2, $lt: 4 } }, [[1, 3], [d(2)]], [[1, 5], 3, [[3]]]],
    [{ $elemMatch: { x: 1, y: 2 } }, [[{ x: 1, y: 2 }]], [[{ x: 1 }, { y: 2 }], { x: 1, y: 2 }]],
    [{ $elemMatch: { x: { $exists: false } } }, [[{}], [{ y: 1 }]], [[{ x: 1 }], [1], []]],
    [{ $elemMatch: { $eq: null } }, [[null]], [[], null, undefined]],
    [{ $elemMatch: { $ne: 1 } }, [[2], [1, 2]], [[1], [], 2]],
    [{ $elemMatch: { $nin: [1] } }, [[1, 2]], [[1], []]],
    [{ $elemMatch: { $regex: '^a' } }, [['b', 'ab']], [['b'], 'ab']],
    [{ $elemMatch: { $not: { $gte: 2 } } }, [[1, 9], ['x']], [[2, 3], []]],
  ],
  $type: [
    [{ $type: 'number' }, [i(1), l(1), d(1), n('1'), ['x', 1]], ['1', null, [], undefined]],
    [{ $type: 'null' }, [null, [null]], [undefined, 0]],
    [{ $type: ['string', 'bool'] }, ['x', true, [false]], [1]],
    [{ $type: 'array' }, [[], [1], [[]]], [1, undefined]],
    [{ $type: 2 }, ['x', ['x']], [1]],
  ],
  $mod: [
    [
      { $mod: [4, 0] },
      [0, 4, l(8), d(4.9), n('8.7'), [3, 4]],
      [2, '4', null, undefined, nan, infinity],
    ],
    [{ $mod: [4, -1] }, [-1, -5, d(-5.5)], [3, 1]],
    [{ $mod: [-4, 1] }, [1, 5], [-1, -3]],
    [{ $mod: [4, 1] }, [5], [-3]],
    [{ $mod: [d(2.9), d(1.9)] }, [1, 3], [2]],
    [{ $mod: [l(2n ** 40n), 1] }, [l(2n ** 40n + 1n), d(2 ** 40 + 1)], [2]],
  ],
  $not: [
    [{ $not: { $gt: 1 } }, [1, 0, 'x', null, undefined, [], [0, 1]], [2, [0, 2]]],
    [{ $not: { $exists: true } }, [undefined], [null]],
    [{ $not: /^a/ }, ['b', 1, undefined], ['a', ['b', 'a']]],
    [{ $not: { $size: 1 } }, [[], [1, 2], 1], [[1]]],
    [{ $not: { $not: { $eq: 1 } } }, [1, [1]], [2, undefined]],
    [{ $not: { $gt: 1, $lt: 5 } }, [1, 5, undefined], [3]],
  ],
  $regex: [
    [{ $regex: '^a' }, ['a', 'ab', ['b', 'a']], ['A', 'ba', 1, null, undefined]],
    [{ $regex: 'A', $options: 'i' }, ['a', 'bAb'], ['b']],
    [{ $regex: '^b', $options: 'm' }, ['a\nb'], ['ab']],
    [{ $regex: 'a.b', $options: 's' }, ['a\nb', 'axb'], ['ab']],
    [{ $regex: 'a b # c', $options: 'x' }, ['ab'], ['a b']],
    [{ $regex: 'a.b' }, ['axb'], ['a\nb']],
    [{ $regex: '(?i)A' }, ['a'], ['b']],
    [/^a$/, ['a', ['a']], ['ab']],
  ],
  bits: [
    [
      { $bitsAllSet: 5 },
      [i(5), i(7), l(13), d(5), n('5'), i(-1)],
      [i(4), d(5.5), n('5.5'), '5', null, undefined],
    ],
    [{ $bitsAllSet: [0, 2] }, [5, 7], [1]],
    [{ $bitsAllSet: bytes(5) }, [5, bytes(5), bytes(7, 1)], [4, bytes(4)]],
    [{ $bitsAllSet: [200] }, [i(-1), l(-5)], [i(1), l(maxLong)]],
    [{ $bitsAnySet: 6 }, [2, 4, 7], [1, 8, nan]],
    [{ $bitsAnySet: [] }, [], [1, 0]],
    [{ $bitsAllClear: 6 }, [1, 8, 0, bytes(1), bytes()], [2, 6, 7, '0']],
    [{ $bitsAllClear: [] }, [1, 0, bytes(9)], ['x']],
    [{ $bitsAnyClear: 6 }, [1, 2, 4, 0], [6, 7, -1]],
    [{ $bitsAnyClear: [100] }, [1, bytes(255)], [-1]],
    [{ $bitsAnySet: 1 }, [[0, 3]], [[0, 2], infinity, d(1e300)]],
  ],
};

describe.each(Object.entries(tables))('%s', (_, rows) => {
  it.each(rows.map((row) => [exact(row[0]), ...row] as const))(
    '%s finds what it should, and nothing else',
    (_name, predicate, found, missed) => {
      const finds = (a: unknown) =>
        matches({ a: predicate } as Fields, a === undefined ? {} : { a });
      expect(found.filter((a) => !finds(a)).map(exact)).toEqual([]);
      expect(missed.filter(finds).map(exact)).toEqual([]);
    },
  );
});
