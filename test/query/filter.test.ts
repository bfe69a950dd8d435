import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Fields, matches } from './documents.ts';

/** filter, document, does it match? */
type Row = readonly [Fields, Fields, boolean];

const comparisons: readonly Row[] = [
  [{ a: 1 }, { a: 1 }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ a: 1 }, { a: [3, 1] }, true],
  [{ a: 1n }, { a: 1 }, true],
  [{ a: 'x' }, { a: 'x' }, true],
  [{ a: 'x' }, { a: 'xy' }, false],
  [{ 'a.b': 1 }, { a: { b: 1 } }, true],
  [{ 'a.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, true],
  [{ 'a.0': 5 }, { a: [5, 6] }, true],
  [{ 'a.1': 2 }, { a: [5, [2, 4], 3] }, false],
  [{ 'a.1': [2, 4] }, { a: [5, [2, 4], 3] }, true],
  [{ a: null }, {}, true],
  [{ a: null }, { a: null }, true],
  [{ 'a.b': null }, { a: 5 }, true],
  [{ 'a.b': null }, { a: [] }, false],
  [{ 'a.b': null }, { a: [1, 2] }, false],
  [{ 'a.b': null }, { a: [{ b: 1 }, {}] }, true],
  [{ a: { $gt: 1 } }, { a: 2 }, true],
  [{ a: { $gt: 1 } }, { a: 'x' }, false],
  [{ a: { $gt: 1, $lt: 3 } }, { a: 2 }, true],
  [{ a: { $ne: 1 } }, { a: [1, 2] }, false],
  [{ a: { $ne: 1 } }, {}, true],
  [{ $or: [{ a: 1 }, { b: 1 }] }, { b: 1 }, true],
  [{ $nor: [{ a: 1 }, { b: 1 }] }, { b: 2 }, true],
  [{ $and: [{ a: 1 }, { b: 1 }] }, { a: 1, b: 2 }, false],
];

describe('a filter', () => {
  for (const [filter, document, expected] of comparisons) {
    it(`${inspect(filter)} ${expected ? 'matches' : 'does not match'} ${inspect(document)}`, () => {
      expect(matches(filter, document)).toBe(expected);
    });
  }
});
