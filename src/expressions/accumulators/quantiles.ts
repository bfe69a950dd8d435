import { toNumber } from '../../bson/index.ts';
import { isNumber, type MaybeValue, type Value } from '../value.ts';
import type { AccumulatorState } from './accumulator.ts';

/**
 * Exact quantiles of the numbers among the values, as doubles: that of `p` is the least number that at
 * least the share `p` of all numbers do not exceed. NaN does not count. `result` is given none when there
 * is no number.
 */
export function startQuantiles(
  ps: readonly number[],
  result: (quantiles: readonly number[] | undefined) => Value,
): AccumulatorState {
  const numbers: number[] = [];
  const state = {
    heldBytes: 0,
    add(value: MaybeValue) {
      if (value === undefined || !isNumber(value)) return;
      const number = toNumber(value.buffer, value.type, value.start);
      if (Number.isNaN(number)) return;
      numbers.push(number);
      state.heldBytes += 8;
    },
    result() {
      if (numbers.length === 0) return result(undefined);
      const sorted = Float64Array.from(numbers).sort();
      const rank = (p: number) => Math.max(0, Math.ceil(sorted.length * p) - 1);
      return result(ps.map((p) => sorted[rank(p)]!));
    },
  };
  return state;
}
