/** Rounding to decimal places, half to even or towards zero, as stock does it: of exact decimals. */
import {
  type Decimal,
  decimalToDouble,
  exactDecimal,
  padDecimal,
  quantizeDecimal,
  roundDecimal,
} from '../bson/index.ts';

/** How `$round` and `$trunc` round. */
export type Rounding = 'halfEven' | 'towardZero';

/** A decimal without a digit at or behind the place stays as it is, but for zeros up to 34 digits. */
export function roundDecimalTo(value: Decimal, places: number, rounding: Rounding): Decimal {
  if (value.kind !== 'finite') return value;
  const padded = padDecimal(value);
  if (value.coefficient !== 0n && padded.exponent > -places) return padded;
  return quantizeDecimal(value, -places, rounding);
}

/** 10^22 is the largest power of ten that is exact as a double. */
const exactPlaces = 22;

export function roundDouble(value: number, places: number, rounding: Rounding): number {
  if (!Number.isFinite(value) || value === 0) return value;
  if (places === 0) return rounding === 'halfEven' ? roundHalfEven(value) : Math.trunc(value);
  if (places > exactPlaces) return roundExactly(value, places, rounding);
  if (places < 0) return roundToTens(value, places, rounding);
  const scale = 10 ** places;
  const scaled = value * scale;
  // The product is off by half a unit of its last place at most: nearer to a border it may be beyond.
  const magnitude = Math.abs(scaled);
  const whole = Math.floor(magnitude);
  const rest = magnitude - whole;
  const doubt = magnitude * Number.EPSILON;
  const isClear =
    rounding === 'halfEven' ? Math.abs(rest - 0.5) > doubt : rest > doubt && rest < 1 - doubt;
  if (magnitude > 2 ** 50 || !isClear) return roundExactly(value, places, rounding);
  const rounded = rounding === 'halfEven' && rest > 0.5 ? whole + 1 : whole;
  return (scaled < 0 ? -rounded : rounded) / scale;
}

/** Remainders of doubles are exact, and below 2^53 so is what they leave. */
function roundToTens(value: number, places: number, rounding: Rounding): number {
  const magnitude = Math.abs(value);
  if (magnitude > 2 ** 53) return roundExactly(value, places, rounding);
  const scale = 10 ** -places;
  const rest = magnitude % scale;
  const whole = magnitude - rest;
  const isUp = 2 * rest > scale || (2 * rest === scale && (whole / scale) % 2 !== 0);
  const rounded = rounding === 'halfEven' && isUp ? whole + scale : whole;
  return value < 0 ? -rounded : rounded;
}

function roundExactly(value: number, places: number, rounding: Rounding): number {
  const exact = exactDecimal(value);
  const decimal = roundDecimal(exact.negative, exact.coefficient, exact.exponent);
  return decimalToDouble(roundDecimalTo(decimal, places, rounding));
}

/** A result of zero keeps the sign. */
function roundHalfEven(value: number): number {
  const magnitude = Math.abs(value);
  const floor = Math.floor(magnitude);
  const rest = magnitude - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const rounded = isUp ? floor + 1 : floor;
  return value < 0 ? -rounded : rounded;
}

/** Of an integer only negative places change something. */
export function roundInteger(value: bigint, places: number, rounding: Rounding): bigint {
  if (places >= 0) return value;
  const scale = 10n ** BigInt(-places);
  const whole = value / scale;
  if (rounding === 'towardZero') return whole * scale;
  const rest = value % scale;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const away = twice > scale || (twice === scale && whole % 2n !== 0n);
  return (away ? whole + (value < 0n ? -1n : 1n) : whole) * scale;
}
