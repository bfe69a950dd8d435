/** What a filter is refused with: code and text. */
import { MaxKey } from 'bson';
import { expect, it } from 'vitest';
import type { Fields } from '../query/documents.ts';
import { d, l, n } from './numbers.ts';
import { exact, filterRefusal } from './table.ts';

type Row = readonly [filter: Fields, code: number, message: string];

const unknownTop =
  "If you have a field name that starts with a '$' symbol, consider using $getField or $setField.";

const rows: readonly Row[] = [
  [{ $foo: 1 }, 2, `unknown top level operator: $foo. ${unknownTop}`],
  [{ $gt: 1 }, 2, `unknown top level operator: $gt. ${unknownTop}`],
  [{ $not: { a: 1 } }, 2, `unknown top level operator: $not. ${unknownTop}`],
  [{ a: { $foo: 1 } }, 2, 'unknown operator: $foo'],
  [{ a: { $gt: 1, $foo: 1 } }, 2, 'unknown operator: $foo'],
  [{ a: { $gt: 1, b: 1 } }, 2, 'unknown operator: b'],
  [{ a: { $and: [] } }, 2, 'unknown operator: $and'],
  [{ $and: 1 }, 2, '$and must be an array'],
  [{ $or: {} }, 2, '$or must be an array'],
  [{ $nor: null }, 2, '$nor must be an array'],
  [{ $and: [] }, 2, '$and/$or/$nor must be a nonempty array'],
  [{ $or: [] }, 2, '$and/$or/$nor must be a nonempty array'],
  [{ $nor: [] }, 2, '$and/$or/$nor must be a nonempty array'],
  [{ $and: [1] }, 2, '$or/$and/$nor entries need to be full objects'],
  [{ $or: [{ a: 1 }, null] }, 2, '$or/$and/$nor entries need to be full objects'],
  [{ a: { $in: 1 } }, 2, '$in needs an array'],
  [{ a: { $nin: {} } }, 2, '$nin needs an array'],
  [{ a: { $in: [{ $gt: 1 }] } }, 2, 'cannot nest $ under $in'],
  [{ a: { $nin: [{ $gt: 1 }] } }, 2, 'cannot nest $ under $in'],
  [{ a: { $all: 1 } }, 2, '$all needs an array'],
  [{ a: { $all: [{ $gt: 1 }] } }, 2, 'no $ expressions in $all'],
  [{ a: { $all: [{ $elemMatch: { b: 1 } }, 1] } }, 2, '$all/$elemMatch has to be consistent'],
  [{ a: { $all: [1, { $elemMatch: { b: 1 } }] } }, 2, 'no $ expressions in $all'],
  [{ a: { $elemMatch: 1 } }, 2, '$elemMatch needs an Object'],
  [{ a: { $elemMatch: [] } }, 2, '$elemMatch needs an Object'],
  [{ a: { $size: 'a' } }, 2, 'Failed to parse $size. Expected a number in: $size: "a"'],
  [{ a: { $size: -1 } }, 2, 'Failed to parse $size. Expected a non-negative number in: $size: -1'],
  [{ a: { $size: 1.5 } }, 2, 'Failed to parse $size. Expected an integer: $size: 1.5'],
  [{ a: { $mod: 1 } }, 2, 'malformed mod, needs to be an array'],
  [{ a: { $mod: [] } }, 2, 'malformed mod, not enough elements'],
  [{ a: { $mod: [2] } }, 2, 'malformed mod, not enough elements'],
  [{ a: { $mod: [2, 1, 0] } }, 2, 'malformed mod, too many elements'],
  [{ a: { $mod: [0, 1] } }, 2, 'divisor cannot be 0'],
  [{ a: { $mod: ['a', 1] } }, 2, 'malformed mod, divisor not a number'],
  [{ a: { $mod: [2, 'a'] } }, 2, 'malformed mod, remainder not a number'],
  [
    { a: { $mod: [d(Number.NaN), 1] } },
    2,
    'malformed mod, divisor value is invalid :: caused by :: Unable to coerce NaN/Inf to integral type',
  ],
  [
    { a: { $mod: [2, d(Number.POSITIVE_INFINITY)] } },
    2,
    'malformed mod, remainder value is invalid :: caused by :: Unable to coerce NaN/Inf to integral type',
  ],
  [{ a: { $type: 'foo' } }, 2, 'Unknown type name alias: foo'],
  [{ a: { $type: 99 } }, 2, 'Invalid numerical type code: 99'],
  [{ a: { $type: 0 } }, 2, 'Invalid numerical type code: 0. Instead use {$exists:false}.'],
  [{ a: { $type: 1.5 } }, 2, 'Invalid numerical type code: 1.5'],
  [{ a: { $type: {} } }, 14, 'type must be represented as a number or a string'],
  [{ a: { $type: [] } }, 9, '$type must match at least one type'],
  [{ a: { $not: 1 } }, 2, '$not needs a regex or a document'],
  [{ a: { $not: [] } }, 2, '$not needs a regex or a document'],
  [{ a: { $not: {} } }, 2, '$not cannot be empty'],
  [{ a: { $not: { $foo: 1 } } }, 2, 'unknown operator: $foo'],
  [{ a: { $ne: /a/ } }, 2, "Can't have regex as arg to $ne."],
  [{ a: { $gt: /a/ } }, 2, "Can't have RegEx as arg to predicate over field 'a'."],
  [{ a: { $regex: 1 } }, 2, '$regex has to be a string'],
  [{ a: { $regex: '(' } }, 51091, 'Regular expression is invalid: missing closing parenthesis'],
  [{ a: { $regex: 'a', $options: 1 } }, 2, '$options has to be a string'],
  [{ a: { $options: 'i' } }, 2, '$options needs a $regex'],
  [{ a: { $regex: 'a', $options: 'z' } }, 51108, 'invalid flag in regex options: z'],
  [{ a: { $regex: 'a\0b' } }, 2, 'Regular expression cannot contain an embedded null byte'],
  [{ a: { $options: 's', $regex: /a/i } }, 51074, 'options set in both $regex and $options'],
  [{ a: { $regex: /a/i, $options: 's' } }, 51075, 'options set in both $regex and $options'],
  [
    { a: { $bitsAllSet: 'a' } },
    2,
    '$bitsAllSet takes an Array, a number, or a BinData but received: $bitsAllSet: "a"',
  ],
  [{ a: { $bitsAnySet: -1 } }, 9, 'Expected a non-negative number in: $bitsAnySet: -1'],
  [{ a: { $bitsAllClear: d(1.5) } }, 9, 'Expected an integer: $bitsAllClear: 1.5'],
  [
    { a: { $bitsAnyClear: [-1] } },
    2,
    'Failed to parse bit position. Expected a non-negative number in: 0: -1',
  ],
  [{ $expr: { $foo: 1 } }, 168, "Unrecognized expression '$foo'"],
  [{ a: { $elemMatch: { $expr: 1 } } }, 2, '$expr can only be applied to the top-level document'],
  [{ $jsonSchema: 1 }, 14, '$jsonSchema must be an object'],
  [{ $jsonSchema: { foo: 1 } }, 9, 'Unknown $jsonSchema keyword: foo'],
  [{ $comment: 1, $foo: 1 }, 2, `unknown top level operator: $foo. ${unknownTop}`],
];

it.each(rows.map((row) => [exact(row[0]), ...row] as const))(
  '%s is refused',
  (_, filter, code, message) => {
    expect(filterRefusal(filter)).toEqual([code, message]);
  },
);

/** What looks like a mistake and is none. */
const accepted: readonly Fields[] = [
  { a: { $size: l(1) } },
  { a: { $size: d(1) } },
  { a: { $size: n('1') } },
  { a: { $type: [1, 'string'] } },
  { a: { $type: -1 } },
  { a: { $type: 'number' } },
  { a: { $in: [] } },
  { a: { $in: [/a/] } },
  { a: { $all: [] } },
  { a: { $all: [/a/] } },
  { a: { $not: /a/ } },
  { a: { $not: { $not: { $gt: 1 } } } },
  { a: { $mod: [2.9, 1.9] } },
  { a: { $regex: '' } },
  { a: { $regex: 'a', $options: 'imxs' } },
  { a: { $elemMatch: {} } },
  { a: { $gt: null } },
  { a: { $lt: new MaxKey() } },
  { a: { $exists: 'yes' } },
  { a: {} },
  { '': 1 },
  { 'a..b': 1 },
  { $comment: 'why' },
  { $comment: { because: 1 } },
  { $and: [{}] },
  { a: { b: { $gt: 1 } } },
  { a: { $bitsAllSet: [] } },
];

it.each(accepted.map((filter) => [exact(filter), filter] as const))(
  '%s is accepted',
  (_, filter) => {
    expect(filterRefusal(filter)).toBe('accepted');
  },
);
