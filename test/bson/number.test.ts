import { Decimal128, Double } from 'bson';
import { describe, expect, test } from 'vitest';
import {
  addDecimals,
  addNumbers,
  type Decimal,
  decimalBytes,
  decimalFromDouble,
  decodeValue,
  divideDecimals,
  encodeValue,
  isNumericType,
  multiplyDecimals,
  multiplyNumbers,
  type RawValue,
  readDecimal,
  subtractDecimals,
  toNumber,
  truncateToInteger,
} from '../../src/bson/index.ts';

function decimal(text: string): Decimal {
  return readDecimal(Buffer.from(Decimal128.fromString(text).bytes), 0);
}

function text(value: Decimal): string {
  return new Decimal128(decimalBytes(value)).toString();
}

const nines = '9'.repeat(34);

describe('decimal arithmetic', () => {
  test.each([
    ['0.10', '0.20', '0.30'],
    ['1', '0.00', '1.00'],
    ['1E10', '1', '10000000001'],
    ['-1.5', '1.5', '0.0'],
    ['-0', '-0', '-0'],
    ['0', '-0', '0'],
    [nines, '1', '1.000000000000000000000000000000000E+34'],
    [nines, '0.5', '1.000000000000000000000000000000000E+34'],
    [nines, '0.4', nines],
    ['1E+6000', '1', `1.${'0'.repeat(33)}E+6000`],
    ['1', '-1E-100', `1.${'0'.repeat(33)}`],
    [`9.${'9'.repeat(33)}E+6144`, '1E+6111', 'Infinity'],
    ['Infinity', '-Infinity', 'NaN'],
    ['Infinity', '1', 'Infinity'],
    ['NaN', '1', 'NaN'],
  ])('%s + %s is %s', (a, b, sum) => {
    expect(text(addDecimals(decimal(a), decimal(b)))).toBe(sum);
    expect(text(addDecimals(decimal(b), decimal(a)))).toBe(sum);
  });

  test.each([
    ['0.30', '0.1', '0.20'],
    ['1', '1', '0'],
    ['Infinity', 'Infinity', 'NaN'],
  ])('%s - %s is %s', (a, b, difference) => {
    expect(text(subtractDecimals(decimal(a), decimal(b)))).toBe(difference);
  });

  test.each([
    ['1.20', '3', '3.60'],
    ['-1.5', '0', '-0.0'],
    [nines, '10', `${'9'.slice(0, 1)}.${'9'.repeat(33)}E+34`],
    ['1E-6000', '1E-6000', '0E-6176'],
    ['1E+6000', '1E+6000', 'Infinity'],
    ['5E-6176', '0.1', '0E-6176'],
    ['15E-6176', '0.1', '2E-6176'],
    ['Infinity', '0', 'NaN'],
    ['-Infinity', '2', '-Infinity'],
  ])('%s * %s is %s', (a, b, product) => {
    expect(text(multiplyDecimals(decimal(a), decimal(b)))).toBe(product);
  });

  test.each([
    ['1', '3', `0.${'3'.repeat(34)}`],
    ['2', '3', `0.${'6'.repeat(33)}7`],
    ['6.0', '2', '3.0'],
    ['1', '8', '0.125'],
    ['100', '5', '20'],
    ['1', '0', 'Infinity'],
    ['0', '0', 'NaN'],
    ['0', '-4', '-0'],
  ])('%s / %s is %s', (a, b, quotient) => {
    expect(text(divideDecimals(decimal(a), decimal(b)))).toBe(quotient);
  });

  test.each([
    [5.5, '5.50000000000000'],
    [0.1, '0.100000000000000'],
    [-2, '-2.00000000000000'],
    [0, '0'],
    [1 / 3, '0.333333333333333'],
    [123456789012345.5, '123456789012346'],
    [123456789012344.5, '123456789012344'],
    [999999999999999.9, '1.00000000000000E+15'],
    [5e-324, '4.94065645841247E-324'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('the double %d is the decimal %s', (double, expected) => {
    expect(text(decimalFromDouble(double))).toBe(expected);
  });

  test('bytes are read and written as they are', () => {
    for (const example of ['0', '-0', '1', '-1.50E-6000', nines, '9E+6144', '-Infinity', 'NaN']) {
      const value = Decimal128.fromString(example);
      const written = decimalBytes(readDecimal(Buffer.from(value.bytes), 0));
      expect(written.toString('hex')).toBe(Buffer.from(value.bytes).toString('hex'));
    }
  });
});

describe('number arithmetic', () => {
  const double = (value: number) => new Double(value);
  const decimal128 = (value: string) => Decimal128.fromString(value);
  const shown = (value: RawValue | 'overflow') =>
    value === 'overflow' ? value : `${value.type}:${decodeValue(value)}`;

  test.each<[unknown, unknown, string, string]>([
    [1, 2, '16:3', '16:2'],
    [-1, 0, '16:-1', '16:0'],
    [2147483647, 1, '18:2147483648', '16:2147483647'],
    [-2147483648, -2147483648, '18:-4294967296', '18:4611686018427387904'],
    [1, 2n, '18:3', '18:2'],
    [9223372036854775807n, 1, 'overflow', '18:9223372036854775807'],
    [9223372036854775807n, 2, 'overflow', 'overflow'],
    [1, double(2), '1:3', '1:2'],
    [9223372036854775807n, double(1), '1:9223372036854776000', '1:9223372036854776000'],
    [double(0.1), double(0.2), '1:0.30000000000000004', '1:0.020000000000000004'],
    [decimal128('0.10'), decimal128('0.20'), '19:0.30', '19:0.0200'],
    [decimal128('1.0'), 2, '19:3.0', '19:2.0'],
    [decimal128('1'), 9007199254740993n, '19:9007199254740994', '19:9007199254740993'],
    [decimal128('1'), double(0.5), '19:1.500000000000000', '19:0.500000000000000'],
  ])('%s and %s add to %s and multiply to %s', (a, b, sum, product) => {
    expect(shown(addNumbers(encodeValue(a), encodeValue(b)))).toBe(sum);
    expect(shown(addNumbers(encodeValue(b), encodeValue(a)))).toBe(sum);
    expect(shown(multiplyNumbers(encodeValue(a), encodeValue(b)))).toBe(product);
    expect(shown(multiplyNumbers(encodeValue(b), encodeValue(a)))).toBe(product);
  });

  test('every number type has a nearest double and an integral part', () => {
    for (const value of [7, 7n, double(7.9), decimal128('7.99')]) {
      const raw = encodeValue(value);
      expect(isNumericType(raw.type)).toBe(true);
      expect(Math.floor(toNumber(raw.buffer, raw.type, raw.start))).toBe(7);
      expect(truncateToInteger(raw)).toBe(7n);
    }
    expect(truncateToInteger(encodeValue(Number.NaN))).toBeUndefined();
    expect(truncateToInteger(encodeValue(decimal128('1E-6176')))).toBe(0n);
    expect(truncateToInteger(encodeValue(decimal128('-1E6111')))).toBe(-(10n ** 6111n));
    expect(truncateToInteger(encodeValue('7'))).toBeUndefined();
  });
});
