import type { Accumulator } from './accumulator.ts';
import { NumberSum } from './number-sum.ts';

/** `$sum`: of the numbers among the values. */
export const sum: Accumulator = {
  name: '$sum',
  start() {
    const total = new NumberSum();
    return {
      heldBytes: 0,
      add: (value) => total.add(value),
      result: () => total.result(),
    };
  },
};
