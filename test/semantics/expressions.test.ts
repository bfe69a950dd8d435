/** Numbers, truth and errors of expressions: value and type, or code and text. */
import { expect, it } from 'vitest';
import { decodeValue, encodeDocument, encodeValue, typeAlias } from '../../src/bson/index.ts';
import { noVariables, ParseContext, parseExpression, Scope } from '../../src/expressions/index.ts';
import { outcome } from '../query/documents.ts';
import { d, i, l, n } from './numbers.ts';
import { exact } from './table.ts';

/** The type and the text of what an expression gives on `{a, b}`. */
function given(expression: unknown, a?: unknown, b?: unknown): unknown {
  const fields = { ...(a !== undefined && { a }), ...(b !== undefined && { b }) };
  const scope = new Scope(encodeDocument(fields), 0);
  return outcome(() => {
    const parsed = parseExpression(encodeValue(expression), ParseContext.ofUpdate(noVariables));
    const value = parsed.evaluate(scope);
    return value === undefined
      ? 'missing'
      : `${typeAlias(value.type)} ${String(decodeValue(value))}`;
  });
}

type Row = readonly [expression: unknown, gives: string, a?: unknown];

const rows: readonly Row[] = [
  [{ $acos: '$a' }, 'double 0', i(1)],
  [{ $acos: '$a' }, 'null null', null],
  [{ $acos: '$a' }, 'double NaN', d(Number.NaN)],
  [{ $acosh: '$a' }, 'double 0', l(1)],
  [{ $acosh: '$a' }, 'null null'],
  [{ $asin: '$a' }, 'double 0', i(0)],
  [{ $asinh: '$a' }, 'double 0', d(0)],
  [{ $atan: '$a' }, 'double 0', i(0)],
  [{ $atanh: '$a' }, 'double 0', i(0)],
  [{ $cos: '$a' }, 'double 1', i(0)],
  [{ $cosh: '$a' }, 'double 1', l(0)],
  [{ $sin: '$a' }, 'double 0', i(0)],
  [{ $sinh: '$a' }, 'double 0', i(0)],
  [{ $tan: '$a' }, 'double 0', i(0)],
  [{ $tanh: '$a' }, 'double 0', i(0)],
  [{ $sin: '$a' }, 'null null', null],
  [{ $exp: '$a' }, 'double 1', i(0)],
  [{ $exp: '$a' }, 'double Infinity', i(1000)],
  [{ $exp: '$a' }, 'null null'],
  [{ $ln: '$a' }, 'double 0', i(1)],
  [{ $ln: '$a' }, 'null null', null],
  [{ $log10: '$a' }, 'double 2', i(100)],
  [{ $log10: '$a' }, 'double 3', d(1000)],
  [{ $log: ['$a', 2] }, 'double 3', i(8)],
  [{ $sqrt: '$a' }, 'double 5', i(25)],
  [{ $sqrt: '$a' }, 'double NaN', d(Number.NaN)],
  [{ $abs: '$a' }, 'int 5', i(-5)],
  [{ $abs: '$a' }, 'long 2147483648', i(-(2 ** 31))],
  [{ $abs: '$a' }, 'double 1.5', d(-1.5)],
  [{ $abs: '$a' }, 'decimal 1.50', n('-1.50')],
  [{ $ceil: '$a' }, 'double 2', d(1.1)],
  [{ $ceil: '$a' }, 'int 7', i(7)],
  [{ $floor: '$a' }, 'double -2', d(-1.1)],
  [{ $pow: ['$a', 2] }, 'int 9', i(3)],
  [{ $pow: ['$a', 2] }, 'long 9', l(3)],
  [{ $pow: ['$a', -1] }, 'double 0.5', i(2)],
  [{ $pow: ['$a', 31] }, 'long 2147483648', i(2)],
  [{ $mod: ['$a', 3] }, 'int -1', i(-7)],
  [{ $mod: ['$a', 3] }, 'double 1.5', d(7.5)],
  [{ $divide: ['$a', 2] }, 'double 3.5', i(7)],
  [{ $divide: ['$a', 2] }, 'decimal 3.5', n('7')],
  [{ $subtract: ['$a', 1] }, 'long -2147483649', i(-(2 ** 31))],
  [{ $add: ['$a', 1] }, 'long 2147483648', i(2 ** 31 - 1)],
  [{ $add: ['$a', 1] }, 'decimal 2.10', n('1.10')],
  [{ $multiply: ['$a', 2] }, 'long 4294967294', i(2 ** 31 - 1)],
  [{ $add: ['$a', null] }, 'null null', 1],
  [{ $isNumber: '$a' }, 'bool true', n('NaN')],
  [{ $isNumber: '$a' }, 'bool false', '1'],
  [{ $isNumber: '$a' }, 'bool false'],
  [{ $const: '$a' }, 'string $a', 1],
  [{ $literal: '$a' }, 'string $a', 1],
  [{ $allElementsTrue: ['$a'] }, 'bool true', [true, 1, 'x', []]],
  [{ $allElementsTrue: ['$a'] }, 'bool true', []],
  [{ $allElementsTrue: ['$a'] }, 'bool false', [1, 0]],
  [{ $allElementsTrue: ['$a'] }, 'bool false', [null]],
  [{ $anyElementTrue: ['$a'] }, 'bool false', []],
  [{ $anyElementTrue: ['$a'] }, 'bool false', [0, null, false]],
  [{ $anyElementTrue: ['$a'] }, 'bool true', [0, '']],
  [{ $ltrim: { input: '$a' } }, 'string x ', ' \t\nx '],
  [{ $ltrim: { input: '$a', chars: 'ab' } }, 'string cab', 'abacab'],
  [{ $rtrim: { input: '$a', chars: 'ab' } }, 'string abac', 'abacab'],
  [{ $trim: { input: '$a' } }, 'string x', ' x '],
  [{ $ltrim: { input: '$a' } }, 'null null', null],
  [{ $strLenCP: '$a' }, 'int 1', 'é'],
  [{ $strLenBytes: '$a' }, 'int 2', 'é'],
  [{ $size: '$a' }, 'int 2', [1, [2, 3]]],
  [{ $and: ['$a', '$b'] }, 'bool false', 1],
  [{ $or: ['$a', '$b'] }, 'bool true', 1],
  [{ $not: ['$a'] }, 'bool true', d(0)],
  [{ $not: ['$a'] }, 'bool false', ''],
  [{ $cmp: ['$a', 1] }, 'int 1', 'x'],
  [{ $cmp: ['$a', 1] }, 'int -1'],
  [{ $eq: ['$a', 1] }, 'bool true', n('1.0')],
  [{ $type: '$a' }, 'string missing'],
  [{ $type: '$a' }, 'string decimal', n('1')],
  [{ $cond: ['$a', 1, 2] }, 'int 2'],
  [{ $ifNull: ['$a', '$b', 3] }, 'int 3'],
];

it.each(rows.map((row) => [exact(row[0]), exact(row[2]), ...row] as const))(
  '%s of %s is what it should be',
  (_expression, _a, expression, gives, a) => {
    expect(given(expression, a)).toBe(gives);
  },
);

/** An object with this name written out would pass for a promise. */
const then = 'then';

type Refusal = readonly [expression: unknown, a: unknown, code: number, message: string];

const refusals: readonly Refusal[] = [
  [{ $cos: '$a' }, 'x', 28765, '$cos only supports numeric types, not string'],
  [{ $exp: '$a' }, 'x', 28765, '$exp only supports numeric types, not string'],
  [{ $abs: '$a' }, [], 28765, '$abs only supports numeric types, not array'],
  [{ $abs: '$a' }, l(-(2n ** 63n)), 28680, "can't take $abs of long long min"],
  [{ $ln: '$a' }, i(0), 28766, "$ln's argument must be a positive number, but is 0"],
  [{ $log10: '$a' }, i(-1), 28761, "$log10's argument must be a positive number, but is -1"],
  [{ $log: ['$a', 2] }, i(0), 28758, "$log's argument must be a positive number, but is 0"],
  [
    { $log: ['$a', 1] },
    i(2),
    28759,
    "$log's base must be a positive number not equal to 1, but is 1",
  ],
  [{ $log: ['$a', 2] }, 'x', 28756, "$log's argument must be numeric, not string"],
  [{ $log: [2, '$a'] }, 'x', 28757, "$log's base must be numeric, not string"],
  [{ $pow: ['$a', 2] }, 'x', 28762, "$pow's base must be numeric, not string"],
  [{ $pow: [2, '$a'] }, 'x', 28763, "$pow's exponent must be numeric, not string"],
  [{ $pow: ['$a', -1] }, i(0), 28764, '$pow cannot take a base of 0 and a negative exponent'],
  [{ $sqrt: '$a' }, i(-1), 28714, "$sqrt's argument must be greater than or equal to 0"],
  [{ $divide: ['$a', 0] }, i(1), 2, "can't $divide by zero"],
  [{ $mod: ['$a', 0] }, i(1), 16610, "can't $mod by zero"],
  [{ $mod: ['$a', 2] }, 'x', 16611, '$mod only supports numeric types, not string and int'],
  [{ $add: ['$a', 1] }, 'x', 14, '$add only supports numeric or date types, not string'],
  [{ $multiply: ['$a', 1] }, 'x', 14, '$multiply only supports numeric types, not string'],
  [{ $divide: ['$a', 1] }, 'x', 14, '$divide only supports numeric types, not string and int'],
  [{ $size: '$a' }, i(1), 17124, 'The argument to $size must be an array, but was of type: int'],
  [{ $concat: ['$a', 'x'] }, i(1), 16702, '$concat only supports strings, not int'],
  [{ $concatArrays: ['$a'] }, i(1), 28664, '$concatArrays only supports arrays, not int'],
  [{ $strLenCP: '$a' }, i(1), 34471, '$strLenCP requires a string argument, found: int'],
  [{ $strLenBytes: '$a' }, i(1), 34473, '$strLenBytes requires a string argument, found: int'],
  [{ $ltrim: {} }, 1, 50695, "$ltrim requires an 'input' field"],
  [{ $trim: { input: 'x', y: 1 } }, 1, 50694, '$trim found an unknown argument: y'],
  [
    { $reverseArray: '$a' },
    i(1),
    34435,
    'The argument to $reverseArray must be an array, but was of type: int',
  ],
  [{ $in: [1, '$a'] }, i(1), 40081, '$in requires an array as a second argument, found: int'],
  [
    { $arrayElemAt: ['$a', 0] },
    i(1),
    28689,
    "$arrayElemAt's first argument must be an array, but is int",
  ],
  [
    { $arrayElemAt: ['$a', 'x'] },
    [1],
    28690,
    "$arrayElemAt's second argument must be a numeric value, but is string",
  ],
  [
    { $setUnion: ['$a'] },
    i(1),
    17043,
    'All operands of $setUnion must be arrays. One argument is of type: int',
  ],
  [
    { $setIntersection: ['$a'] },
    i(1),
    17047,
    'All operands of $setIntersection must be arrays. One argument is of type: int',
  ],
  [{ $objectToArray: '$a' }, i(1), 40390, '$objectToArray requires a document input, found: int'],
  [{ $arrayToObject: '$a' }, i(1), 40386, '$arrayToObject requires an array input, found: int'],
  [{ $cond: { if: 1, [then]: 2 } }, 1, 17082, "Missing 'else' parameter to $cond"],
  [{ $cond: { if: 1, else: 2 } }, 1, 17081, "Missing 'then' parameter to $cond"],
  [{ $cond: { [then]: 1, else: 2 } }, 1, 17080, "Missing 'if' parameter to $cond"],
  [{ $cond: { if: 1, [then]: 1, else: 2, x: 1 } }, 1, 17083, 'Unrecognized parameter to $cond: x'],
  [{ $switch: { branches: [] } }, 1, 40068, '$switch requires at least one branch.'],
  [{ $filter: 1 }, 1, 28646, '$filter only supports an object as its argument'],
  [{ $filter: { cond: 1 } }, 1, 28648, "Missing 'input' parameter to $filter"],
  [{ $filter: { input: [] } }, 1, 28650, "Missing 'cond' parameter to $filter"],
  [{ $filter: { input: '$a', cond: 1 } }, i(1), 28651, 'input to $filter must be an array not int'],
  [{ $map: { input: '$a', in: 1 } }, i(1), 16883, 'input to $map must be an array not int'],
  [{ $map: { in: 1 } }, 1, 16880, "Missing 'input' parameter to $map"],
  [{ $map: { input: [] } }, 1, 16882, "Missing 'in' parameter to $map"],
  [{ $reduce: { input: [], in: 1 } }, 1, 40078, "$reduce requires 'initialValue' to be specified"],
  [{ $let: { in: 1 } }, 1, 16876, "Missing 'vars' parameter to $let"],
  [{ $let: { vars: {} } }, 1, 16877, "Missing 'in' parameter to $let"],
  [
    { $split: ['$a', ','] },
    i(1),
    40085,
    '$split requires an expression that evaluates to a string as a first argument, found: int',
  ],
  [{ $split: ['$a', ''] }, 'x', 40087, '$split requires a non-empty separator'],
];

it.each(refusals.map((row) => [exact(row[0]), exact(row[1]), ...row] as const))(
  '%s of %s is refused',
  (_expression, _a, expression, a, code, message) => {
    expect(given(expression, a)).toEqual({ code, message });
  },
);
