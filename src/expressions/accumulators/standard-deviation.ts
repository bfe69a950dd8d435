import { toNumber } from '../../bson/index.ts';
import { doubleValue, isNumber, type MaybeValue, nullValue } from '../value.ts';
import type { AccumulatorState } from './accumulator.ts';

/**
 * The standard deviation of the numbers among the values, as doubles, by Welford's method; `lost` is 0
 * for a population and 1 for a sample. Null when there are not more numbers than that.
 */
export function startDeviation(lost: 0 | 1): AccumulatorState {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    heldBytes: 0,
    add(value: MaybeValue) {
      if (value === undefined || !isNumber(value)) return;
      const number = toNumber(value.buffer, value.type, value.start);
      count++;
      const delta = number - mean;
      mean += delta / count;
      squares += delta * (number - mean);
    },
    result: () => (count > lost ? doubleValue(Math.sqrt(squares / (count - lost))) : nullValue),
  };
}
