import { nullValue } from '../value.ts';
import type { Accumulator } from './accumulator.ts';
import { NumberSum } from './number-sum.ts';

/** `$avg`: of the numbers among the values; null when there are none. */
export const avg: Accumulator = {
  name: '$avg',
  start() {
    const total = new NumberSum('double');
    return {
      heldBytes: 0,
      add: (value) => total.add(value),
      result: () => total.average() ?? nullValue,
    };
  },
};
