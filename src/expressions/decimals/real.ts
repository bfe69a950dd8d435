/** Real numbers of 50 digits (decimal.js), in which functions of decimals are computed before one rounding. */
import { Decimal as Big } from 'decimal.js';
import { type Decimal, digitCount, roundDecimal } from '../../bson/index.ts';
import { roundByBinary128 } from './binary128.ts';

/** Enough that the digits behind the 34th decide nearly every rounding. */
export const Real = Big.clone({ precision: 50, rounding: Big.ROUND_HALF_EVEN });
export type Real = InstanceType<typeof Real>;

export const one = new Real(1);

/** The value of a finite decimal, exact. */
export function realOf({ negative, coefficient, exponent }: Decimal): Real {
  return new Real(`${negative ? '-' : ''}${coefficient}e${exponent}`);
}

/** A coefficient of at most 50 digits and its exponent; undefined for NaN and infinities. */
function partsOf(value: Real): { coefficient: bigint; exponent: number } | undefined {
  if (!value.isFinite()) return undefined;
  const [mantissa, power] = value.abs().toExponential().split('e');
  const [whole, fraction = ''] = mantissa!.split('.');
  return {
    coefficient: BigInt(whole! + fraction),
    exponent: Number(power) - fraction.length,
  };
}

/** Beyond these exponents a decimal is infinite or zero, whatever its digits. */
const exponentLimit = 20_000;

function inRange(exponent: number): number {
  return Math.max(-exponentLimit, Math.min(exponentLimit, exponent));
}

/** Rounded by way of binary128, which is what most functions of MongoDB do. */
export function decimalOfReal(value: Real): Decimal {
  const parts = partsOf(value);
  if (parts === undefined) return special(value);
  return roundByBinary128(value.isNegative(), parts.coefficient, inRange(parts.exponent));
}

/** Rounded to 34 digits. */
export function decimalOfDigits(value: Real): Decimal {
  const parts = partsOf(value);
  if (parts === undefined) return special(value);
  return roundDecimal(value.isNegative(), parts.coefficient, inRange(parts.exponent));
}

function special(value: Real): Decimal {
  const kind = value.isNaN() ? 'nan' : 'infinite';
  return { kind, negative: value.isNegative(), coefficient: 0n, exponent: 0 };
}

/** |value| < 10^-40: there x and its odd functions have the same 34 digits. */
export function isTiny({ coefficient, exponent }: Decimal): boolean {
  return coefficient === 0n || exponent + digitCount(coefficient) <= -40;
}
