import { type Decimal, decimalNaN, powerOfTen } from './decimal.ts';

/**
 * What is left of `a` after its whole multiples of `b`: exact, with the sign of `a` and the lower
 * exponent of the two. NaN for an infinite `a` and a `b` of zero; an infinite `b` leaves `a`.
 */
export function remainderOfDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan') return a;
  if (b.kind === 'nan') return b;
  if (a.kind === 'infinite') return decimalNaN;
  if (b.kind === 'infinite') return a;
  if (b.coefficient === 0n) return decimalNaN;
  const shift = a.exponent - b.exponent;
  if (shift >= 0) {
    const coefficient =
      ((a.coefficient % b.coefficient) * powerModulo(shift, b.coefficient)) % b.coefficient;
    return { ...a, coefficient, exponent: b.exponent };
  }
  // A divisor of more than 34 digits at the dividend's exponent is larger than the dividend.
  if (-shift > 34) return a;
  return { ...a, coefficient: a.coefficient % (b.coefficient * powerOfTen(-shift)) };
}

/** 10^exponent modulo `modulus`, without a number of thousands of digits. */
function powerModulo(exponent: number, modulus: bigint): bigint {
  let result = 1n % modulus;
  let square = 10n % modulus;
  for (let rest = exponent; rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
