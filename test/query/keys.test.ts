import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeKeyString, decodeValue, encodeDocument } from '../../src/bson/index.ts';
import {
  buildUpsertDocument,
  distinctValues,
  KeyExtractor,
  parseSort,
} from '../../src/query/index.ts';
import { type Fields, filterOf, outcome, updateOf } from './documents.ts';

type Pattern = Readonly<Record<string, 1 | -1>>;

function keysOf(pattern: Pattern, document: Fields) {
  const fields = Object.entries(pattern).map(([path, direction]) => ({ path, direction }));
  const { keys, multikey } = new KeyExtractor(fields).keys(encodeDocument(document), 0);
  const descending = fields.map((field) => field.direction === -1);
  return {
    keys: keys.map(({ keyString, typeBits }) =>
      decodeKeyString(keyString, typeBits, descending).map(decodeValue),
    ),
    multikey,
  };
}

/** pattern, document, keys in the order of the index, multikey per field */
const rows: readonly (readonly [Pattern, Fields, unknown[][], boolean[]])[] = [
  [{ a: 1 }, { a: 5 }, [[5]], [false]],
  [{ a: 1 }, {}, [[null]], [false]],
  [{ a: 1 }, { a: [3, 1, 3] }, [[1], [3]], [true]],
  [{ a: -1 }, { a: [1, 3] }, [[3], [1]], [true]],
  [{ a: 1 }, { a: [] }, [[undefined]], [true]],
  [{ a: 1 }, { a: [[1, 2]] }, [[[1, 2]]], [true]],
  [{ 'a.b': 1 }, { a: { b: 1 } }, [[1]], [false]],
  [{ 'a.b': 1 }, { a: 5 }, [[null]], [false]],
  [{ 'a.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, [[1], [2]], [true]],
  [{ 'a.b': 1 }, { a: [{ b: 2 }, {}] }, [[null], [2]], [true]],
  [{ 'a.b': 1 }, { a: [] }, [[undefined]], [true]],
  [{ 'a.b': 1 }, { a: [{ b: [1, 2] }, { b: 3 }] }, [[1], [2], [3]], [true]],
  [{ 'a.0': 1 }, { a: [7, 8] }, [[7]], [true]],
  [{ 'a.0.b': 1 }, { a: [{ b: 7 }, { b: 8 }] }, [[7]], [true]],
  [
    { a: 1, b: 1 },
    { a: [1, 2], b: 3 },
    [
      [1, 3],
      [2, 3],
    ],
    [true, false],
  ],
  [
    { a: 1, b: -1 },
    { a: 1, b: [1, 2] },
    [
      [1, 2],
      [1, 1],
    ],
    [false, true],
  ],
  [
    { 'a.b': 1, 'a.c': 1 },
    {
      a: [
        { b: 1, c: 2 },
        { b: 3, c: 4 },
      ],
    },
    [
      [1, 2],
      [3, 4],
    ],
    [true, true],
  ],
  [{ a: 1, 'a.b': 1 }, { a: [{ b: 1 }] }, [[{ b: 1 }, 1]], [true, true]],
];

describe('the keys of an index', () => {
  for (const [pattern, document, keys, multikey] of rows) {
    it(`${inspect(pattern)} of ${inspect(document, { depth: 5 })} are ${inspect(keys)}`, () => {
      expect(JSON.stringify(keysOf(pattern, document))).toBe(JSON.stringify({ keys, multikey }));
    });
  }

  it('are refused for parallel arrays', () => {
    expect(outcome(() => keysOf({ a: 1, b: 1 }, { a: [1], b: [2] }))).toEqual({
      code: 171,
      message: 'cannot index parallel arrays [b] [a]',
    });
  });
});

function sorted(sort: Fields, values: readonly unknown[]): unknown[] {
  const pattern = parseSort(encodeDocument(sort), 0);
  return values
    .map((a) => ({ a, key: pattern.keyOf(encodeDocument(a === undefined ? {} : { a }), 0) }))
    .sort((x, y) => x.key.compare(y.key))
    .map(({ a }) => a);
}

describe('a sort', () => {
  it('orders types as the server does, missing fields as null', () => {
    const ordered = [null, 1, 'a', { x: 1 }, false, new Date(0)];
    expect(sorted({ a: 1 }, [...ordered].reverse())).toEqual(ordered);
    expect(sorted({ a: 1 }, [1, undefined])).toEqual([undefined, 1]);
  });

  it('takes the least element of an array ascending and the greatest descending', () => {
    expect(sorted({ a: 1 }, [3, [2, 9], [1, 4]])).toEqual([[1, 4], [2, 9], 3]);
    expect(sorted({ a: -1 }, [3, [2, 9], [1, 4]])).toEqual([[2, 9], [1, 4], 3]);
    expect(sorted({ a: 1 }, [null, []])).toEqual([[], null]);
  });

  it('says that it is natural', () => {
    const pattern = parseSort(encodeDocument({ $natural: -1 }), 0);
    expect([pattern.isNatural, pattern.natural, pattern.paths]).toEqual([true, -1, []]);
  });

  it.each([
    [{ a: 'x' }, 15974],
    [{ a: 2 }, 15975],
    [{ 'a.': 1 }, 40353],
    [{ a: { $nope: 1 } }, 17312],
    [{ a: { $meta: 'textScore', b: 1 } }, 9],
    [{ a: { $meta: 'sortKey' } }, 31138],
  ])('%j is refused with %j', (sort, code) => {
    expect(outcome(() => parseSort(encodeDocument(sort), 0))).toMatchObject({ code });
  });
});

describe('distinct values', () => {
  it.each([
    ['a', { a: 1 }, [1]],
    ['a', { a: [1, [2], 3] }, [1, [2], 3]],
    ['a', {}, []],
    ['a', { a: [] }, []],
    ['a.b', { a: [{ b: 1 }, { b: [2, 3] }, 4] }, [1, 2, 3]],
    ['a.0', { a: [5, 6] }, [5]],
    ['a.1.b', { a: [{ b: 1 }, { b: 2 }] }, [2]],
  ])('at %s of %j are %j', (path, document, expected) => {
    const found: unknown[] = [];
    distinctValues(path, encodeDocument(document), 0, (value) => found.push(decodeValue(value)));
    expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
  });
});

describe('an upsert', () => {
  const rows: readonly (readonly [Fields, Fields, Fields])[] = [
    [{ a: 1 }, { $set: { b: 2 } }, { a: 1, b: 2 }],
    [{ _id: 5, a: 1 }, { $setOnInsert: { b: 2 } }, { _id: 5, a: 1, b: 2 }],
    [{ a: 1, _id: 5 }, { $inc: { n: 1 } }, { _id: 5, a: 1, n: 1 }],
    [{ a: { $gt: 1 } }, { $set: { b: 2 } }, { b: 2 }],
    [{ a: { $eq: 1 } }, { $set: { a: 2 } }, { a: 2 }],
    [{ $and: [{ a: 1 }, { 'b.c': 2 }] }, { $set: { d: 1 } }, { a: 1, b: { c: 2 }, d: 1 }],
    [{ a: { $in: [1] } }, { $set: { b: 2 } }, { a: 1, b: 2 }],
    [{ a: { $in: [1, 2] } }, { $set: { b: 2 } }, { b: 2 }],
    [{ $or: [{ a: 1 }, { b: 1 }] }, { $set: { c: 2 } }, { c: 2 }],
    [{ a: { $all: [1] } }, { $set: { c: 2 } }, { a: 1, c: 2 }],
    [{ _id: 3, a: 1 }, { b: 1 }, { _id: 3, b: 1 }],
    [{ a: 1 }, { b: 1 }, { b: 1 }],
    [{}, { $set: { _id: 9, a: 1 } }, { _id: 9, a: 1 }],
  ];
  for (const [filter, update, expected] of rows) {
    it(`of ${inspect(filter)} with ${inspect(update)} inserts ${inspect(expected)}`, () => {
      const document = buildUpsertDocument(filterOf(filter), updateOf(update));
      expect(document).toEqual(encodeDocument(expected));
    });
  }

  it('refuses a path that is matched twice', () => {
    const filter = filterOf({ $and: [{ a: 1 }, { a: 2 }] });
    expect(outcome(() => buildUpsertDocument(filter, updateOf({ $set: { b: 1 } })))).toEqual({
      code: 54,
      message: "cannot infer query fields to set, path 'a' is matched twice",
    });
  });
});
