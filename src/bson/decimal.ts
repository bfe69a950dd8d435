/**
 * Decimal128 arithmetic (IEEE 754-2008, binary integer decimal encoding) on BigInt: 34 digits, round
 * half to even, exponents kept, so 0.10 + 0.20 is 0.30. Of NaN the sign is kept, payloads are not.
 */
import { readInt64, writeInt64 } from './little-endian.ts';

/** (-1)^negative * coefficient * 10^exponent, or a special value with coefficient 0. */
export interface Decimal {
  readonly kind: 'finite' | 'infinite' | 'nan';
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
}

const precision = 34;
export const minExponent = -6176;
const maxExponent = 6111;
const coefficientLimit = 10n ** 34n;
const low64 = (1n << 64n) - 1n;

export const decimalNaN: Decimal = special('nan', false);

function special(kind: 'infinite' | 'nan', negative: boolean): Decimal {
  return { kind, negative, coefficient: 0n, exponent: 0 };
}

function finite(negative: boolean, coefficient: bigint, exponent: number): Decimal {
  return { kind: 'finite', negative, coefficient, exponent };
}

const powers: bigint[] = [1n];
/** Enough for exact doubles; all powers up to the largest decimal's would take 8 MB. */
const keptPowers = 800;

export function powerOfTen(exponent: number): bigint {
  if (exponent > keptPowers) return 10n ** BigInt(exponent);
  for (let n = powers.length; n <= exponent; n++) powers.push(powers[n - 1]! * 10n);
  return powers[exponent]!;
}

/** The number of decimal digits; 1 for 0. */
export function digitCount(coefficient: bigint): number {
  return coefficient.toString().length;
}

/** Reads the 16 bytes of a Decimal128. A coefficient over 34 digits counts as 0 (the standard's rule). */
export function readDecimal(buffer: Buffer, start: number): Decimal {
  const high = BigInt.asUintN(64, readInt64(buffer, start + 8));
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 31n);
  if (combination === 31) return special('nan', negative);
  if (combination === 30) return special('infinite', negative);
  if (combination >= 24) return finite(negative, 0n, Number((high >> 47n) & 0x3fffn) + minExponent);
  const low = BigInt.asUintN(64, readInt64(buffer, start));
  const coefficient = ((high & 0x1ffffffffffffn) << 64n) | low;
  const exponent = Number((high >> 49n) & 0x3fffn) + minExponent;
  return finite(negative, coefficient < coefficientLimit ? coefficient : 0n, exponent);
}

/** Writes a decimal that is in range (`roundDecimal`) as 16 bytes. */
function writeDecimal(buffer: Buffer, start: number, decimal: Decimal): void {
  let high = decimal.negative ? 1n << 63n : 0n;
  if (decimal.kind === 'nan') high |= 31n << 58n;
  else if (decimal.kind === 'infinite') high |= 30n << 58n;
  else high |= (BigInt(decimal.exponent - minExponent) << 49n) | (decimal.coefficient >> 64n);
  writeInt64(buffer, start, decimal.coefficient & low64);
  writeInt64(buffer, start + 8, high);
}

export function decimalBytes(decimal: Decimal): Buffer {
  const bytes = Buffer.alloc(16);
  writeDecimal(bytes, 0, decimal);
  return bytes;
}

/** coefficient / 10^digits, half to even; `sticky` when digits were already lost below it. */
function dropDigits(coefficient: bigint, digits: number, sticky: boolean): bigint {
  const unit = powerOfTen(digits);
  const quotient = coefficient / unit;
  const twice = (coefficient % unit) * 2n;
  if (twice > unit || (twice === unit && (sticky || (quotient & 1n) === 1n))) return quotient + 1n;
  return quotient;
}

/** Brings a finite result to 34 digits and into the range of exponents; too large is infinite. */
export function roundDecimal(
  negative: boolean,
  coefficient: bigint,
  exponent: number,
  sticky = false,
): Decimal {
  let digits = coefficient;
  let scale = exponent;
  const excess = Math.max(digitCount(digits) - precision, minExponent - scale);
  if (excess > 0) {
    // Beyond the number's own digits only zeros are dropped: the result is 0 at the least exponent.
    const dropped = Math.min(excess, digitCount(digits) + 1);
    digits = dropDigits(digits, dropped, sticky);
    scale += excess;
    if (digits === coefficientLimit) {
      digits /= 10n;
      scale++;
    }
  }
  if (digits === 0n) return finite(negative, 0n, clamp(scale));
  if (scale > maxExponent) {
    // The exponent can fall as long as the coefficient has room for zeros.
    const padding = scale - maxExponent;
    if (digitCount(digits) + padding > precision) return special('infinite', negative);
    digits *= powerOfTen(padding);
    scale = maxExponent;
  }
  return finite(negative, digits, scale);
}

function clamp(exponent: number): number {
  return Math.max(minExponent, Math.min(maxExponent, exponent));
}

export function decimalFromInteger(value: bigint): Decimal {
  return finite(value < 0n, value < 0n ? -value : value, 0);
}

const doubleScratch = new DataView(new ArrayBuffer(8));

/** The exact value of a double, with up to 767 digits: for comparing, not for writing. */
export function exactDecimal(value: number): Decimal {
  if (Number.isNaN(value)) return decimalNaN;
  if (!Number.isFinite(value)) return special('infinite', value < 0);
  doubleScratch.setFloat64(0, value);
  const bits = doubleScratch.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = Math.max(biased, 1) - 1075;
  const negative = bits >> 63n === 1n;
  if (exponent >= 0) return finite(negative, mantissa << BigInt(exponent), 0);
  // Without this 1.0 would be 1.000...0 with 52 digits.
  let shift = -exponent;
  let odd = mantissa;
  while (shift > 0 && (odd & 1n) === 0n && odd !== 0n) {
    odd >>= 1n;
    shift--;
  }
  return odd === 0n ? finite(negative, 0n, 0) : finite(negative, odd * 5n ** BigInt(shift), -shift);
}

/**
 * A double as a decimal of 15 significant digits, zeros included (5.5 is 5.50000000000000), as
 * MongoDB converts where a decimal meets a double.
 */
export function decimalFromDouble(value: number, digits = 15): Decimal {
  const exact = exactDecimal(value);
  if (exact.kind !== 'finite' || exact.coefficient === 0n) return exact;
  const excess = digitCount(exact.coefficient) - digits;
  if (excess <= 0) {
    return finite(exact.negative, exact.coefficient * powerOfTen(-excess), exact.exponent + excess);
  }
  let coefficient = dropDigits(exact.coefficient, excess, false);
  let exponent = exact.exponent + excess;
  if (coefficient === powerOfTen(digits)) {
    coefficient /= 10n;
    exponent++;
  }
  return finite(exact.negative, coefficient, exponent);
}

/** The nearest double, half to even. */
export function decimalToDouble(decimal: Decimal): number {
  if (decimal.kind === 'nan') return Number.NaN;
  const magnitude =
    decimal.kind === 'infinite'
      ? Number.POSITIVE_INFINITY
      : Number(`${decimal.coefficient}e${decimal.exponent}`);
  return decimal.negative ? -magnitude : magnitude;
}

/** The decimal without its fraction, or undefined for NaN and infinities. */
export function truncateDecimal(decimal: Decimal): bigint | undefined {
  if (decimal.kind !== 'finite') return undefined;
  const { coefficient, exponent } = decimal;
  // Below one, and without a huge power of ten for it.
  if (exponent < -precision) return 0n;
  const magnitude =
    exponent >= 0 ? coefficient * powerOfTen(exponent) : coefficient / powerOfTen(-exponent);
  return decimal.negative ? -magnitude : magnitude;
}

/** The nearest integer, half to even; undefined for NaN and infinities. */
export function nearestInteger(decimal: Decimal): bigint | undefined {
  const cut = truncateDecimal(decimal);
  if (cut === undefined || decimal.kind !== 'finite' || decimal.exponent >= 0) return cut;
  const magnitude = cut < 0n ? -cut : cut;
  // Below a tenth, and without a huge power of ten for it.
  if (decimal.exponent < -precision - 1) return 0n;
  const unit = powerOfTen(-decimal.exponent);
  const twice = 2n * (decimal.coefficient - magnitude * unit);
  const isUp = twice > unit || (twice === unit && magnitude % 2n === 1n);
  const rounded = isUp ? magnitude + 1n : magnitude;
  return decimal.negative ? -rounded : rounded;
}

/** Numeric order: cohorts (0.1 and 0.10) and zeros are equal, NaN is below everything. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.kind === 'nan' || b.kind === 'nan')
    return Number(b.kind === 'nan') - Number(a.kind === 'nan');
  const aSign = signOf(a);
  const bSign = signOf(b);
  if (aSign !== bSign) return aSign < bSign ? -1 : 1;
  if (aSign === 0) return 0;
  return aSign > 0 ? compareMagnitudes(a, b) : compareMagnitudes(b, a);
}

function signOf(decimal: Decimal): number {
  if (decimal.kind === 'finite' && decimal.coefficient === 0n) return 0;
  return decimal.negative ? -1 : 1;
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.kind !== b.kind) return a.kind === 'infinite' ? 1 : -1;
  if (a.kind === 'infinite') return 0;
  const aHead = a.exponent + digitCount(a.coefficient);
  const bHead = b.exponent + digitCount(b.coefficient);
  if (aHead !== bHead) return aHead < bHead ? -1 : 1;
  const shift = a.exponent - b.exponent;
  const left = shift > 0 ? a.coefficient * powerOfTen(shift) : a.coefficient;
  const right = shift < 0 ? b.coefficient * powerOfTen(-shift) : b.coefficient;
  return left < right ? -1 : left > right ? 1 : 0;
}

function negateDecimal(decimal: Decimal): Decimal {
  return { ...decimal, negative: !decimal.negative };
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan') return a;
  if (b.kind === 'nan') return b;
  if (a.kind === 'infinite') {
    return b.kind === 'infinite' && a.negative !== b.negative ? decimalNaN : a;
  }
  if (b.kind === 'infinite') return b;
  if (a.exponent < b.exponent) return addAligned(b, a);
  return addAligned(a, b);
}

/** `high` has the larger exponent. */
function addAligned(high: Decimal, low: Decimal): Decimal {
  const shift = high.exponent - low.exponent;
  // More than 70 digits apart the lower one is only a hint for the rounding.
  if (shift > 70 && high.coefficient !== 0n && low.coefficient !== 0n) {
    const padded = signed(high) * powerOfTen(70);
    return sum(padded + (low.negative ? -1n : 1n), high.exponent - 70, high, low);
  }
  if (high.coefficient === 0n) return sum(signed(low), low.exponent, high, low);
  if (low.coefficient === 0n) {
    // The ideal exponent is the lower one, as far as 34 digits reach.
    const room = Math.min(shift, precision - digitCount(high.coefficient));
    return sum(signed(high) * powerOfTen(room), high.exponent - room, high, low);
  }
  return sum(signed(high) * powerOfTen(shift) + signed(low), low.exponent, high, low);
}

function signed(decimal: Decimal): bigint {
  return decimal.negative ? -decimal.coefficient : decimal.coefficient;
}

function sum(value: bigint, exponent: number, a: Decimal, b: Decimal): Decimal {
  if (value === 0n) return roundDecimal(a.negative && b.negative, 0n, exponent);
  return roundDecimal(value < 0n, value < 0n ? -value : value, exponent);
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, b.kind === 'nan' ? b : negateDecimal(b));
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return decimalNaN;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    return signOf(a) === 0 || signOf(b) === 0 ? decimalNaN : special('infinite', negative);
  }
  return roundDecimal(negative, a.coefficient * b.coefficient, a.exponent + b.exponent);
}

export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan') return a;
  if (b.kind === 'nan') return b;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite')
    return b.kind === 'infinite' ? decimalNaN : special('infinite', negative);
  if (b.kind === 'infinite') return finite(negative, 0n, minExponent);
  if (b.coefficient === 0n) {
    return a.coefficient === 0n ? decimalNaN : special('infinite', negative);
  }
  const ideal = a.exponent - b.exponent;
  if (a.coefficient === 0n) return finite(negative, 0n, clamp(ideal));
  // Enough digits that the quotient has more than 34 of them.
  const padding = Math.max(
    0,
    precision + 2 + digitCount(b.coefficient) - digitCount(a.coefficient),
  );
  const dividend = a.coefficient * powerOfTen(padding);
  let quotient = dividend / b.coefficient;
  let exponent = ideal - padding;
  if (dividend % b.coefficient !== 0n) return roundDecimal(negative, quotient, exponent, true);
  while (exponent < ideal && quotient % 10n === 0n) {
    quotient /= 10n;
    exponent++;
  }
  return roundDecimal(negative, quotient, exponent);
}
