import { nullValue } from '../value.ts';
import type { Accumulator } from './accumulator.ts';
import { NumberSum } from './number-sum.ts';

/** Of the numbers among the values; null when there are none. `longs` as for the sum. */
export function average(longs: 'exact' | 'double'): Accumulator {
  return {
    name: '$avg',
    start() {
      const total = new NumberSum(longs);
      return {
        heldBytes: 0,
        add: (value) => total.add(value),
        result: () => total.average() ?? nullValue,
      };
    },
  };
}

/** `$avg` in `$group`. */
export const avg = average('exact');
