/** Table tests of expression operators: value, type, code and text. */
import { Binary, Long, Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeDocument, encodeValue } from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { noVariables, ParseContext, parseExpression, Scope } from '../../src/expressions/index.ts';

type Fields = Record<string, unknown>;

function plain(expression: unknown, document: Fields = {}): unknown {
  const scope = new Scope(encodeDocument(document), 0);
  const parsed = parseExpression(encodeValue(expression), ParseContext.of(noVariables));
  const value = parsed.evaluate(scope);
  if (value === undefined) return undefined;
  return { type: value.type, is: JSON.parse(JSON.stringify(decodeValue(value), printed)) };
}

function printed(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function refusal(expression: unknown, document: Fields = {}): { code: number; message: string } {
  try {
    plain(expression, document);
  } catch (error) {
    if (error instanceof MongoServerError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was not refused');
}

const [double, string, object, array, bool, date, nothing, int, long] = [
  1, 2, 3, 4, 8, 9, 10, 16, 18,
];

function shifted(operator: string, from: string | null, unit: string, amount: number): Fields {
  return { [operator]: { startDate: from && new Date(from), unit, amount } };
}

function between(start: string, end: string | null, unit: string, startOfWeek?: string): Fields {
  const dates = { startDate: new Date(start), endDate: end && new Date(end) };
  return { $dateDiff: { ...dates, unit, ...(startOfWeek ? { startOfWeek } : {}) } };
}

function truncated(value: string, unit: string, binSize: number | null = 1): Fields {
  return { $dateTrunc: { date: new Date(value), unit, binSize } };
}

describe('operators', () => {
  test.each<[unknown, number, unknown, Fields?]>([
    [{ $bitAnd: [5, 3] }, int!, 1],
    [{ $bitAnd: [] }, int!, -1],
    [{ $bitOr: [5, 3] }, int!, 7],
    [{ $bitOr: [] }, int!, 0],
    [{ $bitXor: [5, Long.fromNumber(3)] }, long!, '6'],
    [{ $bitXor: [5, null] }, nothing!, null],
    [{ $bitNot: 5 }, int!, -6],
    [{ $bitNot: Long.fromNumber(0) }, long!, '-1'],
    [{ $bitNot: '$nope' }, nothing!, null],
    [{ $bsonSize: { a: 1 } }, int!, 12],
    [{ $bsonSize: '$$ROOT' }, int!, 5],
    [{ $bsonSize: null }, nothing!, null],
    [{ $binarySize: 'äb' }, int!, 3],
    [{ $binarySize: new Binary(Buffer.from([1, 2])) }, int!, 2],
    [{ $strcasecmp: ['abc', 'ABC'] }, int!, 0],
    [{ $strcasecmp: ['a', 'B'] }, int!, -1],
    [{ $strcasecmp: ['b', null] }, int!, 1],
    [{ $substrBytes: ['hello', 1, 3] }, string!, 'ell'],
    [{ $substr: ['hello', 1, -1] }, string!, 'ello'],
    [{ $substrBytes: ['hello', 9, 2] }, string!, ''],
    [{ $substrBytes: [null, 0, 2] }, string!, ''],
    [{ $indexOfBytes: ['äbc', 'b'] }, int!, 2],
    [{ $indexOfCP: ['äbc', 'b'] }, int!, 1],
    [{ $indexOfCP: ['abcabc', 'c', 3] }, int!, 5],
    [{ $indexOfCP: ['abcabc', 'c', 0, 2] }, int!, -1],
    [{ $indexOfBytes: ['abc', ''] }, int!, 0],
    [{ $indexOfBytes: ['abc', 'c', 4] }, int!, -1],
    [{ $indexOfBytes: [null, 'a'] }, nothing!, null],
    [
      { $replaceOne: { input: 'a.a', find: 'a', replacement: { $literal: '$&' } } },
      string!,
      '$&.a',
    ],
    [{ $replaceAll: { input: 'a.a', find: 'a', replacement: 'b' } }, string!, 'b.b'],
    [{ $replaceAll: { input: 'ab', find: '', replacement: '-' } }, string!, '-a-b-'],
    [{ $replaceAll: { input: null, find: 'a', replacement: 'b' } }, nothing!, null],
    [{ $regexMatch: { input: 'Hello', regex: 'hell', options: 'i' } }, bool!, true],
    [{ $regexMatch: { input: 'Hello', regex: /^hell/i } }, bool!, true],
    [{ $regexMatch: { input: null, regex: 'a' } }, bool!, false],
    [
      { $regexFind: { input: 'ä12', regex: '([0-9])(x)?' } },
      object!,
      { match: '1', idx: 1, captures: ['1', null] },
    ],
    [{ $regexFind: { input: 'abc', regex: 'x' } }, nothing!, null],
    [
      { $regexFind: { input: 'xaab', regex: '\\(?(?>a+)(b)' } },
      object!,
      { match: 'aab', idx: 1, captures: ['b'] },
    ],
    [
      { $regexFind: { input: 'äfoobar', regex: 'f(o++)\\Kb(a)' } },
      object!,
      { match: 'ba', idx: 4, captures: ['oo', 'a'] },
    ],
    [
      { $regexFindAll: { input: 'a1b2', regex: '[a-z]\\K[0-9]|x\\K' } },
      array!,
      [
        { match: '1', idx: 1, captures: [] },
        { match: '2', idx: 3, captures: [] },
      ],
    ],
    [
      { $regexFindAll: { input: 'ä1b2', regex: '[0-9]' } },
      array!,
      [
        { match: '1', idx: 1, captures: [] },
        { match: '2', idx: 3, captures: [] },
      ],
    ],
    [{ $regexFindAll: { input: 'ab', regex: 'x' } }, array!, []],
    [{ $regexFindAll: { input: 'a', regex: '' } }, array!, [{ match: '', idx: 0, captures: [] }]],
    [{ $log: [100, 10] }, double!, 2],
    [{ $log: [null, 10] }, nothing!, null],
    [{ $atan2: [0, 1] }, double!, 0],
    [{ $degreesToRadians: 180 }, double!, Math.PI],
    [{ $radiansToDegrees: Math.PI }, double!, 180],
    [
      {
        $zip: {
          inputs: [
            [1, 2],
            ['a', 'b', 'c'],
          ],
        },
      },
      array!,
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      { $zip: { inputs: [[1], ['a', 'b']], useLongestLength: true, defaults: [0, 'z'] } },
      array!,
      [
        [1, 'a'],
        [0, 'b'],
      ],
    ],
    [{ $zip: { inputs: [[1], null] } }, nothing!, null],
    [
      { $setField: { field: { $literal: 'a.b' }, input: { c: 1 }, value: 2 } },
      object!,
      { c: 1, 'a.b': 2 },
    ],
    [{ $setField: { field: 'c', input: { c: 1 }, value: '$$REMOVE' } }, object!, {}],
    [{ $unsetField: { field: 'c', input: { c: 1, d: 1 } } }, object!, { d: 1 }],
    [{ $unsetField: { field: 'c', input: null } }, nothing!, null],
    [{ $sortArray: { input: [3, 1, 2], sortBy: 1 } }, array!, [1, 2, 3]],
    [{ $sortArray: { input: ['a', 1, null], sortBy: -1 } }, array!, ['a', 1, null]],
    [
      {
        $sortArray: { input: [{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 0 }], sortBy: { a: 1, b: -1 } },
      },
      array!,
      [{ a: 0 }, { a: 1, b: 2 }, { a: 1, b: 1 }],
    ],
    [{ $tsSecond: new Timestamp({ t: 7, i: 3 }) }, long!, '7'],
    [{ $tsIncrement: new Timestamp({ t: 7, i: 3 }) }, long!, '3'],
    [{ $convert: { input: '12', to: 'int' } }, int!, 12],
    [{ $convert: { input: '12', to: 18 } }, long!, '12'],
    [{ $convert: { input: 'x', to: 'int', onError: 'bad' } }, string!, 'bad'],
    [{ $convert: { input: null, to: 'int', onNull: 0 } }, int!, 0],
    [{ $convert: { input: null, to: 'int' } }, nothing!, null],
    [{ $convert: { input: 1, to: null } }, nothing!, null],
    [{ $convert: { input: [1], to: 'object', onError: 'bad' } }, string!, 'bad'],
    [shifted('$dateAdd', '2024-01-31', 'month', 1), date!, '2024-02-29T00:00:00.000Z'],
    [shifted('$dateAdd', '2024-02-29', 'year', 1), date!, '2025-02-28T00:00:00.000Z'],
    [shifted('$dateAdd', '2024-01-31', 'quarter', -1), date!, '2023-10-31T00:00:00.000Z'],
    [shifted('$dateSubtract', '2024-03-31', 'month', 1), date!, '2024-02-29T00:00:00.000Z'],
    [shifted('$dateAdd', '2024-01-01', 'week', 2), date!, '2024-01-15T00:00:00.000Z'],
    [shifted('$dateSubtract', '2024-01-01', 'millisecond', 1), date!, '2023-12-31T23:59:59.999Z'],
    [shifted('$dateAdd', null, 'day', 1), nothing!, null],
    [between('2023-12-31T23:59:59Z', '2024-01-01', 'year'), long!, '1'],
    [between('2024-01-01', '2023-12-31', 'quarter'), long!, '-1'],
    [between('2024-01-06', '2024-01-07', 'week'), long!, '1'],
    [between('2024-01-07', '2024-01-08', 'week', 'monday'), long!, '1'],
    [between('2024-01-06', '2024-01-07', 'week', 'Mon'), long!, '0'],
    [between('2024-01-01', '2024-01-02T12:00:00Z', 'hour'), long!, '36'],
    [between('1969-12-31T23:59:59Z', '1970-01-01', 'day'), long!, '1'],
    [between('2024-01-01', null, 'hour'), nothing!, null],
    [truncated('2024-05-17T13:45:10Z', 'month'), date!, '2024-05-01T00:00:00.000Z'],
    [truncated('2024-05-17T13:45:10Z', 'quarter'), date!, '2024-04-01T00:00:00.000Z'],
    [truncated('2024-05-17T13:45:10Z', 'year', 5), date!, '2020-01-01T00:00:00.000Z'],
    [truncated('2024-05-17T13:45:10Z', 'hour', 6), date!, '2024-05-17T12:00:00.000Z'],
    [truncated('2024-05-17T13:45:10Z', 'week'), date!, '2024-05-12T00:00:00.000Z'],
    [truncated('1999-12-31T23:00:00Z', 'day', 2), date!, '1999-12-30T00:00:00.000Z'],
    [truncated('2000-01-01', 'month', null), nothing!, null],
    [{ $getField: { field: '$name', input: { a: 5 } } }, int!, 5, { name: 'a' }],
  ])('%o gives type %i, %o', (expression, type, is, document) => {
    expect(plain(expression, document)).toEqual({ type, is });
  });

  test('$rand gives another double from 0 to 1 each time', () => {
    const values = Array.from({ length: 20 }, () => plain({ $rand: {} }) as { is: number });

    expect(new Set(values.map(({ is }) => is)).size).toBeGreaterThan(1);
    expect(values.every(({ is }) => is >= 0 && is < 1)).toBe(true);
  });

  test.each<[unknown, number, string]>([
    [{ $bitAnd: [1, 1.5] }, 14, '$bitAnd only supports int and long operands.'],
    [{ $bitNot: 'a' }, 28765, '$bitNot only supports int and long, not: string.'],
    [{ $bsonSize: 1 }, 31393, '$bsonSize requires a document input, found: int'],
    [{ $binarySize: 1 }, 51276, '$binarySize requires a string or BinData argument, found: int'],
    [
      { $strcasecmp: ['a'] },
      16020,
      'Expression $strcasecmp takes exactly 2 arguments. 1 were passed in.',
    ],
    [
      { $substrBytes: ['a', 'b', 1] },
      16034,
      '$substrBytes:  starting index must be a numeric type (is BSON type string)',
    ],
    [
      { $substrBytes: ['ä', 1, 1] },
      28656,
      '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.',
    ],
    [
      { $substrBytes: ['ä', 0, 1] },
      28657,
      '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.',
    ],
    [
      { $substrBytes: ['a', -1, 1] },
      50752,
      '$substrBytes: starting index must be non-negative (got: -1)',
    ],
    [
      { $indexOfBytes: [1, 'a'] },
      40091,
      '$indexOfBytes requires a string as the first argument, found: int',
    ],
    [
      { $indexOfCP: ['a', 1] },
      40094,
      '$indexOfCP requires a string as the second argument, found: int',
    ],
    [
      { $indexOfCP: ['a', 'a', 1.5] },
      40096,
      '$indexOfCP requires an integral starting index, found a value of type: double, with value: 1.5',
    ],
    [
      { $indexOfCP: ['a', 'a', -1] },
      40097,
      '$indexOfCP requires a nonnegative starting index, found: -1',
    ],
    [{ $replaceOne: 1 }, 51751, '$replaceOne requires an object as an argument, found: int'],
    [
      { $replaceOne: { input: 'a', find: 'a' } },
      51747,
      "$replaceOne requires 'replacement' to be specified",
    ],
    [
      { $replaceAll: { input: 1, find: 'a', replacement: 'b' } },
      10503904,
      "$replaceAll requires that 'input' be a string, found: int",
    ],
    [{ $regexMatch: 1 }, 51103, '$regexMatch expects an object of named arguments but found: int'],
    [{ $regexMatch: { regex: 'a' } }, 31022, "$regexMatch requires 'input' parameter"],
    [{ $regexMatch: { input: 'a' } }, 31023, "$regexMatch requires 'regex' parameter"],
    [
      { $regexMatch: { input: 1, regex: 'a' } },
      51104,
      "$regexMatch needs 'input' to be of type string",
    ],
    [
      { $regexMatch: { input: 'a', regex: 1 } },
      51105,
      "$regexMatch needs 'regex' to be of type string or regex",
    ],
    [
      { $regexMatch: { input: 'a', regex: 'a', options: 1 } },
      51106,
      "$regexMatch needs 'options' to be of type string",
    ],
    [
      { $regexMatch: { input: 'a', regex: /a/i, options: 'i' } },
      51107,
      "$regexMatch: found regex option(s) specified in both 'regex' and 'option' fields",
    ],
    [
      { $regexMatch: { input: 'a', regex: 'a', options: 'z' } },
      51108,
      '$regexMatch: invalid flag in regex options: z',
    ],
    [{ $log: [0, 10] }, 28758, "$log's argument must be a positive number, but is 0"],
    [{ $log: [2, 1] }, 28759, "$log's base must be a positive number not equal to 1, but is 1"],
    [{ $log: ['a', 10] }, 28756, "$log's argument must be numeric, not string"],
    [{ $zip: { inputs: [1] } }, 34468, '$zip found a non-array expression in input: int'],
    [{ $zip: { inputs: [] } }, 34465, '$zip requires at least one input array'],
    [
      { $zip: { inputs: [[1]], defaults: [0] } },
      34466,
      'cannot specify defaults unless useLongestLength is true',
    ],
    [
      { $setField: { field: 1, input: {}, value: 1 } },
      4161107,
      "$setField requires 'field' to evaluate to type String, but got int",
    ],
    [
      { $setField: { field: 'a', input: 1, value: 1 } },
      4161105,
      "$setField requires 'input' to evaluate to type Object",
    ],
    [
      { $sortArray: { input: 1, sortBy: 1 } },
      2942504,
      'The input argument to $sortArray must be an array, but was of type: int',
    ],
    [
      { $sortArray: { input: [], sortBy: 2 } },
      2942506,
      'The $sort element value must be either 1 or -1',
    ],
    [{ $rand: { a: 1 } }, 3040501, '$rand does not currently accept arguments'],
    [{ $tsSecond: 1 }, 5687301, '$tsSecond requires a timestamp argument, found: int'],
    [
      { $dateAdd: { startDate: 1, unit: 'day', amount: 1 } },
      5166403,
      '$dateAdd requires startDate to be convertible to a date',
    ],
    [
      shifted('$dateAdd', '2024-01-01', 'day', 1.5),
      5166405,
      '$dateAdd expects integer amount of time units',
    ],
    [
      shifted('$dateAdd', '2024-01-01', 'days', 1),
      9,
      "$dateAdd parameter 'unit' value parsing failed :: caused by :: unknown time unit value: days",
    ],
    [
      { $dateAdd: { unit: 'day' } },
      5166402,
      '$dateAdd requires startDate, unit, and amount to be present',
    ],
    [{ $dateDiff: { startDate: 1 } }, 5166304, "Missing 'endDate' parameter to $dateDiff"],
    [
      between('2024-01-01', '2024-01-01', 'week', 'x'),
      5439016,
      "$dateDiff parameter 'startOfWeek' value cannot be recognized as a day of a week: x",
    ],
    [
      { $dateTrunc: { date: 1, unit: 'day' } },
      5166307,
      "$dateTrunc requires 'date' to be a date, but got int",
    ],
    [
      truncated('2024-01-01', 'day', 0),
      5439018,
      "$dateTrunc requires 'binSize' to be greater than 0, but got value 0",
    ],
    [{ $convert: { input: 'x', to: 'nope' } }, 2, 'Unknown type name: nope'],
    [{ $convert: { input: 1 } }, 9, "Missing 'to' parameter to $convert"],
    [
      { $convert: { input: [1], to: 'int' } },
      241,
      'Unsupported conversion from array to int in $convert with no onError value',
    ],
    [
      { $map: { input: [], as: 'ROOT', in: 1 } },
      9,
      "'ROOT' starts with an invalid character for a user variable name",
    ],
  ])('%o is refused with %i', (expression, code, message) => {
    expect(refusal(expression)).toEqual({ code, message });
  });
});
