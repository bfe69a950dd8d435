import { arrayValue, type MaybeValue, ownValue, type Value } from '../value.ts';
import { ValueMap } from '../value-map.ts';
import type { Accumulator } from './accumulator.ts';

/** `$addToSet`: an array of the distinct values, in the order they first came. */
export const addToSet: Accumulator = {
  name: '$addToSet',
  start(collation) {
    const values = new ValueMap<Value>(collation);
    return {
      heldBytes: 0,
      add(value: MaybeValue) {
        if (value === undefined || values.get(value) !== undefined) return;
        const own = ownValue(value);
        values.set(own, own);
        this.heldBytes += own.end + 128;
      },
      result: () => arrayValue([...values.values()]),
    } as { heldBytes: number; add(value: MaybeValue): void; result(): Value };
  },
};
