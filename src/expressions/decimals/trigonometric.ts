/** Circular functions of decimals and their inverses; angles in radians. */
import { type Decimal, decimalNaN, minExponent, padDecimal } from '../../bson/index.ts';
import { reduceAngle } from './angle.ts';
import { decimalOfReal, isTiny, one, Real, realOf } from './real.ts';

/** A zero of MongoDB's library that went through a product with 10^-40. */
export function lowerZero(value: Decimal): Decimal {
  return { ...value, exponent: Math.max(minExponent, value.exponent - 40) };
}

/** 1 with the zeros of a result that is not exact. */
export const nearlyOne: Decimal = padDecimal({
  kind: 'finite',
  negative: false,
  coefficient: 1n,
  exponent: 0,
});

/** NaN of an infinite angle, here and below. */
export function sineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return notANumber(value);
  if (value.coefficient === 0n) return value;
  if (isTiny(value)) return padDecimal(value);
  const { quadrant, rest } = reduceAngle(value);
  return decimalOfReal(sineAt(quadrant, rest));
}

export function cosineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return notANumber(value);
  if (isTiny(value)) return nearlyOne;
  const { quadrant, rest } = reduceAngle(value);
  return decimalOfReal(sineAt((quadrant + 1) % 4, rest));
}

export function tangentOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return notANumber(value);
  if (value.coefficient === 0n) return lowerZero(value);
  if (isTiny(value)) return padDecimal(value);
  const { quadrant, rest } = reduceAngle(value);
  const cosine = sineAt((quadrant + 1) % 4, rest);
  return decimalOfReal(sineAt(quadrant, rest).div(cosine));
}

/** The sine of `rest` and so many right angles. */
function sineAt(quadrant: number, rest: Real): Real {
  const magnitude = quadrant % 2 === 0 ? rest.sin() : rest.cos();
  return quadrant < 2 ? magnitude : magnitude.negated();
}

/** Of a value in [-1, 1]. */
export function arcsineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return notANumber(value);
  if (value.coefficient === 0n) return lowerZero(value);
  if (isTiny(value)) return padDecimal(value);
  const sine = realOf(value);
  return decimalOfReal(Real.atan2(sine, cofunction(sine)));
}

/** Of a value in [-1, 1]. */
export function arccosineOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return notANumber(value);
  const cosine = realOf(value);
  if (cosine.eq(one)) return { ...value, coefficient: 0n, exponent: minExponent };
  return decimalOfReal(Real.atan2(cofunction(cosine), cosine));
}

/** The square root of 1 - x², without a loss of digits near 1. */
function cofunction(value: Real): Real {
  return one.minus(value).times(one.plus(value)).sqrt();
}

export function arctangentOfDecimal(value: Decimal): Decimal {
  if (value.kind === 'nan') return value;
  if (value.kind === 'infinite') return decimalOfReal(signedReal(value).atan());
  if (value.coefficient === 0n) return value;
  if (isTiny(value)) return padDecimal(value);
  return decimalOfReal(realOf(value).atan());
}

/** The angle of the point (x, y). */
export function arctangentOfDecimals(y: Decimal, x: Decimal): Decimal {
  if (y.kind === 'nan') return y;
  if (x.kind === 'nan') return x;
  const angle = Real.atan2(signedReal(y), signedReal(x));
  if (angle.isZero()) {
    return { kind: 'finite', negative: y.negative, coefficient: 0n, exponent: minExponent };
  }
  return decimalOfReal(angle);
}

function signedReal(value: Decimal): Real {
  if (value.kind === 'finite') return realOf(value);
  return new Real(value.negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
}

function notANumber(value: Decimal): Decimal {
  return value.kind === 'nan' ? value : decimalNaN;
}
