import { inspect } from 'node:util';
import { Decimal128, Double } from 'bson';
import { describe, expect, it } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import { applyDelta, type MatchInfo } from '../../src/query/index.ts';
import { type Fields, outcome, updateOf } from './documents.ts';

interface Row {
  readonly update: Fields;
  readonly on: Fields;
  /** The document after it, field order included; 'same' when nothing is modified. */
  readonly gives: Fields | 'same';
  readonly arrayFilters?: Fields[];
  readonly match?: MatchInfo;
}

const rows: readonly Row[] = [
  { update: { $set: { a: 2 } }, on: { _id: 1, a: 1, b: 1 }, gives: { _id: 1, a: 2, b: 1 } },
  { update: { $set: { a: 1 } }, on: { _id: 1, a: 1 }, gives: 'same' },
  { update: { $set: { a: 1n } }, on: { _id: 1, a: 1 }, gives: { _id: 1, a: 1n } },
  { update: { $set: { c: 1, b: 2 } }, on: { _id: 1 }, gives: { _id: 1, b: 2, c: 1 } },
  {
    update: { $set: { 'a.10': 1, 'a.2': 2 } },
    on: { _id: 1, a: { x: 1 } },
    gives: {
      _id: 1,
      a: new Map([
        ['x', 1],
        ['2', 2],
        ['10', 1],
      ]),
    },
  },
  { update: { $set: { 'a.b.c': 1 } }, on: { _id: 1 }, gives: { _id: 1, a: { b: { c: 1 } } } },
  { update: { $set: { 'a.1': 9 } }, on: { a: [1, 2, 3] }, gives: { a: [1, 9, 3] } },
  { update: { $set: { 'a.4': 9 } }, on: { a: [1] }, gives: { a: [1, null, null, null, 9] } },
  { update: { $set: { 'a.0.b': 9 } }, on: { a: [{ b: 1, c: 2 }] }, gives: { a: [{ b: 9, c: 2 }] } },
  { update: { $unset: { a: 1 } }, on: { a: 1, b: 2 }, gives: { b: 2 } },
  { update: { $unset: { 'a.0': 1 } }, on: { a: [1, 2] }, gives: { a: [null, 2] } },
  { update: { $unset: { 'a.0': 1 } }, on: { a: [null, 2] }, gives: 'same' },
  { update: { $unset: { 'a.b': 1 } }, on: { a: 1 }, gives: 'same' },
  { update: { $inc: { a: 2 } }, on: { a: 1 }, gives: { a: 3 } },
  { update: { $inc: { a: 1 } }, on: { a: 2147483647 }, gives: { a: 2147483648n } },
  { update: { $inc: { a: 1.5 } }, on: { a: 1 }, gives: { a: 2.5 } },
  { update: { $inc: { a: 1 } }, on: {}, gives: { a: 1 } },
  { update: { $inc: { 'a.$n': 1 } }, on: { a: { $n: 5 } }, gives: { a: { $n: 6 } } },
  { update: { $set: { 'a.$n': 1 } }, on: { a: { $n: 5, b: 1 } }, gives: { a: { $n: 1, b: 1 } } },
  { update: { $unset: { 'a.$n': 1 } }, on: { a: { $n: 5 } }, gives: { a: {} } },
  {
    update: { $inc: { a: new Decimal128('0.10') } },
    on: { a: new Decimal128('0.20') },
    gives: { a: new Decimal128('0.30') },
  },
  { update: { $mul: { a: 3 } }, on: { a: 2 }, gives: { a: 6 } },
  { update: { $mul: { a: 3 } }, on: {}, gives: { a: 0 } },
  { update: { $mul: { a: 3n } }, on: {}, gives: { a: 0n } },
  { update: { $mul: { a: new Double(3) } }, on: {}, gives: { a: new Double(0) } },
  { update: { $min: { a: 1 } }, on: { a: 2 }, gives: { a: 1 } },
  { update: { $min: { a: 3 } }, on: { a: 2 }, gives: 'same' },
  { update: { $max: { a: 'x' } }, on: { a: 2 }, gives: { a: 'x' } },
  { update: { $push: { a: 1 } }, on: {}, gives: { a: [1] } },
  {
    update: { $push: { a: { $each: [3, 1], $sort: 1 } } },
    on: { a: [2] },
    gives: { a: [1, 2, 3] },
  },
  {
    update: { $push: { a: { $each: [9], $position: 0 } } },
    on: { a: [1, 2] },
    gives: { a: [9, 1, 2] },
  },
  {
    update: { $push: { a: { $each: [9], $position: -1 } } },
    on: { a: [1, 2] },
    gives: { a: [1, 9, 2] },
  },
  {
    update: { $push: { a: { $each: [4, 5], $slice: -3 } } },
    on: { a: [1, 2] },
    gives: { a: [2, 4, 5] },
  },
  {
    update: { $push: { a: { $each: [{ x: 1 }], $sort: { x: -1 } } } },
    on: { a: [{ x: 0 }, { x: 2 }] },
    gives: { a: [{ x: 2 }, { x: 1 }, { x: 0 }] },
  },
  { update: { $addToSet: { a: 1 } }, on: { a: [1] }, gives: 'same' },
  { update: { $addToSet: { a: { $each: [1, 2, 2] } } }, on: { a: [1] }, gives: { a: [1, 2] } },
  { update: { $pop: { a: 1 } }, on: { a: [1, 2] }, gives: { a: [1] } },
  { update: { $pop: { a: -1 } }, on: { a: [1, 2] }, gives: { a: [2] } },
  { update: { $pull: { a: 1 } }, on: { a: [1, 2, 1] }, gives: { a: [2] } },
  { update: { $pull: { a: { $gte: 2 } } }, on: { a: [1, 2, 3] }, gives: { a: [1] } },
  {
    update: { $pull: { a: { b: 1 } } },
    on: { a: [{ b: 1, c: 1 }, { b: 2 }] },
    gives: { a: [{ b: 2 }] },
  },
  { update: { $pullAll: { a: [1, 2] } }, on: { a: [1, 2, 3] }, gives: { a: [3] } },
  { update: { $rename: { a: 'b' } }, on: { a: 1, c: 2 }, gives: { c: 2, b: 1 } },
  { update: { $rename: { a: 'c' } }, on: { a: 1, c: 2 }, gives: { c: 1 } },
  { update: { $rename: { x: 'c' } }, on: { a: 1, c: 2 }, gives: 'same' },
  { update: { $rename: { x: '_id' } }, on: { _id: 1, c: 2 }, gives: 'same' },
  { update: { $rename: { $x: 'c' } }, on: { a: 1, c: 2 }, gives: 'same' },
  { update: { $rename: { $a: 'c' } }, on: { $a: 1, c: 2 }, gives: { c: 1 } },
  { update: { $rename: { a: 'n.b' } }, on: { a: 1 }, gives: { n: { b: 1 } } },
  { update: { $setOnInsert: { b: 1 } }, on: { a: 1 }, gives: 'same' },
  { update: { $bit: { a: { or: 4 } } }, on: { a: 1 }, gives: { a: 5 } },
  { update: { $bit: { a: { and: 4n } } }, on: { a: 5 }, gives: { a: 4n } },
  { update: { $currentDate: { a: true } }, on: {}, gives: { a: new Date(7) }, match: { now: 7 } },
  {
    update: { $set: { 'a.$': 9 } },
    on: { a: [1, 2] },
    gives: { a: [1, 9] },
    match: { position: 1 },
  },
  {
    update: { $set: { 'a.$.b': 9 } },
    on: { a: [{ b: 1 }] },
    gives: { a: [{ b: 9 }] },
    match: { position: 0 },
  },
  { update: { $inc: { 'a.$[]': 1 } }, on: { a: [1, 2] }, gives: { a: [2, 3] } },
  {
    update: { $set: { 'a.$[x].q': 1 } },
    on: { a: [{ g: 1 }, { g: 5 }] },
    gives: { a: [{ g: 1 }, { g: 5, q: 1 }] },
    arrayFilters: [{ 'x.g': { $gt: 2 } }],
  },
  {
    update: { $set: { 'a.$[x]': 0 } },
    on: { a: [1, 5] },
    gives: { a: [1, 0] },
    arrayFilters: [{ x: { $gt: 2 } }],
  },
  {
    update: { $pull: { a: { $all: [1, 2] } } },
    on: {
      a: [
        [1, 2],
        [2, 3],
        [3, 2, 1],
      ],
    },
    gives: { a: [[2, 3]] },
  },
  { update: { $pull: { a: { $gt: 4 } } }, on: { a: [[1, 5], [2], 7] }, gives: { a: [[2]] } },
  { update: { $pull: { a: { $size: 1 } } }, on: { a: [[1, 5], [2]] }, gives: { a: [[1, 5]] } },
  { update: { $inc: { a: 0 } }, on: { a: new Double(-0) }, gives: 'same' },
  { update: { $mul: { a: new Double(-0) } }, on: { a: new Double(-0) }, gives: 'same' },
  { update: { $set: { 'a.$b': 1 } }, on: { a: {} }, gives: { a: { $b: 1 } } },
  { update: { b: 2 }, on: { _id: 1, a: 1 }, gives: { _id: 1, b: 2 } },
  { update: {}, on: { _id: 1, a: 1 }, gives: { _id: 1 } },
];

describe('an update', () => {
  for (const { update, on, gives, arrayFilters, match } of rows) {
    const expected = gives === 'same' ? on : gives;
    it(`${inspect(update, { depth: 5 })} makes ${inspect(on)} ${inspect(gives)}`, () => {
      const before = encodeDocument(on);
      const parsed = updateOf(update, arrayFilters === undefined ? {} : { arrayFilters });
      const result = parsed.apply(before, 0, match);
      expect(result.document).toEqual(encodeDocument(expected));
      expect(result.modified).toBe(gives !== 'same');
      if (result.delta) expect(applyDelta(before, 0, result.delta)).toEqual(result.document);
    });
  }

  it('describes itself in the form of the oplog', () => {
    const before = encodeDocument({
      _id: 1,
      a: 1,
      gone: 2,
      s: { x: 1, y: 'a long text, so that a diff pays' },
      l: [1, 2, 3],
    });
    const update = updateOf({
      $set: { a: 2, n: 3, 's.x': 5 },
      $unset: { gone: 1 },
      $push: { l: 4 },
    });
    const { delta, changedPaths } = update.apply(before, 0);
    expect(JSON.parse(JSON.stringify(decodeDocument(delta!)))).toEqual({
      $v: 2,
      diff: {
        d: { gone: false },
        u: { a: 2 },
        i: { n: 3 },
        ss: { u: { x: 5 } },
        sl: { a: true, u3: 4 },
      },
    });
    expect(changedPaths).toEqual(['a', 'gone', 's.x', 'l', 'n']);
  });
});

const errors: readonly (readonly [Fields, Fields, number, string])[] = [
  [
    { $set: { a: 1 }, $inc: { a: 1 } },
    {},
    40,
    "Updating the path 'a' would create a conflict at 'a'",
  ],
  [{ $set: { a: 1, 'a.b': 1 } }, {}, 40, "Updating the path 'a.b' would create a conflict at 'a'"],
  [
    { $set: { _id: 2 } },
    { _id: 1 },
    66,
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  ],
  [
    { _id: 2 },
    { _id: 1 },
    66,
    "After applying the update, the (immutable) field '_id' was found to have been altered to _id: 2",
  ],
  [{ $set: { 'a.b': 1 } }, { a: 1 }, 28, "Cannot create field 'b' in element {a: 1}"],
  [{ $set: { 'a.b': 1 } }, { a: [1] }, 28, "Cannot create field 'b' in element {a: [ 1 ]}"],
  [{ $inc: { a: 'x' } }, {}, 14, 'Cannot increment with non-numeric argument: {a: "x"}'],
  [
    { $inc: { a: 1 } },
    { _id: 1, a: 'x' },
    14,
    "Cannot apply $inc to a value of non-numeric type. {_id: 1} has the field 'a' of non-numeric type string",
  ],
  [
    { $push: { a: 1 } },
    { _id: 1, a: 2 },
    2,
    "The field 'a' must be an array but is of type int in document {_id: 1}",
  ],
  [{ $pop: { a: 2 } }, {}, 9, '$pop expects 1 or -1, found: 2'],
  [{ $pop: { a: 1 } }, { a: 2 }, 14, "Path 'a' contains an element of non-array type 'int'"],
  [
    { $foo: { a: 2 } },
    {},
    9,
    'Unknown modifier: $foo. Expected a valid update modifier or pipeline-style update specified as an array',
  ],
  [
    { $set: 1 },
    {},
    9,
    'Modifiers operate on fields but we found type int instead. For example: {$mod: {<field>: ...}} not {$set: 1}',
  ],
  [
    { $set: { 'a..b': 1 } },
    {},
    56,
    "The update path 'a..b' contains an empty field name, which is not allowed.",
  ],
  [
    { $set: { 'a.$': 1 } },
    { a: [1] },
    2,
    'The positional operator did not find the match needed from the query.',
  ],
  [
    { $addToSet: { a: { $each: [1], $sort: 1 } } },
    {},
    2,
    'Found unexpected fields after $each in $addToSet: { $each: [ 1 ], $sort: 1 }',
  ],
  [
    { $pop: { 'a.b': 1 } },
    { a: 'x' },
    28,
    'Cannot use the part (b) of (a.b) to traverse the element ({a: "x"})',
  ],
  [
    { $pop: { 'a.b': 1 } },
    { a: [{ b: [1] }] },
    28,
    'Cannot use the part (b) of (a.b) to traverse the element ({a: [ { b: [ 1 ] } ]})',
  ],
  [
    { $rename: { 'a.b': 'c' } },
    { a: 1 },
    28,
    'Cannot use the part (b) of (a.b) to traverse the element ({a: 1})',
  ],
  [
    { $set: { $a: 1 } },
    {},
    52,
    "The dollar ($) prefixed field '$a' in '$a' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.",
  ],
  [
    { a: 1, $set: { b: 1 } },
    {},
    52,
    "The dollar ($) prefixed field '$set' in '$set' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.",
  ],
];

describe('an update is refused', () => {
  for (const [update, on, code, message] of errors) {
    it(`${inspect(update, { depth: 5 })} on ${inspect(on)}: ${code}`, () => {
      const result = outcome(() => updateOf(update).apply(encodeDocument(on), 0));
      expect(result).toEqual({ code, message });
    });
  }
});
