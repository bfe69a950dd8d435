import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
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

/** Of `{_id: 1, a: {b: 1, c: 2}, l: [{x: 1}, 2], n: 3}`. */
const computedRows: readonly (readonly [Fields, Fields])[] = [
  [{ s: { $add: ['$n', 1] } }, { _id: 1, s: 4 }],
  [
    { n: 1, s: '$a.b' },
    { _id: 1, n: 3, s: 1 },
  ],
  [
    { s: '$a.b', n: 1 },
    { _id: 1, n: 3, s: 1 },
  ],
  [
    { n: '$a.b', a: 1 },
    { _id: 1, a: { b: 1, c: 2 }, n: 1 },
  ],
  [{ s: 'text', _id: 0 }, { s: 'text' }],
  [{ s: null }, { _id: 1, s: null }],
  [{ s: ['$n', 'x', '$nope'] }, { _id: 1, s: [3, 'x', null] }],
  [{ s: { $literal: 1 } }, { _id: 1, s: 1 }],
  [{ s: '$nope' }, { _id: 1 }],
  [{ s: '$$ROOT.n' }, { _id: 1, s: 3 }],
  [{ s: '$$REMOVE' }, { _id: 1 }],
  [{ 'a.d': '$n' }, { _id: 1, a: { d: 3 } }],
  [{ a: { b: 1, d: '$n' } }, { _id: 1, a: { b: 1, d: 3 } }],
  [{ 'new.deep': '$n' }, { _id: 1, new: { deep: 3 } }],
  [{ 'l.y': '$n' }, { _id: 1, l: [{ y: 3 }, { y: 3 }] }],
  [{ 'n.y': '$n' }, { _id: 1, n: { y: 3 } }],
  [{ _id: '$n' }, { _id: 3 }],
  [{ s: { $slice: [[1, 2, 3], 2] } }, { _id: 1, s: [1, 2] }],
  [
    { n: 1, l: { $elemMatch: { $eq: 2 } }, s: '$n' },
    { _id: 1, n: 3, l: [2], s: 3 },
  ],
];

describe('a projection', () => {
  for (const [projection, expected] of rows) {
    it(`${inspect(projection)} keeps ${inspect(expected, { depth: 5 })}`, () => {
      const filter = filterOf({ n: 3 });
      const parsed = parseProjection(encodeDocument(projection), 0, { filter });
      expect(parsed.apply(encodeDocument(on), 0)).toEqual(encodeDocument(expected));
    });
  }

  for (const [projection, expected] of computedRows) {
    it(`${inspect(projection, { depth: 5 })} computes ${inspect(expected, { depth: 5 })}`, () => {
      const document = encodeDocument({ _id: 1, a: { b: 1, c: 2 }, l: [{ x: 1 }, 2], n: 3 });
      const parsed = parseProjection(encodeDocument(projection), 0);
      expect(decodeDocument(parsed.apply(document, 0))).toEqual(expected);
      expect(parsed.apply(document, 0)).toEqual(encodeDocument(expected));
    });
  }

  it('works on after an error', () => {
    const parsed = parseProjection(encodeDocument({ q: { $divide: [1, '$a'] } }), 0);
    expect(outcome(() => parsed.apply(encodeDocument({ a: 0 }), 0))).toMatchObject({ code: 2 });
    expect(decodeDocument(parsed.apply(encodeDocument({ a: 1 }), 0))).toEqual({ q: 1 });
  });

  it('keeps an element in place when it leaves others out', () => {
    const spec = { l: { $elemMatch: { $gt: 1 } }, z: 0 };
    const document = encodeDocument({ a: 1, l: [1, 2], n: 1, z: 1 });
    expect(parseProjection(encodeDocument(spec), 0).apply(document, 0)).toEqual(
      encodeDocument({ a: 1, l: [2], n: 1 }),
    );
  });

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
    [{ a: 0, b: '$c' }, 31310, 'Cannot use an expression b: "$c" in an exclusion projection'],
    [{ a: 0, b: 'text' }, 31310, 'Cannot use an expression b: "text" in an exclusion projection'],
    [
      { a: 0, b: { $add: [1] } },
      31252,
      'Cannot use expression other than $meta in exclusion projection',
    ],
    [{ b: '$c', a: 0 }, 31254, 'Cannot do exclusion on field a in inclusion projection'],
    [{ a: { $nope: 1 } }, 31325, 'Unknown expression $nope'],
    [{ a: '$$nope' }, 17276, 'Use of undefined variable: nope'],
    [{ a: 1, 'a.b': '$c' }, 31249, 'Path collision at a.b remaining portion b'],
    [{ a: { $meta: 'nope' } }, 17308, 'Unsupported argument to $meta: nope'],
    [{ a: { $meta: 1 } }, 17307, '$meta only supports string arguments'],
    [{ 'a.$': 'x' }, 31308, 'positional projection cannot be used with a literal'],
    [
      { 'a.$': { b: 1 } },
      31271,
      'positional projection cannot be used with an expression or sub object',
    ],
    [
      { 'a.$': 1, b: { $elemMatch: { c: 1 } } },
      31255,
      'Cannot specify positional operator and $elemMatch.',
    ],
    [
      { b: { $elemMatch: { c: 1 } }, 'a.$': 1 },
      31256,
      'Cannot specify positional operator and $elemMatch.',
    ],
    [
      { a: { $elemMatch: { b: 1 }, c: 1 } },
      16410,
      "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
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
      'Cannot use $elemMatch projection on a nested field.',
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
