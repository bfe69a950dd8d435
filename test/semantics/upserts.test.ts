/** What an upsert inserts: the equalities of its filter, then its update. Manual: db.collection.update(), Upsert. */
import { expect, it } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import { buildUpsertDocument } from '../../src/query/index.ts';
import { type Fields, filterOf, outcome, updateOf } from '../query/documents.ts';
import { d, i, l, n } from './numbers.ts';
import { exact } from './table.ts';

type Row = readonly [filter: Fields, update: Fields, inserted: Fields];

const rows: readonly Row[] = [
  [{ a: 1 }, { $set: { b: 2 } }, { a: 1, b: 2 }],
  [{ a: { $eq: 1 } }, { $set: { b: 2 } }, { a: 1, b: 2 }],
  [{ a: { $in: [1] } }, { $set: { b: 2 } }, { a: 1, b: 2 }],
  [{ a: { $all: [1] } }, { $set: { b: 2 } }, { a: 1, b: 2 }],
  [{ a: { $in: [1, 2] } }, { $set: { b: 2 } }, { b: 2 }],
  [{ a: { $gt: 1 } }, { $set: { b: 2 } }, { b: 2 }],
  [{ a: { $gte: 1, $lte: 1 } }, { $set: { b: 2 } }, { b: 2 }],
  [{ a: { $ne: 1 } }, { $set: { b: 2 } }, { b: 2 }],
  [{ a: { $not: { $eq: 1 } } }, { $set: { b: 2 } }, { b: 2 }],
  [{ a: { $exists: true } }, { $set: { b: 2 } }, { b: 2 }],
  [{ a: /x/ }, { $set: { b: 2 } }, { b: 2 }],
  [{ a: null }, { $set: { b: 2 } }, { a: null, b: 2 }],
  [{ a: [1, 2] }, { $set: { b: 2 } }, { a: [1, 2], b: 2 }],
  [{ a: { x: 1 } }, { $set: { b: 2 } }, { a: { x: 1 }, b: 2 }],
  [{ 'a.b': 1 }, { $set: { c: 2 } }, { a: { b: 1 }, c: 2 }],
  [{ 'a.b': 1, 'a.c': 2 }, { $set: { d: 3 } }, { a: { b: 1, c: 2 }, d: 3 }],
  [{ 'a.0': 1 }, { $set: { b: 2 } }, { a: { 0: 1 }, b: 2 }],
  [{ $and: [{ a: 1 }, { b: 2 }] }, { $set: { c: 3 } }, { a: 1, b: 2, c: 3 }],
  [{ $or: [{ a: 1 }] }, { $set: { c: 3 } }, { a: 1, c: 3 }],
  [{ $or: [{ a: 1 }, { b: 2 }] }, { $set: { c: 3 } }, { c: 3 }],
  [{ $nor: [{ a: 1 }] }, { $set: { c: 3 } }, { c: 3 }],
  [{ a: { $elemMatch: { $eq: 1 } } }, { $set: { c: 3 } }, { c: 3 }],
  [{ _id: 7 }, { $set: { a: 1 } }, { _id: 7, a: 1 }],
  [{ a: 1, _id: 7 }, { $set: { b: 1 } }, { _id: 7, a: 1, b: 1 }],
  [{ '_id.x': 1 }, { $set: { b: 1 } }, { _id: { x: 1 }, b: 1 }],
  [{ a: 1 }, { $set: { _id: 7 } }, { _id: 7, a: 1 }],
  [{ a: 1 }, { $setOnInsert: { _id: 7, b: 2 } }, { _id: 7, a: 1, b: 2 }],
  [{ a: 1 }, { $set: { a: 2 } }, { a: 2 }],
  [{ a: 1 }, { $inc: { a: 2 } }, { a: 3 }],
  [{ a: l(1) }, { $inc: { a: i(2) } }, { a: l(3) }],
  [{ a: d(1) }, { $inc: { a: i(2) } }, { a: d(3) }],
  [{ a: n('1.0') }, { $inc: { a: i(2) } }, { a: n('3.0') }],
  [{}, { $inc: { a: i(2) } }, { a: 2 }],
  [{}, { $mul: { a: i(2) } }, { a: 0 }],
  [{}, { $mul: { a: l(2) } }, { a: l(0) }],
  [{}, { $mul: { a: d(2) } }, { a: d(0) }],
  [{}, { $min: { a: 5 } }, { a: 5 }],
  [{}, { $max: { a: 5 } }, { a: 5 }],
  [{ a: 9 }, { $min: { a: 5 } }, { a: 5 }],
  [{ a: 9 }, { $max: { a: 5 } }, { a: 9 }],
  [{ a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
  [{ a: 1 }, { $rename: { a: 'b' } }, { b: 1 }],
  [{}, { $push: { a: 1 } }, { a: [1] }],
  [{ a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
  [{}, { $push: { a: { $each: [3, 1], $sort: 1 } } }, { a: [1, 3] }],
  [{}, { $addToSet: { a: { $each: [1, 1] } } }, { a: [1] }],
  [{ a: [1, 2] }, { $pull: { a: 1 } }, { a: [2] }],
  [{ a: [1, 2] }, { $pop: { a: 1 } }, { a: [1] }],
  [{}, { $bit: { a: { or: i(5) } } }, { a: 5 }],
  [{}, { $bit: { a: { and: i(5) } } }, { a: 0 }],
  [{}, { $set: { c: 1, b: 2, a: 3 } }, { a: 3, b: 2, c: 1 }],
  [{ z: 1 }, { $set: { c: 1, b: 2 } }, { z: 1, b: 2, c: 1 }],
  [{ a: 1 }, { b: 2 }, { b: 2 }],
  [{ _id: 7, a: 1 }, { b: 2 }, { _id: 7, b: 2 }],
  [{ a: 1 }, { b: 2, _id: 7 }, { _id: 7, b: 2 }],
  [{ _id: 7 }, { _id: 7, b: 2 }, { _id: 7, b: 2 }],
  [{ _id: 7 }, {}, { _id: 7 }],
];

it.each(rows.map((row) => [exact(row[0]), exact(row[1]), ...row] as const))(
  '%s and %s',
  (_filter, _update, filter, update, inserted) => {
    const document = buildUpsertDocument(filterOf(filter), updateOf(update));
    expect(decodeDocument(document, 0)).toEqual(decodeDocument(encodeDocument(inserted), 0));
    expect(document.toString('hex')).toBe(encodeDocument(inserted).toString('hex'));
  },
);

type Refusal = readonly [filter: Fields, update: Fields, code: number, message: string];

const refusals: readonly Refusal[] = [
  [
    { $and: [{ a: 1 }, { a: 2 }] },
    { $set: { b: 1 } },
    54,
    "cannot infer query fields to set, path 'a' is matched twice",
  ],
  [
    { $and: [{ a: 1 }, { a: 1 }] },
    { $set: { b: 1 } },
    54,
    "cannot infer query fields to set, path 'a' is matched twice",
  ],
  [
    { a: { $all: [1, 2] } },
    { $set: { b: 1 } },
    54,
    "cannot infer query fields to set, path 'a' is matched twice",
  ],
  [
    { a: 1, 'a.b': 2 },
    { $set: { c: 1 } },
    54,
    "cannot infer query fields to set, both paths 'a.b' and 'a' are matched",
  ],
  [
    { _id: 7 },
    { $set: { _id: 8 } },
    66,
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  ],
  [{ a: 1 }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element {a: 1}"],
  [
    { a: 'x' },
    { $push: { a: 1 } },
    2,
    "The field 'a' must be an array but is of type string in document {no id}",
  ],
  [
    { a: 1 },
    { $set: { 'b.$[]': 1 } },
    2,
    "The path 'b' must exist in the document in order to apply array updates.",
  ],
  [
    { a: 1 },
    { $set: { 'a.$': 1 } },
    2,
    'The positional operator did not find the match needed from the query.',
  ],
];

it.each(refusals.map((row) => [exact(row[0]), exact(row[1]), ...row] as const))(
  '%s and %s is refused',
  (_filter, _update, filter, update, code, message) => {
    expect(outcome(() => buildUpsertDocument(filterOf(filter), updateOf(update)))).toEqual({
      code,
      message,
    });
  },
);
