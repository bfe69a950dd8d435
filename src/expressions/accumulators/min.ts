import { compareMaybe } from '../compare.ts';
import { isNullish, type MaybeValue, nullValue, ownValue, type Value } from '../value.ts';
import type { Accumulator } from './accumulator.ts';

/** `$min`: the smallest by the total order; null and missing do not count. */
export const min: Accumulator = {
  name: '$min',
  start(collation) {
    let kept: Value | undefined;
    return {
      heldBytes: 0,
      add(value: MaybeValue) {
        if (isNullish(value)) return;
        if (kept === undefined || compareMaybe(value, kept, collation) < 0) kept = ownValue(value!);
      },
      result: () => kept ?? nullValue,
    };
  },
};
