import type { Collation } from '../../bson/index.ts';
import { compareMaybe } from '../compare.ts';
import { arrayValue, isNullish, type MaybeValue, ownValue, type Value } from '../value.ts';
import type { AccumulatorState } from './accumulator.ts';

/** `$minN` (direction 1) and `$maxN` (-1): the `n` extreme values in order; null and missing do not count. */
export function startExtremes(
  n: number,
  direction: 1 | -1,
  collation: Collation | undefined,
): AccumulatorState {
  const kept: Value[] = [];
  const order = (a: Value, b: Value) => direction * compareMaybe(a, b, collation);
  const state = {
    heldBytes: 0,
    add(value: MaybeValue) {
      if (isNullish(value)) return;
      if (kept.length === n && order(value!, kept[n - 1]!) >= 0) return;
      const own = ownValue(value!);
      kept.splice(placeOf(own), 0, own);
      state.heldBytes += own.end + 64;
      if (kept.length > n) state.heldBytes -= kept.pop()!.end + 64;
    },
    result: () => arrayValue(kept),
  };
  /** Behind those that are equal. */
  function placeOf(value: Value): number {
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(value, kept[middle]!) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  return state;
}
