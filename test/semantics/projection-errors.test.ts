/** What a projection and a sort are refused with: code and text. */
import { expect, it } from 'vitest';
import type { Fields } from '../query/documents.ts';
import { exact, projectionRefusal, sortRefusal } from './table.ts';

type Row = readonly [specification: Fields, code: number, message: string];

const projections: readonly Row[] = [
  [{ a: 1, b: 0 }, 31254, 'Cannot do exclusion on field b in inclusion projection'],
  [{ a: 0, b: 1 }, 31253, 'Cannot do inclusion on field b in exclusion projection'],
  [{ a: 0, 'b.c': 1 }, 31253, 'Cannot do inclusion on field b.c in exclusion projection'],
  [{ a: 1, b: { c: 0 } }, 31254, 'Cannot do exclusion on field b.c in inclusion projection'],
  [{ a: 1, 'a.b': 1 }, 31249, 'Path collision at a.b remaining portion b'],
  [{ 'a.b': 1, a: 1 }, 31250, 'Path collision at a'],
  [{ a: { b: 1 }, 'a.b': 1 }, 31250, 'Path collision at a.b'],
  [{ a: {} }, 51270, 'An empty sub-projection is not a valid value. Found empty object at path a'],
  [{ '': 1 }, 40352, 'FieldPath cannot be constructed with empty string'],
  [{ 'a.': 1 }, 40353, "FieldPath must not end with a '.'."],
  [{ '.a': 1 }, 15998, 'FieldPath field names may not be empty strings.'],
  [{ 'a..b': 1 }, 15998, 'FieldPath field names may not be empty strings.'],
  [
    { $a: 1 },
    16410,
    "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
  ],
  [
    { 'a.$b': 1 },
    16410,
    "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
  ],
  [{ a: { $foo: 1 } }, 31325, 'Unknown expression $foo'],
  [
    { 'a.$': 1, a: { $slice: 1 } },
    28667,
    'Invalid $slice syntax. The given syntax { $slice: 1 } did not match the find() syntax because :: Location31250: Path collision at a :: The given syntax did not match the expression $slice syntax. :: caused by :: Expression $slice takes at least 2 arguments, and at most 3, but 1 were passed in.',
  ],
  [
    { b: 0, a: { $slice: [1, 0] } },
    31252,
    'Invalid $slice syntax. The given syntax { $slice: [ 1, 0 ] } did not match the find() syntax because :: Location31259: $slice limit must be positive, got 0 :: The given syntax did not match the expression $slice syntax. :: caused by :: Cannot use expression other than $meta in exclusion projection',
  ],
  [
    { a: { $slice: [1] } },
    28667,
    'Invalid $slice syntax. The given syntax { $slice: [ 1 ] } did not match the find() syntax because :: Location31272: $slice array argument should be of form [skip, limit] :: The given syntax did not match the expression $slice syntax. :: caused by :: Expression $slice takes at least 2 arguments, and at most 3, but 1 were passed in.',
  ],
  [
    { b: 0, a: { $slice: ['$b', 1] } },
    31252,
    'Invalid $slice syntax. The given syntax { $slice: [ "$b", 1 ] } did not match the find() syntax because :: Location31257: $slice expects the skip argument to be a number, got string :: The given syntax did not match the expression $slice syntax. :: caused by :: Cannot use expression other than $meta in exclusion projection',
  ],
  [
    { a: { $slice: 'x' } },
    28667,
    'Invalid $slice syntax. The given syntax { $slice: "x" } did not match the find() syntax because :: Location31273: $slice only supports numbers and [skip, limit] arrays :: The given syntax did not match the expression $slice syntax. :: caused by :: Expression $slice takes at least 2 arguments, and at most 3, but 1 were passed in.',
  ],
  [{ a: { $elemMatch: 1 } }, 31274, 'elemMatch: Invalid argument, object required, but got int'],
  [
    { 'a.b': { $elemMatch: { c: 1 } } },
    31275,
    'Cannot use $elemMatch projection on a nested field.',
  ],
  [{ 'a.$': 0 }, 31395, 'positional projection cannot be used with exclusion'],
  [{ 'a.$': 1, 'b.$': 1 }, 31276, 'Cannot specify more than one positional projection per query.'],
  [
    { 'a.$': 1, b: { $elemMatch: { c: 1 } } },
    31255,
    'Cannot specify positional operator and $elemMatch.',
  ],
  [
    { 'a.$.b': 1 },
    31394,
    "As of 4.4, it's illegal to specify positional operator in the middle of a path.Positional projection may only be used at the end, for example: a.b.$. If the query previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.",
  ],
];

it.each(projections.map((row) => [exact(row[0]), ...row] as const))(
  'the projection %s is refused',
  (_, projection, code, message) => {
    expect(projectionRefusal(projection)).toEqual([code, message]);
  },
);

const sorts: readonly Row[] = [
  [{ a: 0 }, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'],
  [{ a: 2 }, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'],
  [{ a: 'x' }, 15974, 'Illegal key in $sort specification: a: "x"'],
  [{ a: true }, 15974, 'Illegal key in $sort specification: a: true'],
  [{ a: null }, 15974, 'Illegal key in $sort specification: a: null'],
  [{ a: {} }, 17312, '$meta is the only expression supported by $sort right now'],
  [{ '': 1 }, 40352, 'FieldPath cannot be constructed with empty string'],
  [{ 'a.': 1 }, 40353, "FieldPath must not end with a '.'."],
  [{ '.a': 1 }, 15998, 'FieldPath field names may not be empty strings.'],
  [{ 'a..b': 1 }, 15998, 'FieldPath field names may not be empty strings.'],
  [
    { $a: 1 },
    16410,
    "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
  ],
  [{ $natural: 2 }, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'],
  [{ $natural: 1, a: 1 }, 2, '$natural sort cannot be set to a value other than -1 or 1.'],
];

it.each(sorts.map((row) => [exact(row[0]), ...row] as const))(
  'the sort %s is refused',
  (_, sort, code, message) => {
    expect(sortRefusal(sort)).toEqual([code, message]);
  },
);
