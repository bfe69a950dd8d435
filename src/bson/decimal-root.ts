import { type Decimal, decimalNaN, digitCount, powerOfTen, roundDecimal } from './decimal.ts';

/** More than a decimal has, so that the rest only decides the rounding. */
const digitsWanted = 36;

/**
 * The square root, rounded once; an exact one has the exponent nearest to half of the value's (IEEE
 * 754-2008, 5.4.1). Of a negative value it is NaN, of negative zero negative zero.
 */
export function squareRootOfDecimal(value: Decimal): Decimal {
  if (value.kind === 'nan') return value;
  const ideal = Math.floor(value.exponent / 2);
  if (value.kind === 'finite' && value.coefficient === 0n) return { ...value, exponent: ideal };
  if (value.negative) return decimalNaN;
  if (value.kind === 'infinite') return value;
  const even = value.exponent % 2 === 0 ? value.coefficient : value.coefficient * 10n;
  const padding = Math.max(0, digitsWanted - (digitCount(even) >> 1));
  const radicand = even * powerOfTen(2 * padding);
  let root = squareRootOfInteger(radicand);
  let exponent = ideal - padding;
  if (root * root !== radicand) return roundDecimal(false, root, exponent, true);
  while (exponent < ideal && root % 10n === 0n) {
    root /= 10n;
    exponent++;
  }
  return roundDecimal(false, root, exponent);
}

/** The whole part of the root, by Newton's method from above. */
export function squareRootOfInteger(value: bigint): bigint {
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
