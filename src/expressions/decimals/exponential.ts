/** Exponentials, logarithms and powers of decimals. */
import {
  compareDecimals,
  type Decimal,
  decimalFromInteger,
  divideDecimals,
  minExponent,
  padDecimal,
} from '../../bson/index.ts';
import { decimalOfDigits, decimalOfReal, Real, realOf } from './real.ts';

const zero: Decimal = decimalFromInteger(0n);
const lowestZero: Decimal = { ...zero, exponent: minExponent };
const unity = decimalFromInteger(1n);
const two = decimalFromInteger(2n);
const ten = decimalFromInteger(10n);
const infinity: Decimal = { ...zero, kind: 'infinite' };
const notANumber: Decimal = { ...zero, kind: 'nan' };

/** e^x is infinite above, and zero below its negative. */
const exponentLimit = decimalFromInteger(15_000n);

export function exponentialOfDecimal(value: Decimal): Decimal {
  if (value.kind === 'nan') return value;
  if (value.kind === 'infinite') return value.negative ? zero : infinity;
  if (compareDecimals({ ...value, negative: false }, exponentLimit) > 0) {
    return value.negative ? lowestZero : infinity;
  }
  return decimalOfReal(realOf(value).exp());
}

/** Of a positive value. */
export function logarithmOfDecimal(value: Decimal): Decimal {
  return value.kind === 'infinite' ? value : decimalOfReal(realOf(value).ln());
}

/** Of a positive value. */
export function commonLogarithmOfDecimal(value: Decimal): Decimal {
  return value.kind === 'infinite' ? value : decimalOfReal(realOf(value).log());
}

/** Of a positive value to a positive base: a quotient of two rounded logarithms, as MongoDB's. */
export function logarithmToBase(value: Decimal, base: Decimal): Decimal {
  return divideDecimals(logarithmOfDecimal(value), logarithmOfDecimal(base));
}

/** Products of two decimals are exact in so many digits, and so is the rounding of their squares. */
const Power = Real.clone({ precision: 72 });

/**
 * base^exponent, with all 34 digits, zeros included. The special cases are those of IEEE 754-2008, 9.2;
 * a zero is positive and has the least exponent.
 */
export function powerOfDecimal(base: Decimal, exponent: Decimal): Decimal {
  const power = padDecimal(unpaddedPower(base, exponent));
  return power.kind === 'finite' && power.coefficient === 0n ? lowestZero : power;
}

function unpaddedPower(base: Decimal, exponent: Decimal): Decimal {
  if (isZero(exponent) || isOne(base)) return unity;
  if (base.kind === 'nan') return base;
  if (exponent.kind === 'nan') return exponent;
  const magnitude = compareDecimals({ ...base, negative: false }, unity);
  if (exponent.kind === 'infinite') {
    if (magnitude === 0) return unity;
    return magnitude > 0 === exponent.negative ? zero : infinity;
  }
  const parity = parityOf(exponent);
  const negative = base.negative && parity === 'odd';
  if (base.kind === 'infinite' || isZero(base)) {
    const isGrowing = (base.kind === 'infinite') !== exponent.negative;
    return { ...(isGrowing ? infinity : zero), negative };
  }
  if (base.negative && parity === 'fraction') return notANumber;
  const positive = { ...base, negative: false };
  const isOfBinary = compareDecimals(base, two) === 0 || compareDecimals(base, ten) === 0;
  const power = new Power(realOf(positive)).pow(realOf(exponent));
  return { ...(isOfBinary ? decimalOfReal(power) : decimalOfDigits(power)), negative };
}

/** NaN is not. */
export function isAboveZero({ kind, negative, coefficient }: Decimal): boolean {
  return !negative && (kind === 'infinite' || coefficient !== 0n);
}

export function isOne(value: Decimal): boolean {
  return compareDecimals(value, unity) === 0;
}

function isZero(value: Decimal): boolean {
  return value.kind === 'finite' && value.coefficient === 0n;
}

/** Of a finite value other than zero. */
function parityOf({ coefficient, exponent }: Decimal): 'odd' | 'even' | 'fraction' {
  if (exponent > 0) return 'even';
  let whole = coefficient;
  for (let left = exponent; left < 0; left++) {
    if (whole % 10n !== 0n) return 'fraction';
    whole /= 10n;
  }
  return (whole & 1n) === 1n ? 'odd' : 'even';
}
