import { type MaybeValue, nullValue, ownValue } from '../value.ts';
import type { Accumulator } from './accumulator.ts';

/** `$first`: of the group's first document, null when missing there. */
export const first: Accumulator = {
  name: '$first',
  start() {
    let kept = nullValue;
    let isFirst = true;
    return {
      heldBytes: 0,
      add(value: MaybeValue) {
        if (!isFirst) return;
        isFirst = false;
        if (value !== undefined) kept = ownValue(value);
      },
      result: () => kept,
    };
  },
};
