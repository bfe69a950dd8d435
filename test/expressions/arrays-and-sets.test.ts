/** Table tests of the operators of arrays, sets and fields: results, codes and texts. */
import { Decimal128, Double } from 'bson';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeDocument, encodeValue } from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { noVariables, ParseContext, parseExpression, Scope } from '../../src/expressions/index.ts';

function result(expression: unknown, document: Record<string, unknown> = {}): unknown {
  const scope = new Scope(encodeDocument(document), 0);
  const parsed = parseExpression(encodeValue(expression), ParseContext.of(noVariables));
  const value = parsed.evaluate(scope);
  return value && decodeValue(value);
}

function refusal(
  expression: unknown,
  document: Record<string, unknown> = {},
): readonly [number, string] | undefined {
  try {
    result(expression, document);
  } catch (error) {
    if (error instanceof MongoServerError) return [error.code, error.message];
    throw error;
  }
  return undefined;
}

/** An object with `then` is no promise, but lint thinks it might be. */
const branch = (test: unknown) =>
  Object.fromEntries([
    ['case', test],
    ['then', 1],
  ]);
const decimal = (text: string) => new Decimal128(text);
const abc = ['a', 'b', 'c'];
const arrays = 'must be arrays.';
const mixed = '$arrayToObject requires a consistent input format. Elements must';

describe('arrays, sets and fields', () => {
  test.each<[unknown, unknown]>([
    [{ $setDifference: [['c', 'a', 'c', 'b'], ['a']] }, ['c', 'b']],
    [{ $setDifference: [null, ['a']] }, null],
    [
      {
        $setUnion: [
          [3, 1],
          [1, 2],
        ],
      },
      [1, 2, 3],
    ],
    [{ $setUnion: [[1], null, 5] }, null],
    [
      {
        $setIntersection: [
          [1, 2],
          [2, 3],
        ],
      },
      [2],
    ],
    [
      {
        $setEquals: [
          [1, 1, 2],
          [2, 1],
        ],
      },
      true,
    ],
    [{ $setIsSubset: [[1], [2, 1]] }, true],
    [{ $slice: [abc, decimal('2')] }, ['a', 'b']],
    [{ $slice: [abc, -2, 1] }, ['b']],
    [{ $slice: [abc, 1, '$none'] }, null],
    [{ $arrayElemAt: [abc, decimal('-1')] }, 'c'],
    [{ $range: [decimal('0'), 3] }, [0, 1, 2]],
    [{ $range: [-2147483648, -2147483646] }, [-2147483648, -2147483647]],
    [{ $indexOfArray: [abc, 'c', decimal('1.0')] }, 2],
    [{ $filter: { input: abc, cond: true, limit: decimal('1') } }, ['a']],
    [
      {
        $arrayToObject: [
          [
            ['a', 1],
            ['b', 2],
          ],
        ],
      },
      { a: 1, b: 2 },
    ],
    [{ $arrayToObject: [[{ k: 'a', v: 1 }]] }, { a: 1 }],
    [{ $setField: { field: { $literal: '$a' }, input: {}, value: 1 } }, { $a: 1 }],
    [{ $unsetField: { field: 'a', input: { a: 1, b: 2 } } }, { b: 2 }],
  ])('%j is %j', (expression, value) => {
    expect(result(expression)).toEqual(value);
  });

  test.each<[unknown, number, string]>([
    [
      { $setDifference: [1, []] },
      17048,
      `both operands of $setDifference ${arrays} First argument is of type: int`,
    ],
    [
      { $setDifference: [[], 'a'] },
      17049,
      `both operands of $setDifference ${arrays} Second argument is of type: string`,
    ],
    [
      { $setIsSubset: [1, []] },
      17046,
      `both operands of $setIsSubset ${arrays} First argument is of type: int`,
    ],
    [
      { $setIsSubset: [[], null] },
      17042,
      `both operands of $setIsSubset ${arrays} Second argument is of type: null`,
    ],
    [
      { $setUnion: [5, null] },
      17043,
      `All operands of $setUnion ${arrays} One argument is of type: int`,
    ],
    [
      { $setIntersection: [[], 5] },
      17047,
      `All operands of $setIntersection ${arrays} One argument is of type: int`,
    ],
    [{ $setEquals: [[]] }, 17045, '$setEquals needs at least two arguments had: 1'],
    [
      { $setEquals: [[], 5] },
      5887502,
      `All operands of $setEquals ${arrays} One argument is of type: int`,
    ],
    [
      { $setEquals: [[], '$n'] },
      17044,
      `All operands of $setEquals ${arrays} One argument is of type: int`,
    ],
    [{ $anyElementTrue: [5] }, 17041, "$anyElementTrue's argument must be an array, but is int"],
    [{ $allElementsTrue: [5] }, 17040, "$allElementsTrue's argument must be an array, but is int"],
    [{ $slice: [1, 1] }, 28724, 'First argument to $slice must be an array, but is of type: int'],
    [
      { $slice: [abc, 'a'] },
      28725,
      'Second argument to $slice must be a numeric value, but is of type: string',
    ],
    [
      { $slice: [abc, new Double(1.5)] },
      28726,
      "Second argument to $slice can't be represented as a 32-bit integer: 1.5",
    ],
    [
      { $slice: [abc, 1, 'a'] },
      28727,
      'Third argument to $slice must be numeric, but is of type: string',
    ],
    [
      { $slice: [abc, 1, new Double(1.5)] },
      28728,
      "Third argument to $slice can't be represented as a 32-bit integer: 1.5",
    ],
    [{ $slice: [abc, 1, 0] }, 28729, 'Third argument to $slice must be positive: 0'],
    [
      { $range: ['a', 1] },
      34443,
      '$range requires a numeric starting value, found value of type: string',
    ],
    [
      { $range: [new Double(0.5), 1] },
      34444,
      '$range requires a starting value that can be represented as a 32-bit integer, found value: 0.5',
    ],
    [
      { $range: [0, null] },
      34445,
      '$range requires a numeric ending value, found value of type: null',
    ],
    [
      { $range: [0, decimal('NaN')] },
      34446,
      '$range requires an ending value that can be represented as a 32-bit integer, found value: NaN',
    ],
    [
      { $range: [0, 1, 'a'] },
      34447,
      '$range requires a numeric step value, found value of type: string',
    ],
    [
      { $range: [0, 1, new Double(3e9)] },
      34448,
      '$range requires a step value that can be represented as a 32-bit integer, found value: 3000000000.0',
    ],
    [{ $range: [0, 1, 0] }, 34449, '$range requires a non-zero step value'],
    [
      { $indexOfArray: [abc, 'a', 'x'] },
      40096,
      '$indexOfArray requires an integral starting index, found a value of type: string, with value: "x"',
    ],
    [
      { $indexOfArray: [abc, 'a', 0, -1] },
      40097,
      '$indexOfArray requires a nonnegative ending index, found: -1',
    ],
    [
      { $filter: { input: abc, cond: true, limit: new Double(1.5) } },
      327391,
      '$filter: limit must be represented as a 32-bit integral value: 1.5',
    ],
    [
      { $filter: { input: abc, cond: true, limit: 0 } },
      327392,
      '$filter: limit must be greater than 0, found: 0',
    ],
    [{ $arrayToObject: [[1]] }, 40398, 'Unrecognised input type format for $arrayToObject: int'],
    [
      { $arrayToObject: [[['a', 1], { k: 'a', v: 1 }]] },
      40396,
      `${mixed}all be arrays or all be objects. Array was detected, now found: object`,
    ],
    [
      { $arrayToObject: [[{ k: 'a', v: 1 }, ['a', 1]]] },
      40391,
      `${mixed}all be arrays or all be objects. Object was detected, now found: array`,
    ],
    [
      { $arrayToObject: [[['a']]] },
      40397,
      '$arrayToObject requires an array of size 2 arrays,found array of size: 1',
    ],
    [
      { $arrayToObject: [[[1, 1]]] },
      40395,
      '$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: int',
    ],
    [
      { $arrayToObject: [[{ k: 'a' }]] },
      40392,
      "$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:1",
    ],
    [
      { $arrayToObject: [[{ k: 'a', w: 1 }]] },
      40393,
      `$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys from: { k: "a", w: 1 }`,
    ],
    [
      { $arrayToObject: [[{ k: 1, v: 1 }]] },
      40394,
      "$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: int",
    ],
    [{ $arrayToObject: [[['a\0', 1]]] }, 4940400, 'Key field cannot contain an embedded null byte'],
    [
      { $arrayToObject: [[{ k: 'a\0', v: 1 }]] },
      4940401,
      'Key field cannot contain an embedded null byte',
    ],
    [
      { $setField: { field: '$a', input: {}, value: 1 } },
      4161108,
      "'$a' is a field path reference which is not allowed in this context. Did you mean {$literal: '$a'}?",
    ],
    [
      { $setField: { field: ['a'], input: {}, value: 1 } },
      4161106,
      "$setField requires 'field' to evaluate to a constant, but got a non-constant argument",
    ],
    [
      { $switch: { branches: [branch(false)] } },
      40069,
      'One cannot execute a switch statement where all the cases evaluate to false without a default.',
    ],
    [
      { $switch: { branches: [branch('$none')] } },
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    ],
    [
      { $let: { vars: [1], in: 1 } },
      9,
      "'0' starts with an invalid character for a user variable name",
    ],
    [{ $let: { vars: { x: 1 }, in: '$$x.' } }, 40353, "FieldPath must not end with a '.'."],
    [{ $map: { input: [], in: 1, x: 1 } }, 16879, 'Unrecognized parameter to $map: x'],
    [{ $reduce: { x: 1 } }, 40076, '$reduce found an unknown argument: x'],
    [{ $zip: { x: 1 } }, 34464, '$zip found an unknown argument: x'],
    [{ $trim: { x: 1 } }, 50694, '$trim found an unknown argument: x'],
    [{ $replaceOne: { x: 1 } }, 51750, '$replaceOne found an unknown argument: x'],
    [{ $sortArray: { x: 1 } }, 2942501, '$sortArray found an unknown argument: x'],
    [{ $getField: { x: 1 } }, 3041701, '$getField found an unknown argument: x'],
    [{ $setField: { x: 1 } }, 4161101, '$setField found an unknown argument: x'],
  ])('%o is refused with %i', (expression, code, message) => {
    expect(refusal(expression, { n: 5 })).toEqual([code, message]);
  });
});

// A member must not be filled up by an expression that doubles what it has.
test('arrays may be as long as the buffers of MongoDB', () => {
  const doubled = (times: number) => ({
    $size: {
      $reduce: {
        input: { $range: [0, times] },
        initialValue: ['x'.repeat(2 ** 20)],
        in: { $concatArrays: ['$$value', '$$value'] },
      },
    },
  });

  expect(result(doubled(5))).toBe(32);
  expect(refusal(doubled(40))).toEqual([
    13548,
    expect.stringMatching(/^BufBuilder attempted to grow\(\) to \d+ bytes, past the 64MB limit\.$/),
  ]);
});
