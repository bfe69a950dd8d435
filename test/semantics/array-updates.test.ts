/** The operators that change arrays, with their modifiers and positions. */
import { describe, expect, it } from 'vitest';
import type { Fields } from '../query/documents.ts';
import { exact, type UpdateRun, updated } from './table.ts';

type Row = readonly [update: Fields, before: unknown, after: unknown, run?: UpdateRun];

/** Each row: an update, the field `a` before it and after it. */
const tables: Record<string, readonly Row[]> = {
  $push: [
    [{ $push: { a: 1 } }, undefined, [1]],
    [{ $push: { a: 1 } }, [], [1]],
    [{ $push: { a: 1 } }, [1], [1, 1]],
    [{ $push: { a: [1, 2] } }, [0], [0, [1, 2]]],
    [{ $push: { a: null } }, [0], [0, null]],
    [{ $push: { a: { $each: [1, 2] } } }, [0], [0, 1, 2]],
    [{ $push: { a: { $each: [] } } }, [0], [0]],
    [{ $push: { a: { $each: [] } } }, undefined, []],
    [{ $push: { a: { $each: [[1], [2]] } } }, [], [[1], [2]]],
    [{ $push: { a: { $each: [9], $position: 0 } } }, [1, 2], [9, 1, 2]],
    [{ $push: { a: { $each: [9], $position: 1 } } }, [1, 2], [1, 9, 2]],
    [{ $push: { a: { $each: [9], $position: 2 } } }, [1, 2], [1, 2, 9]],
    [{ $push: { a: { $each: [9], $position: 7 } } }, [1, 2], [1, 2, 9]],
    [{ $push: { a: { $each: [9], $position: -1 } } }, [1, 2], [1, 9, 2]],
    [{ $push: { a: { $each: [9], $position: -2 } } }, [1, 2], [9, 1, 2]],
    [{ $push: { a: { $each: [9], $position: -7 } } }, [1, 2], [9, 1, 2]],
    [{ $push: { a: { $each: [8, 9], $position: -1 } } }, [1, 2], [1, 8, 9, 2]],
    [{ $push: { a: { $each: [3], $slice: 2 } } }, [1, 2], [1, 2]],
    [{ $push: { a: { $each: [3], $slice: -2 } } }, [1, 2], [2, 3]],
    [{ $push: { a: { $each: [3], $slice: 0 } } }, [1, 2], []],
    [{ $push: { a: { $each: [], $slice: -1 } } }, [1, 2], [2]],
    [{ $push: { a: { $each: [3], $slice: 9 } } }, [1, 2], [1, 2, 3]],
    [{ $push: { a: { $each: [3], $slice: -9 } } }, [1, 2], [1, 2, 3]],
    [{ $push: { a: { $each: [2], $sort: 1 } } }, [3, 1], [1, 2, 3]],
    [{ $push: { a: { $each: [2], $sort: -1 } } }, [3, 1], [3, 2, 1]],
    [{ $push: { a: { $each: [], $sort: 1 } } }, [3, 'a', null, 1], [null, 1, 3, 'a']],
    [{ $push: { a: { $each: [2], $sort: -1, $slice: 2 } } }, [3, 1], [3, 2]],
    [{ $push: { a: { $each: [2], $sort: 1, $slice: -2 } } }, [3, 1], [2, 3]],
    [{ $push: { a: { $each: [0], $position: 0, $slice: 2 } } }, [1, 2], [0, 1]],
    [
      { $push: { a: { $each: [{ x: 1 }], $sort: { x: 1 } } } },
      [{ x: 2 }, { x: 0 }],
      [{ x: 0 }, { x: 1 }, { x: 2 }],
    ],
    [
      { $push: { a: { $each: [], $sort: { x: -1, y: 1 } } } },
      [
        { x: 1, y: 2 },
        { x: 2, y: 1 },
        { x: 1, y: 1 },
      ],
      [
        { x: 2, y: 1 },
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ],
    ],
    [
      { $push: { a: { $each: [], $sort: { 'x.y': 1 } } } },
      [{ x: { y: 2 } }, {}, { x: { y: 1 } }],
      [{}, { x: { y: 1 } }, { x: { y: 2 } }],
    ],
    [{ $push: { 'a.b': 1 } }, {}, { b: [1] }],
    [{ $push: { 'a.b': 1 } }, { b: [0] }, { b: [0, 1] }],
    [{ $push: { 'a.0': 1 } }, [[0]], [[0, 1]]],
  ],
  $addToSet: [
    [{ $addToSet: { a: 1 } }, undefined, [1]],
    [{ $addToSet: { a: 1 } }, [1], [1]],
    [{ $addToSet: { a: 2 } }, [1], [1, 2]],
    [{ $addToSet: { a: 1.5 } }, [1], [1, 1.5]],
    [{ $addToSet: { a: { x: 1 } } }, [{ x: 1 }], [{ x: 1 }]],
    [
      { $addToSet: { a: { x: 1, y: 2 } } },
      [{ y: 2, x: 1 }],
      [
        { y: 2, x: 1 },
        { x: 1, y: 2 },
      ],
    ],
    [{ $addToSet: { a: [1, 2] } }, [], [[1, 2]]],
    [{ $addToSet: { a: [1, 2] } }, [[1, 2]], [[1, 2]]],
    [{ $addToSet: { a: { $each: [1, 2, 2, 3] } } }, [2], [2, 1, 3]],
    [{ $addToSet: { a: { $each: [] } } }, [2], [2]],
    [{ $addToSet: { a: { $each: [] } } }, undefined, []],
    [{ $addToSet: { a: { $each: [1, 1] } } }, undefined, [1]],
    [{ $addToSet: { a: null } }, [null], [null]],
    [{ $addToSet: { a: 'a' } }, ['A'], ['A', 'a']],
    [{ $addToSet: { a: 1 } }, [1, 1], [1, 1]],
  ],
  $pop: [
    [{ $pop: { a: 1 } }, [1, 2, 3], [1, 2]],
    [{ $pop: { a: -1 } }, [1, 2, 3], [2, 3]],
    [{ $pop: { a: 1 } }, [1], []],
    [{ $pop: { a: 1 } }, [], []],
    [{ $pop: { a: -1 } }, [], []],
    [{ $pop: { a: 1 } }, undefined, undefined],
    [{ $pop: { 'a.b': 1 } }, { b: [1, 2] }, { b: [1] }],
    [{ $pop: { 'a.0': 1 } }, [[1, 2]], [[1]]],
  ],
  $pull: [
    [{ $pull: { a: 1 } }, [1, 2, 1], [2]],
    [{ $pull: { a: 9 } }, [1, 2], [1, 2]],
    [{ $pull: { a: 1 } }, undefined, undefined],
    [{ $pull: { a: { $gt: 1 } } }, [1, 2, 3], [1]],
    [{ $pull: { a: { $in: [1, 3] } } }, [1, 2, 3], [2]],
    [{ $pull: { a: { $gte: 2, $lte: 3 } } }, [1, 2, 3, 4], [1, 4]],
    [{ $pull: { a: null } }, [null, 1], [1]],
    [{ $pull: { a: [1, 2] } }, [[1, 2], [2, 1], 1], [[2, 1], 1]],
    [{ $pull: { a: { x: 1 } } }, [{ x: 1, y: 2 }, { x: 2 }], [{ x: 2 }]],
    [{ $pull: { a: { x: 1, y: 2 } } }, [{ y: 2, x: 1, z: 3 }, { x: 1 }], [{ x: 1 }]],
    [{ $pull: { a: { x: { $gt: 1 } } } }, [{ x: 1 }, { x: 2 }], [{ x: 1 }]],
    [{ $pull: { a: { 'x.y': 1 } } }, [{ x: { y: 1 } }, { x: 1 }], [{ x: 1 }]],
    [{ $pull: { a: { x: { $elemMatch: { y: 1 } } } } }, [{ x: [{ y: 1 }] }, {}], [{}]],
    [{ $pull: { a: { $elemMatch: { x: 1 } } } }, [[{ x: 1 }], [{ x: 2 }]], [[{ x: 2 }]]],
    [{ $pull: { a: /^b/ } }, ['ab', 'ba'], ['ab']],
    [{ $pull: { a: { $ne: 1 } } }, [1, 2, 1], [1, 1]],
    [{ $pull: { a: { $exists: true } } }, [1, null], []],
    [{ $pull: { a: { $or: [{ x: 1 }, { y: 1 }] } } }, [{ x: 1 }, { y: 1 }, {}], [{}]],
    [{ $pull: { 'a.b': 1 } }, { b: [1, 2] }, { b: [2] }],
  ],
  $pullAll: [
    [{ $pullAll: { a: [1, 2] } }, [1, 2, 3, 1], [3]],
    [{ $pullAll: { a: [] } }, [1], [1]],
    [{ $pullAll: { a: [[1]] } }, [1, [1]], [1]],
    [{ $pullAll: { a: [{ x: 1 }] } }, [{ x: 1 }, { x: 1, y: 1 }], [{ x: 1, y: 1 }]],
    [{ $pullAll: { a: [null] } }, [null, 0], [0]],
    [{ $pullAll: { a: [1] } }, undefined, undefined],
  ],
  'all elements': [
    [{ $inc: { 'a.$[]': 1 } }, [1, 2], [2, 3]],
    [{ $set: { 'a.$[]': 0 } }, [], []],
    [{ $set: { 'a.$[].x': 0 } }, [{ x: 1 }, { y: 1 }], [{ x: 0 }, { y: 1, x: 0 }]],
    [{ $unset: { 'a.$[]': 1 } }, [1, 2], [null, null]],
    [{ $unset: { 'a.$[].x': 1 } }, [{ x: 1, y: 1 }, {}], [{ y: 1 }, {}]],
    [{ $mul: { 'a.$[].$[]': 2 } }, [[1, 2], [3]], [[2, 4], [6]]],
    [{ $push: { 'a.$[]': 1 } }, [[], [0]], [[1], [0, 1]]],
    [{ $max: { 'a.$[]': 2 } }, [1, 3], [2, 3]],
  ],
  'elements an array filter means': [
    [{ $set: { 'a.$[e]': 0 } }, [1, 2, 3], [1, 0, 0], { arrayFilters: [{ e: { $gt: 1 } }] }],
    [{ $set: { 'a.$[e]': 0 } }, [1, 2], [1, 2], { arrayFilters: [{ e: 9 }] }],
    [{ $unset: { 'a.$[e]': 0 } }, [1, 2], [null, 2], { arrayFilters: [{ e: 1 }] }],
    [
      { $set: { 'a.$[e].x': 0 } },
      [
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ],
      [
        { x: 1, y: 1 },
        { x: 0, y: 2 },
      ],
      { arrayFilters: [{ 'e.y': 2 }] },
    ],
    [
      { $inc: { 'a.$[e].x.$[f]': 1 } },
      [{ x: [1, 2], y: 1 }, { x: [1, 2] }],
      [{ x: [1, 3], y: 1 }, { x: [1, 2] }],
      { arrayFilters: [{ 'e.y': 1 }, { f: 2 }] },
    ],
    [
      { $set: { 'a.$[e]': 0 } },
      [1, 2, 3],
      [0, 2, 0],
      { arrayFilters: [{ $or: [{ e: 1 }, { e: 3 }] }] },
    ],
    [
      { $set: { 'a.$[e]': 0 } },
      [1, 2, 3],
      [1, 0, 3],
      { arrayFilters: [{ e: { $gt: 1, $lt: 3 } }] },
    ],
    [{ $set: { 'a.$[e]': 'x' } }, [[1], 1], ['x', 'x'], { arrayFilters: [{ e: 1 }] }],
  ],
  'the element that matched': [
    [{ $set: { 'a.$': 9 } }, [1, 2, 3], [1, 9, 3], { filter: { a: 2 } }],
    [{ $set: { 'a.$': 9 } }, [1, 2, 3], [1, 9, 3], { filter: { a: { $gt: 1 } } }],
    [
      { $set: { 'a.$.x': 9 } },
      [{ x: 1 }, { x: 2 }],
      [{ x: 1 }, { x: 9 }],
      { filter: { 'a.x': 2 } },
    ],
    [
      { $set: { 'a.$.x': 9 } },
      [
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ],
      [
        { x: 1, y: 1 },
        { x: 9, y: 2 },
      ],
      { filter: { a: { $elemMatch: { x: 1, y: 2 } } } },
    ],
    [{ $inc: { 'a.$': 1 } }, [1, 1], [2, 1], { filter: { a: 1 } }],
    [{ $unset: { 'a.$': 1 } }, [1, 2], [1, null], { filter: { a: 2 } }],
    [{ $push: { 'a.$': 1 } }, [[1], [2]], [[1], [2, 1]], { filter: { a: [2] } }],
    [{ $set: { 'a.$': 9 } }, [1, 2], [1, 9], { filter: { a: { $in: [2, 3] } } }],
    [{ $set: { 'a.$': 9 } }, [5, 6], [5, 9], { filter: { $and: [{ a: 6 }] } }],
  ],
};

describe.each(Object.entries(tables))('%s', (_, rows) => {
  it.each(rows.map(([update, before, after, run]) => ({ update, before, after, run })))(
    '$update on $before gives $after',
    ({ update, before, after, run }) => {
      const documentOf = (a: unknown): Fields => (a === undefined ? { _id: 1 } : { _id: 1, a });
      const result = updated(update, documentOf(before), run);
      expect(exact(result)).toBe(exact(documentOf(after)));
    },
  );
});
