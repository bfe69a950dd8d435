/** Functions of decimals against each other: identities hold to the last of 34 digits or two. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  decimalFromInteger,
  digitCount,
  divideDecimals,
  multiplyDecimals,
  subtractDecimals,
} from '../../src/bson/index.ts';
import {
  exponentialOfDecimal,
  logarithmOfDecimal,
  powerOfDecimal,
} from '../../src/expressions/decimals/exponential.ts';
import {
  hyperbolicCosineOfDecimal,
  hyperbolicSineOfDecimal,
  hyperbolicTangentOfDecimal,
  inverseHyperbolicSineOfDecimal,
} from '../../src/expressions/decimals/hyperbolic.ts';
import {
  arcsineOfDecimal,
  arctangentOfDecimal,
  cosineOfDecimal,
  sineOfDecimal,
  tangentOfDecimal,
} from '../../src/expressions/decimals/trigonometric.ts';

const runs = { seed: 20261121, numRuns: 25 };
const one = decimalFromInteger(1n);
const two = decimalFromInteger(2n);

const decimals = (min: number, max: number): fc.Arbitrary<Decimal> =>
  fc.record({
    kind: fc.constant('finite' as const),
    negative: fc.boolean(),
    coefficient: fc.bigInt({ min: 10n ** 33n, max: 10n ** 34n - 1n }),
    // Of 34 digits, so that `max` is the number of digits before the point.
    exponent: fc.integer({ min: min - 34, max: max - 34 }),
  });

/** Equal but for ten units of the last of 34 digits of the larger one: an operand may be off by five. */
function expectNear(actual: Decimal, wanted: Decimal): void {
  const head = (value: Decimal) => value.exponent + digitCount(value.coefficient);
  const exponent = Math.max(head(actual), head(wanted)) - 34;
  const allowed: Decimal = { kind: 'finite', negative: false, coefficient: 10n, exponent };
  const difference = { ...subtractDecimals(actual, wanted), negative: false };
  const shown = `${actual.coefficient}e${actual.exponent}, ${wanted.coefficient}e${wanted.exponent}`;
  expect(compareDecimals(difference, allowed), shown).toBeLessThanOrEqual(0);
}

describe('an identity', () => {
  it('of angles: sin² + cos² = 1, tan = sin / cos, of whatever size the angle is', () => {
    fc.assert(
      fc.property(decimals(-30, 6000), (angle) => {
        const sine = sineOfDecimal(angle);
        const cosine = cosineOfDecimal(angle);
        const squares = addDecimals(multiplyDecimals(sine, sine), multiplyDecimals(cosine, cosine));
        expectNear(squares, one);
        expectNear(tangentOfDecimal(angle), divideDecimals(sine, cosine));
      }),
      runs,
    );
  });

  it('of arcs: asin(sin x) = x, and atan(x) + atan(1/x) is a right angle', () => {
    const rightAngle = arcsineOfDecimal(one);
    fc.assert(
      fc.property(decimals(-30, -1), decimals(-30, 30), (small, any) => {
        expectNear(arcsineOfDecimal(sineOfDecimal(small)), small);
        const value = { ...any, negative: false };
        const inverse = divideDecimals(one, value);
        expectNear(
          addDecimals(arctangentOfDecimal(value), arctangentOfDecimal(inverse)),
          rightAngle,
        );
      }),
      runs,
    );
  });

  it('of exponentials: e^x e^-x = 1, (e^x)² = e^2x, x^3 = x x x', () => {
    fc.assert(
      fc.property(decimals(-20, 3), (value) => {
        const power = exponentialOfDecimal(value);
        const inverse = exponentialOfDecimal({ ...value, negative: !value.negative });
        expectNear(multiplyDecimals(power, inverse), one);
        const cube = multiplyDecimals(multiplyDecimals(value, value), value);
        expectNear(powerOfDecimal(value, decimalFromInteger(3n)), cube);
      }),
      runs,
    );
  });

  it('of logarithms: ln(x²) = 2 ln x', () => {
    fc.assert(
      fc.property(decimals(-40, 40), (any) => {
        const value = { ...any, coefficient: any.coefficient / 10n ** 17n, negative: false };
        const square = logarithmOfDecimal(multiplyDecimals(value, value));
        expectNear(square, multiplyDecimals(two, logarithmOfDecimal(value)));
      }),
      runs,
    );
  });

  it('of hyperbolas: cosh² - sinh² = 1, tanh = sinh / cosh, asinh(sinh x) = x', () => {
    fc.assert(
      fc.property(decimals(-30, 0), (value) => {
        const sine = hyperbolicSineOfDecimal(value);
        const cosine = hyperbolicCosineOfDecimal(value);
        expectNear(
          subtractDecimals(multiplyDecimals(cosine, cosine), multiplyDecimals(sine, sine)),
          one,
        );
        expectNear(hyperbolicTangentOfDecimal(value), divideDecimals(sine, cosine));
        expectNear(inverseHyperbolicSineOfDecimal(sine), value);
      }),
      runs,
    );
  });
});
