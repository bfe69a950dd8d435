/** Angles brought into an eighth of the circle, exact for every decimal. */
import { type Decimal, digitCount, powerOfTen, squareRootOfInteger } from '../../bson/index.ts';
import { Real, realOf } from './real.ts';

export interface ReducedAngle {
  /** How many right angles were taken off, modulo 4. */
  readonly quadrant: number;
  /** In radians, of magnitude π/4 at most. */
  readonly rest: Real;
}

/**
 * Digits of the rest behind its point. A decimal comes as near as 10^-37 to a multiple of π/2, so the
 * rest has 50 digits that mean something.
 */
const restDigits = 95;

/** The angle of a finite decimal less the nearest multiple of π/2. */
export function reduceAngle(value: Decimal): ReducedAngle {
  const head = value.exponent + digitCount(value.coefficient);
  // Below a tenth, and so below π/4.
  if (head < 0) return { quadrant: 0, rest: realOf(value) };
  const scale = restDigits + head;
  const rightAngle = scaledPi(scale) / 2n;
  const angle = value.coefficient * powerOfTen(value.exponent + scale);
  let turns = angle / rightAngle;
  let rest = angle % rightAngle;
  if (2n * rest > rightAngle) {
    rest -= rightAngle;
    turns++;
  }
  const kept = rest / powerOfTen(head);
  const real = new Real(`${kept}e-${restDigits}`).toSignificantDigits(50);
  const quadrant = Number(turns % 4n);
  return value.negative
    ? { quadrant: (4 - quadrant) % 4, rest: real.negated() }
    : { quadrant, rest: real };
}

let known = { digits: 0, pi: 3n };

/** The whole part of π * 10^digits; the longest one asked for is kept, 6,300 digits at most. */
function scaledPi(digits: number): bigint {
  if (digits > known.digits) known = { digits, pi: chudnovskyPi(digits + 10) / powerOfTen(10) };
  return known.pi / powerOfTen(known.digits - digits);
}

const digitsPerTerm = 14;

/** The Chudnovsky brothers' series, by binary splitting; the last digit or two are not exact. */
function chudnovskyPi(digits: number): bigint {
  const { q, t } = splitSeries(0, Math.floor(digits / digitsPerTerm) + 2);
  const root = squareRootOfInteger(10_005n * powerOfTen(2 * digits));
  return (q * 426_880n * root) / t;
}

interface Part {
  readonly p: bigint;
  readonly q: bigint;
  readonly t: bigint;
}

/** The sum of the terms from `first` to before `end`, as t / q. */
function splitSeries(first: number, end: number): Part {
  if (end - first > 1) {
    const middle = (first + end) >> 1;
    const left = splitSeries(first, middle);
    const right = splitSeries(middle, end);
    return {
      p: left.p * right.p,
      q: left.q * right.q,
      t: right.q * left.t + left.p * right.t,
    };
  }
  const k = BigInt(first);
  const p = first === 0 ? 1n : -(6n * k - 5n) * (2n * k - 1n) * (6n * k - 1n);
  const q = first === 0 ? 1n : 10_939_058_860_032_000n * k * k * k;
  return { p, q, t: p * (13_591_409n + 545_140_134n * k) };
}
