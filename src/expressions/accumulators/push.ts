import { arrayValue, type MaybeValue, ownValue, type Value } from '../value.ts';
import type { Accumulator } from './accumulator.ts';

/** `$push`: an array of all values; missing ones are left out. */
export const push: Accumulator = {
  name: '$push',
  start() {
    const values: Value[] = [];
    return {
      heldBytes: 0,
      add(value: MaybeValue) {
        if (value === undefined) return;
        const own = ownValue(value);
        values.push(own);
        this.heldBytes += own.end + 64;
      },
      result: () => arrayValue(values),
    } as { heldBytes: number; add(value: MaybeValue): void; result(): Value };
  },
};
