import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { parseProjection } from '../../src/query/index.ts';
import { type Fields, filterOf, outcome } from './documents.ts';

const on = {
  _id: 1,
  a: 1,
  b: { c: 2, d: 3 },
  l: [{ x: 1, y: 2 }, 5, [{ x: 3, y: 4 }]],
  n: [1, 2, 3, 4],
};

const rows: readonly (readonly [Fields, Fields])[] = [
  [{}, on],
  [{ a: 1 }, { _id: 1, a: 1 }],
  [{ a: true, _id: 0 }, { a: 1 }],
  [{ _id: 1 }, { _id: 1 }],
  [{ _id: 0, a: 0, l: 0, n: 0 }, { b: { c: 2, d: 3 } }],
  [
    { n: 1, a: 1 },
    { _id: 1, a: 1, n: [1, 2, 3, 4] },
  ],
  [{ 'b.c': 1 }, { _id: 1, b: { c: 2 } }],
  [{ b: { c: 1 } }, { _id: 1, b: { c: 2 } }],
  [{ 'b.q': 1 }, { _id: 1, b: {} }],
  [{ 'a.q': 1 }, { _id: 1 }],
  [{ 'l.x': 1 }, { _id: 1, l: [{ x: 1 }, [{ x: 3 }]] }],
  [
    { 'l.x': 0, a: 0, b: 0, n: 0 },
    { _id: 1, l: [{ y: 2 }, 5, [{ y: 4 }]] },
  ],
  [
    { n: { $slice: 2 }, a: 1 },
    { _id: 1, a: 1, n: [1, 2] },
  ],
  [
    { n: { $slice: -1 }, a: 1 },
    { _id: 1, a: 1, n: [4] },
  ],
  [
    { n: { $slice: [1, 2] }, a: 1 },
    { _id: 1, a: 1, n: [2, 3] },
  ],
  [
    { n: { $slice: [-3, 2] }, a: 1 },
    { _id: 1, a: 1, n: [2, 3] },
  ],
  [
    { n: { $slice: 1 }, l: 0, b: 0 },
    { _id: 1, a: 1, n: [1] },
  ],
  [{ n: { $slice: 1 } }, { ...on, n: [1] }],
  [
    { n: { $elemMatch: { $gt: 2 } }, a: 1 },
    { _id: 1, a: 1, n: [3] },
  ],
  [{ l: { $elemMatch: { x: 1 } } }, { _id: 1, l: [{ x: 1, y: 2 }] }],
  [{ l: { $elemMatch: { x: 9 } } }, { _id: 1 }],
  [{ 'n.$': 1 }, { _id: 1, n: [3] }],
];

describe('a projection', () => {
  for (const [projection, expected] of rows) {
    it(`${inspect(projection)} keeps ${inspect(expected, { depth: 5 })}`, () => {
      const filter = filterOf({ n: 3 });
      const parsed = parseProjection(encodeDocument(projection), 0, { filter });
      expect(parsed.apply(encodeDocument(on), 0)).toEqual(encodeDocument(expected));
    });
  }

  const errors: readonly (readonly [Fields, number, string])[] = [
    [{ a: 0, b: 1 }, 31253, 'Cannot do inclusion on field b in exclusion projection'],
    [{ a: 1, b: 0 }, 31254, 'Cannot do exclusion on field b in inclusion projection'],
    [{ a: 1, 'a.b': 1 }, 31249, 'Path collision at a.b remaining portion b'],
    [{ 'a.b': 1, a: 1 }, 31250, 'Path collision at a'],
    [
      { 'a.$': 1, 'b.$': 1 },
      31276,
      'Cannot specify more than one positional projection per query.',
    ],
    [
      { a: {} },
      51270,
      'An empty sub-projection is not a valid value. Found empty object at path a',
    ],
    [{ 'a.': 1 }, 40353, "FieldPath must not end with a '.'."],
    [
      { $a: 1 },
      16410,
      "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
    ],
    [
      { 'a.b': { $elemMatch: { c: 1 } } },
      31275,
      'Cannot use $elemMatch projection on a nested field (currently unsupported).',
    ],
  ];
  for (const [projection, code, message] of errors) {
    it(`${inspect(projection)} is refused with ${code}`, () => {
      expect(outcome(() => parseProjection(encodeDocument(projection), 0))).toEqual({
        code,
        message,
      });
    });
  }
});
