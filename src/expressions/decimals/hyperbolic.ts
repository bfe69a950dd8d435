/** Hyperbolic functions of decimals and their inverses. */
import { type Decimal, decimalNaN, digitCount, minExponent, padDecimal } from '../../bson/index.ts';
import { decimalOfDigits, decimalOfReal, isTiny, one, Real, realOf } from './real.ts';
import { lowerZero, nearlyOne } from './trigonometric.ts';

/** From here on e^x is larger than every decimal. */
const overflow = new Real(15_000);

export function hyperbolicSineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value;
  if (value.coefficient === 0n) return lowerZero(value);
  if (isTiny(value)) return padDecimal(value);
  const real = realOf(value);
  const magnitude = real.abs();
  if (magnitude.gt(overflow)) return infinite(value.negative);
  // The formula loses digits below 1, the series takes long above it.
  if (magnitude.lt(one)) return decimalOfReal(real.sinh());
  const power = magnitude.exp();
  const sine = power.minus(one.div(power)).div(2);
  return decimalOfDigits(value.negative ? sine.negated() : sine);
}

export function hyperbolicCosineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value.kind === 'nan' ? value : infinite(false);
  if (isTiny(value)) return nearlyOne;
  const magnitude = realOf(value).abs();
  if (magnitude.gt(overflow)) return infinite(false);
  const power = magnitude.exp();
  const cosine = power.plus(one.div(power)).div(2);
  return magnitude.lt(one) ? decimalOfReal(cosine) : decimalOfDigits(cosine);
}

export function hyperbolicTangentOfDecimal(value: Decimal): Decimal {
  if (value.kind === 'nan') return value;
  if (value.kind === 'finite') {
    if (value.coefficient === 0n) return value;
    if (isTiny(value)) return padDecimal(value);
    const real = realOf(value);
    const magnitude = real.abs();
    if (magnitude.lt(one)) {
      const sine = real.sinh();
      return decimalOfReal(sine.div(sine.times(sine).plus(one).sqrt()));
    }
    if (magnitude.lt(100)) {
      const square = magnitude.times(2).exp();
      const tangent = square.minus(one).div(square.plus(one));
      return decimalOfReal(value.negative ? tangent.negated() : tangent);
    }
  }
  return { kind: 'finite', negative: value.negative, coefficient: 1n, exponent: 0 };
}

export function inverseHyperbolicSineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value;
  if (value.coefficient === 0n) return { ...value, exponent: minExponent };
  if (isTiny(value)) return padDecimal(value);
  const real = realOf(value);
  if (!isHuge(value)) return decimalOfReal(real.asinh());
  const magnitude = real.abs().times(2).ln();
  return decimalOfReal(value.negative ? magnitude.negated() : magnitude);
}

/** Of a value of 1 or more. */
export function inverseHyperbolicCosineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value;
  const real = realOf(value);
  return decimalOfReal(isHuge(value) ? real.times(2).ln() : real.acosh());
}

/** Of a value in [-1, 1]; infinite at the ends. */
export function inverseHyperbolicTangentOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value.kind === 'nan' ? value : decimalNaN;
  if (value.coefficient === 0n) return { ...value, exponent: minExponent };
  if (isTiny(value)) return padDecimal(value);
  const real = realOf(value);
  return real.abs().eq(one) ? infinite(value.negative) : decimalOfReal(real.atanh());
}

/** 10^40 or more: there the square of a value and 1 have no digit in common. */
function isHuge({ coefficient, exponent }: Decimal): boolean {
  return exponent + digitCount(coefficient) > 40;
}

function infinite(negative: boolean): Decimal {
  return { kind: 'infinite', negative, coefficient: 0n, exponent: 0 };
}
