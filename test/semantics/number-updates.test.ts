/** $inc, $mul, $min, $max and $bit on numbers of every type: the value and its type. */
import { describe, expect, it } from 'vitest';
import type { Fields } from '../query/documents.ts';
import { d, i, l, maxInt, maxLong, n } from './numbers.ts';
import { exact, updated } from './table.ts';

type Row = readonly [old: unknown, operand: unknown, result: unknown];

const tables: Record<string, readonly Row[]> = {
  $inc: [
    [i(1), i(2), i(3)],
    [i(1), l(2), l(3)],
    [i(1), d(2), d(3)],
    [i(1), n('2'), n('3')],
    [l(1), i(2), l(3)],
    [l(1), l(2), l(3)],
    [l(1), d(2), d(3)],
    [l(1), n('2'), n('3')],
    [d(1), i(2), d(3)],
    [d(1), l(2), d(3)],
    [d(1), d(2), d(3)],
    [d(1), n('2'), n('3.00000000000000')],
    [n('1'), i(2), n('3')],
    [n('1'), l(2), n('3')],
    [n('1'), n('2'), n('3')],
    [n('1.10'), n('2.205'), n('3.305')],
    [i(5), i(-7), i(-2)],
    [i(0), i(0), i(0)],
    [i(maxInt), i(1), l(2 ** 31)],
    [i(-maxInt - 1), i(-1), l(-(2 ** 31) - 1)],
    [i(maxInt), l(0), l(maxInt)],
    [i(maxInt), d(1), d(2 ** 31)],
    [l(maxLong - 1n), i(1), l(maxLong)],
    [l(-maxLong), i(-1), l(-maxLong - 1n)],
    [d(0.1), d(0.2), d(0.30000000000000004)],
    [d(1), d(Number.POSITIVE_INFINITY), d(Number.POSITIVE_INFINITY)],
    [d(Number.POSITIVE_INFINITY), d(Number.NEGATIVE_INFINITY), d(Number.NaN)],
    [d(Number.NaN), i(1), d(Number.NaN)],
    [n('NaN'), i(1), n('NaN')],
    [n('Infinity'), n('-Infinity'), n('NaN')],
    [n('9.999999999999999999999999999999999E+6144'), n('1E+6144'), n('Infinity')],
    [undefined, i(2), i(2)],
    [undefined, l(2), l(2)],
    [undefined, d(2), d(2)],
    [undefined, n('2'), n('2')],
    [undefined, d(-0), d(-0)],
  ],
  $mul: [
    [i(3), i(2), i(6)],
    [i(3), l(2), l(6)],
    [i(3), d(2), d(6)],
    [i(3), n('2'), n('6')],
    [l(3), i(2), l(6)],
    [l(3), l(2), l(6)],
    [l(3), d(2), d(6)],
    [l(3), n('2'), n('6')],
    [d(3), i(2), d(6)],
    [d(3), l(2), d(6)],
    [d(3), d(2), d(6)],
    [n('3'), i(2), n('6')],
    [n('3'), l(2), n('6')],
    [n('1.50'), n('2'), n('3.00')],
    [i(2 ** 30), i(2), l(2 ** 31)],
    [i(-(2 ** 30)), i(4), l(-(2 ** 32))],
    [i(5), i(-1), i(-5)],
    [i(5), i(0), i(0)],
    [d(5), d(-0), d(-0)],
    [i(1), d(1.5), d(1.5)],
    [d(Number.POSITIVE_INFINITY), i(0), d(Number.NaN)],
    [n('Infinity'), i(0), n('NaN')],
    [undefined, i(7), i(0)],
    [undefined, l(7), l(0)],
    [undefined, d(7), d(0)],
    [undefined, n('7'), n('0')],
  ],
  $min: [
    [i(5), i(4), i(4)],
    [i(5), i(6), i(5)],
    [i(5), l(5), i(5)],
    [i(5), d(5), i(5)],
    [i(5), d(4.9), d(4.9)],
    [i(5), n('4.9'), n('4.9')],
    [d(5), l(4), l(4)],
    [i(5), 'a', i(5)],
    ['a', i(5), i(5)],
    ['b', 'a', 'a'],
    ['b', 'c', 'b'],
    ['b', '', ''],
    [i(5), null, null],
    [null, i(5), null],
    [[1], [0], [0]],
    [{ a: 2 }, { a: 1 }, { a: 1 }],
    [true, false, false],
    [new Date(5), new Date(4), new Date(4)],
    [i(5), d(Number.NaN), d(Number.NaN)],
    [d(Number.NaN), i(5), d(Number.NaN)],
    [d(0), d(-0), d(0)],
    [l(2n ** 53n + 1n), d(2 ** 53), d(2 ** 53)],
    [undefined, i(9), i(9)],
    [undefined, null, null],
  ],
  $max: [
    [i(5), i(6), i(6)],
    [i(5), i(4), i(5)],
    [i(5), l(5), i(5)],
    [i(5), d(5.1), d(5.1)],
    [i(5), n('5.1'), n('5.1')],
    [i(5), 'a', 'a'],
    ['a', i(5), 'a'],
    ['a', 'b', 'b'],
    [null, i(5), i(5)],
    [i(5), null, i(5)],
    [[0], [1], [1]],
    [[9], {}, [9]],
    [{}, [9], [9]],
    [false, true, true],
    [new Date(5), new Date(6), new Date(6)],
    [d(Number.NaN), i(5), i(5)],
    [i(5), d(Number.POSITIVE_INFINITY), d(Number.POSITIVE_INFINITY)],
    [d(2 ** 53), l(2n ** 53n + 1n), l(2n ** 53n + 1n)],
    [undefined, i(9), i(9)],
  ],
  $bit: [
    [i(13), { and: i(10) }, i(8)],
    [i(3), { or: i(5) }, i(7)],
    [i(1), { xor: i(5) }, i(4)],
    [i(13), { and: l(10) }, l(8)],
    [l(13), { and: i(10) }, l(8)],
    [l(3), { or: l(2n ** 40n) }, l(2n ** 40n + 3n)],
    [i(-1), { and: i(255) }, i(255)],
    [i(-1), { xor: l(0) }, l(-1)],
    [i(12), { and: i(10), or: i(1) }, i(9)],
    [undefined, { or: i(5) }, i(5)],
    [undefined, { and: i(5) }, i(0)],
    [undefined, { xor: l(5) }, l(5)],
  ],
};

describe.each(Object.entries(tables))('%s', (operator, rows) => {
  it.each(
    rows.map(([old, operand, result]) => [
      exact(old),
      exact(operand),
      exact(result),
      old,
      operand,
      result,
    ]),
  )('of %s by %s is %s', (_old, _operand, _result, old, operand, result) => {
    const document: Fields = old === undefined ? { _id: i(1) } : { _id: i(1), a: old };
    expect(exact(updated({ [operator]: { a: operand } }, document))).toBe(
      exact({ _id: i(1), a: plainNumbers(result) }),
    );
  });
});

/** Numbers written plainly within arrays and documents are of type int. */
function plainNumbers(value: unknown): unknown {
  if (typeof value === 'number') return i(value);
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  ) {
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, plainNumbers(part)]),
    );
  }
  return value;
}
