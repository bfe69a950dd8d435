/** Quantum, remainder and root of decimals, held against what they mean in whole numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareDecimals,
  type Decimal,
  type DecimalRounding,
  padDecimal,
  quantizeDecimal,
  remainderOfDecimals,
  squareRootOfDecimal,
} from '../../src/bson/index.ts';

const seed = 20261121;

const decimals = (exponents: { min: number; max: number }): fc.Arbitrary<Decimal> =>
  fc.record({
    kind: fc.constant('finite' as const),
    negative: fc.boolean(),
    coefficient: fc.oneof(
      fc.bigInt({ min: 0n, max: 10n ** 34n - 1n }),
      fc.bigInt({ min: 0n, max: 9999n }),
    ),
    exponent: fc.integer(exponents),
  });

const near = decimals({ min: -40, max: 40 });

/** The value as a whole number of 10^-100. */
function scaled({ negative, coefficient, exponent }: Decimal): bigint {
  const magnitude = coefficient * 10n ** BigInt(exponent + 100);
  return negative ? -magnitude : magnitude;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

describe('a quantum', () => {
  it('changes nothing where the value has no digit behind it', () => {
    fc.assert(
      fc.property(near, (value) => {
        const padded = padDecimal(value);
        expect(compareDecimals(padded, value)).toBe(0);
        expect(quantizeDecimal(padded, padded.exponent, 'halfEven')).toEqual(padded);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('is kept within half of it, or on the side that is asked for', () => {
    const roundings: readonly DecimalRounding[] = ['halfEven', 'towardZero', 'down', 'up'];
    fc.assert(
      fc.property(near, fc.integer({ min: -45, max: 45 }), (value, exponent) => {
        const unit = 10n ** BigInt(exponent + 100);
        for (const rounding of roundings) {
          const rounded = quantizeDecimal(value, exponent, rounding);
          if (rounded.kind === 'nan') {
            expect(magnitude(scaled(value)) / unit).toBeGreaterThanOrEqual(10n ** 34n - 1n);
            continue;
          }
          expect(rounded.exponent).toBe(exponent);
          const error = scaled(rounded) - scaled(value);
          expect(magnitude(error) < unit).toBe(true);
          if (rounding === 'halfEven') {
            const isTie = 2n * magnitude(error) === unit;
            expect(2n * magnitude(error) <= unit).toBe(true);
            expect(isTie && rounded.coefficient % 2n === 1n).toBe(false);
          } else if (rounding === 'towardZero') {
            expect(magnitude(scaled(rounded)) <= magnitude(scaled(value))).toBe(true);
          } else expect(rounding === 'down' ? error <= 0n : error >= 0n).toBe(true);
        }
      }),
      { seed, numRuns: 300 },
    );
  });
});

describe('a remainder', () => {
  it('is that of whole numbers, with the sign of the dividend', () => {
    fc.assert(
      fc.property(near, near, (a, b) => {
        const rest = remainderOfDecimals(a, b);
        if (b.coefficient === 0n) expect(rest.kind).toBe('nan');
        else {
          expect(scaled(rest)).toBe(scaled(a) % scaled(b));
          expect(rest.negative).toBe(a.negative);
        }
      }),
      { seed, numRuns: 500 },
    );
  });
});

describe('a square root', () => {
  it('is the nearest of 34 digits, and exact where there is an exact one', () => {
    fc.assert(
      fc.property(decimals({ min: -6000, max: 6000 }), (given) => {
        const value = { ...given, negative: false };
        fc.pre(value.coefficient !== 0n);
        const root = squareRootOfDecimal(value);
        // Twice the root, one half of a unit below and above it, as 2 * coefficient ± 1 at its exponent.
        const shift = value.exponent - 2 * root.exponent;
        const fourfold = 4n * value.coefficient;
        const [square, scale] =
          shift >= 0 ? [fourfold * 10n ** BigInt(shift), 1n] : [fourfold, 10n ** BigInt(-shift)];
        const twice = 2n * root.coefficient;
        if (twice * twice * scale === square) return;
        expect(root.coefficient.toString()).toHaveLength(34);
        expect((twice - 1n) ** 2n * scale <= square).toBe(true);
        expect((twice + 1n) ** 2n * scale >= square).toBe(true);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('of a square is what was squared', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 17n - 1n }), (side) => {
        const square: Decimal = {
          kind: 'finite',
          negative: false,
          coefficient: side * side,
          exponent: -8,
        };
        expect(squareRootOfDecimal(square)).toEqual({ ...square, coefficient: side, exponent: -4 });
      }),
      { seed, numRuns: 300 },
    );
  });
});
