import { arrayValue, type MaybeValue, nullValue, ownValue, type Value } from '../value.ts';
import { counted } from './counted.ts';

/** `$lastN`: an array of the last `n` values; missing ones are null. */
export const lastN = counted('$lastN', 5787801, (n) => {
  /** A ring: once it is full, `next` is the oldest. */
  const kept: Value[] = [];
  let next = 0;
  const state = {
    heldBytes: 0,
    add(value: MaybeValue) {
      const own = ownValue(value ?? nullValue);
      state.heldBytes += own.end + 64;
      if (kept.length < n) {
        kept.push(own);
        return;
      }
      state.heldBytes -= kept[next]!.end + 64;
      kept[next] = own;
      next = (next + 1) % n;
    },
    result: () => arrayValue([...kept.slice(next), ...kept.slice(0, next)]),
  };
  return state;
});
