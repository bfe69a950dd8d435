/** How numbers, dates and the like become text, and the bounds of parts of text. */
import { Code, Timestamp } from 'bson';
import { expect, it } from 'vitest';
import { given } from './given.ts';
import { d, i, l, maxLong, n } from './numbers.ts';
import { exact } from './table.ts';

type Row = readonly [expression: unknown, gives: string, a?: unknown];

const rows: readonly Row[] = [
  // Conversions keep every digit.
  [{ $toString: '$a' }, 'string 1e+16', d(1e16)],
  [{ $toString: '$a' }, 'string 1000000000000000', d(1e15)],
  [{ $toString: '$a' }, 'string 9e-05', d(9e-5)],
  [{ $toString: '$a' }, 'string 0.0001', d(1e-4)],
  [{ $toString: '$a' }, 'string 1.7976931348623157e+308', d(Number.MAX_VALUE)],
  [{ $toString: '$a' }, 'string 5e-324', d(5e-324)],
  [{ $toString: '$a' }, 'string -1.2345678901234567e+20', d(-123456789012345670000)],
  [{ $toString: '$a' }, 'string -0', d(-0)],
  [{ $toString: '$a' }, 'string Infinity', d(Number.POSITIVE_INFINITY)],
  [{ $toString: '$a' }, 'string 0E+3', n('0E+3')],
  // String operators write six digits.
  [{ $toLower: '$a' }, 'string 123457', d(123456.789)],
  [{ $toLower: '$a' }, 'string 1e+06', d(999999.5)],
  [{ $toUpper: '$a' }, 'string 1E-05', d(1e-5)],
  [{ $toUpper: '$a' }, 'string 0.0001', d(1e-4)],
  [{ $toLower: '$a' }, 'string 1.5e+100', d(1.5e100)],
  [{ $toLower: '$a' }, 'string -0', d(-0)],
  [{ $toLower: '$a' }, 'string -inf', d(Number.NEGATIVE_INFINITY)],
  [{ $substrCP: ['$a', 0, 5] }, 'string nan', d(Number.NaN)],
  [{ $toLower: '$a' }, 'string 1.5e+10', n('1.5E+10')],
  [{ $toLower: '$a' }, 'string nan', n('NaN')],
  [{ $substrBytes: ['$a', 0, 4] }, 'string 1.50', n('1.50')],
  [{ $strcasecmp: ['$a', '1.50'] }, 'int 0', n('1.50')],
  [{ $toLower: '$a' }, 'string jan  1 00:00:00:1', new Timestamp({ t: 1704067200, i: 1 })],
  [{ $toUpper: '$a' }, 'string FEB  7 06:28:15:4294967295', new Timestamp(2n ** 64n - 1n)],
  [{ $substrCP: ['$a', 4, 2] }, 'string 20', new Timestamp({ t: 1721500800, i: 1 })],
  [{ $toUpper: '$a' }, 'string X => Y', new Code('x => y')],
  // A bound is cut to 64 bits, a decimal is rounded; one that is no integer is the least of all.
  [{ $substrBytes: ['hello', 0, '$a'] }, 'string h', d(1.9)],
  [{ $substrBytes: ['hello', 0, '$a'] }, 'string he', n('1.9')],
  [{ $substrBytes: ['hello', 1, '$a'] }, 'string ello', n('NaN')],
  [{ $substrBytes: ['hello', '$a', 1] }, 'string ', l(maxLong)],
  [{ $indexOfCP: ['hello', 'llo', 0, '$a'] }, 'int 2', i(3)],
  [{ $indexOfCP: ['hello', 'llo', 0, '$a'] }, 'int -1', i(2)],
  [{ $indexOfCP: ['hello', '', '$a'] }, 'int 4', i(4)],
  [{ $indexOfCP: ['hello', '', '$a'] }, 'int -1', i(5)],
  [{ $indexOfCP: ['', '', '$a'] }, 'int 0', i(0)],
  [{ $indexOfCP: ['hello', '', 2, '$a'] }, 'int -1', i(2)],
];

it.each(rows.map((row) => [exact(row[0]), exact(row[2]), ...row] as const))(
  '%s of %s is what it should be',
  (_expression, _a, expression, gives, a) => {
    expect(given(expression, a)).toBe(gives);
  },
);

type Refusal = readonly [expression: unknown, a: unknown, code: number, message: string];

const start = '$substrBytes: starting index must be non-negative';

const refusals: readonly Refusal[] = [
  [{ $substrBytes: ['x', '$a', 1] }, n('Infinity'), 50752, `${start} (got: -9223372036854775808)`],
  [
    { $substrBytes: ['x', '$a', 1] },
    d(1e20),
    31109,
    "Can't coerce out of range value 1e+20 to long",
  ],
  [
    { $substrBytes: ['x', 0, '$a'] },
    d(Number.NaN),
    31109,
    "Can't coerce out of range value nan to long",
  ],
  [
    { $substrCP: ['x', '$a', 1] },
    d(1.5),
    34451,
    '$substrCP: starting index cannot be represented as a 32-bit integral value: 1.5',
  ],
  [
    { $substrCP: ['x', 0, '$a'] },
    l(maxLong),
    34453,
    '$substrCP: length cannot be represented as a 32-bit integral value: 9223372036854775807',
  ],
  [
    { $substrCP: ['x', '$a', 1] },
    'y',
    34450,
    '$substrCP: starting index must be a numeric type (is BSON type string)',
  ],
];

it.each(refusals.map((row) => [exact(row[0]), exact(row[1]), ...row] as const))(
  '%s of %s is refused',
  (_expression, _a, expression, a, code, message) => {
    expect(given(expression, a)).toEqual({ code, message });
  },
);
