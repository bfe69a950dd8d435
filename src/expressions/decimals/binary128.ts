/**
 * Rounding as MongoDB has it: its library computes in IEEE 754 binary128 and turns the result into a
 * decimal, so a result is rounded to 113 bits and then to 34 digits. One that is exact in 113 bits, as
 * log10(1000), stands without zeros behind it; any other has all 34 digits.
 */
import { type Decimal, digitCount, powerOfTen, roundDecimal } from '../../bson/index.ts';

const significantBits = 113;
const precision = 34;
/** Decimals beyond binary128's range of exponents are rounded to digits alone. */
const exponentMax = 4900;

/** coefficient * 10^exponent, of more than 34 digits unless it is exact, as a decimal. */
export function roundByBinary128(
  negative: boolean,
  coefficient: bigint,
  exponent: number,
): Decimal {
  if (coefficient === 0n) return roundDecimal(negative, 0n, 0);
  if (Math.abs(exponent + digitCount(coefficient)) > exponentMax) {
    return allDigits(negative, coefficient, exponent, true);
  }
  const { mantissa, power } = toBinary(coefficient, exponent);
  if (power >= 0) {
    const whole = mantissa << BigInt(power);
    return digitCount(whole) <= precision
      ? roundDecimal(negative, whole, 0)
      : allDigits(negative, whole, 0, false);
  }
  // The mantissa is odd: with fewer digits than this no decimal is equal to it.
  if (-power <= significantBits) {
    const digits = mantissa * 5n ** BigInt(-power);
    if (digitCount(digits) <= precision) return roundDecimal(negative, digits, power);
  }
  const magnitude = Math.floor((mantissa.toString(2).length + power) * Math.LOG10E * Math.LN2);
  const scale = Math.max(0, precision + 3 - magnitude);
  const scaled = mantissa * powerOfTen(scale);
  const shift = BigInt(-power);
  const quotient = scaled >> shift;
  return allDigits(negative, quotient, -scale, quotient << shift !== scaled);
}

/** With zeros up to 34 digits, as an inexact result has them. */
function allDigits(
  negative: boolean,
  coefficient: bigint,
  exponent: number,
  sticky: boolean,
): Decimal {
  const zeros = Math.max(0, precision + 1 - digitCount(coefficient));
  return roundDecimal(negative, coefficient * powerOfTen(zeros), exponent - zeros, sticky);
}

/** The nearest mantissa * 2^power with a mantissa of at most 113 bits, half to even; it is odd. */
function toBinary(coefficient: bigint, exponent: number): { mantissa: bigint; power: number } {
  const numerator = exponent > 0 ? coefficient * powerOfTen(exponent) : coefficient;
  const denominator = exponent < 0 ? powerOfTen(-exponent) : 1n;
  const excess = bitCount(numerator) - bitCount(denominator) - significantBits - 2;
  // The quotient has two or three bits more than are kept; the lowest stands for all below it.
  const dividend = excess < 0 ? numerator << BigInt(-excess) : numerator;
  const divisor = excess > 0 ? denominator << BigInt(excess) : denominator;
  const quotient = dividend / divisor;
  const exact = quotient * divisor === dividend ? quotient : quotient | 1n;
  const dropped = bitCount(exact) - significantBits;
  let mantissa = exact >> BigInt(dropped);
  const rest = exact - (mantissa << BigInt(dropped));
  const half = 1n << BigInt(dropped - 1);
  if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
  let power = excess + dropped;
  const zeros = trailingZeros(mantissa);
  mantissa >>= BigInt(zeros);
  power += zeros;
  return { mantissa, power };
}

function bitCount(value: bigint): number {
  const hex = value.toString(16);
  return 4 * (hex.length - 1) + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}

function trailingZeros(value: bigint): number {
  const bits = value.toString(2);
  return bits.length - 1 - bits.lastIndexOf('1');
}
