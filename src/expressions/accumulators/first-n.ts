import { arrayValue, type MaybeValue, nullValue, ownValue, type Value } from '../value.ts';
import { counted } from './counted.ts';

/** `$firstN`: an array of the first `n` values; missing ones are null. */
export const firstN = counted('$firstN', 5787801, (n) => {
  const kept: Value[] = [];
  const state = {
    heldBytes: 0,
    add(value: MaybeValue) {
      if (kept.length === n) return;
      const own = ownValue(value ?? nullValue);
      kept.push(own);
      state.heldBytes += own.end + 64;
    },
    result: () => arrayValue(kept),
  };
  return state;
});
