import { type MaybeValue, nullValue, ownValue } from '../value.ts';
import type { Accumulator } from './accumulator.ts';

/** `$last`: of the group's last document, null when missing there. */
export const last: Accumulator = {
  name: '$last',
  start() {
    let kept = nullValue;
    return {
      heldBytes: 0,
      add(value: MaybeValue) {
        kept = value === undefined ? nullValue : ownValue(value);
      },
      result: () => kept,
    };
  },
};
