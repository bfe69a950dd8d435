/** Decimals of the same value, or nearly, at another exponent (IEEE 754-2008, 5.3.2). */
import { type Decimal, decimalNaN, digitCount, minExponent, powerOfTen } from './decimal.ts';

/** `down` is towards negative infinity, `up` towards positive infinity. */
export type DecimalRounding = 'halfEven' | 'towardZero' | 'down' | 'up';

const precision = 34;

/** The same value with zeros behind it, to 34 digits or the least exponent. NaN and infinities stay. */
export function padDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value;
  if (value.coefficient === 0n) return { ...value, exponent: minExponent };
  const zeros = Math.min(precision - digitCount(value.coefficient), value.exponent - minExponent);
  return {
    ...value,
    coefficient: value.coefficient * powerOfTen(zeros),
    exponent: value.exponent - zeros,
  };
}

/** The value at `exponent`; NaN where 34 digits do not reach so far, and of infinities. */
export function quantizeDecimal(
  value: Decimal,
  exponent: number,
  rounding: DecimalRounding,
): Decimal {
  if (value.kind === 'nan') return value;
  if (value.kind === 'infinite') return decimalNaN;
  if (value.coefficient === 0n) return { ...value, exponent };
  const shift = value.exponent - exponent;
  if (shift < 0) {
    const coefficient = cutDigits(value.coefficient, -shift, value.negative, rounding);
    return { ...value, coefficient, exponent };
  }
  if (digitCount(value.coefficient) + shift > precision) return decimalNaN;
  return { ...value, coefficient: value.coefficient * powerOfTen(shift), exponent };
}

function cutDigits(
  coefficient: bigint,
  digits: number,
  negative: boolean,
  rounding: DecimalRounding,
): bigint {
  // Beyond the number's own digits nothing is left but what the rounding gives.
  const unit = powerOfTen(Math.min(digits, digitCount(coefficient) + 1));
  const quotient = coefficient / unit;
  const rest = coefficient % unit;
  if (rest === 0n) return quotient;
  const isAway =
    rounding === 'halfEven'
      ? 2n * rest > unit || (2n * rest === unit && (quotient & 1n) === 1n)
      : rounding === (negative ? 'down' : 'up');
  return isAway ? quotient + 1n : quotient;
}
