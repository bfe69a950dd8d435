/** The quick ways of rounding a double give what its exact decimal does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decimalToDouble, exactDecimal, roundDecimal } from '../../src/bson/index.ts';
import { roundDecimalTo, roundDouble } from '../../src/expressions/rounding.ts';

/** Any double, or one that was written with few digits and so is next to a border. */
const doubles = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e7, max: 1e7, noNaN: true }),
  fc
    .record({
      digits: fc.integer({ min: -99_999, max: 99_999 }),
      power: fc.integer({ min: -6, max: 6 }),
    })
    .map(({ digits, power }) => Number(`${digits}e${power}`)),
);

it('a double is rounded to places as the decimal of 34 digits that it is', () => {
  const rounding = fc.constantFrom('halfEven' as const, 'towardZero' as const);
  fc.assert(
    fc.property(doubles, fc.integer({ min: -20, max: 30 }), rounding, (value, places, how) => {
      const { negative, coefficient, exponent } = exactDecimal(value);
      const decimal = roundDecimal(negative, coefficient, exponent);
      const exact = decimalToDouble(roundDecimalTo(decimal, places, how));
      expect(roundDouble(value, places, how)).toBe(exact);
    }),
    { seed: 20261121, numRuns: 5000 },
  );
});
