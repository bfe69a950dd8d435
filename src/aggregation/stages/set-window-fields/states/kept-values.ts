/** States that keep the values of the window themselves. */
import { type Collation, KeyStringWriter } from '../../../../bson/index.ts';
import {
  type AccumulatorState,
  arrayValue,
  compareMaybe,
  countValue,
  isNullish,
  type MaybeValue,
  nullValue,
  ownValue,
  type Value,
} from '../../../../expressions/index.ts';
import type { WindowState } from '../window-function.ts';

const valueOverheadBytes = 64;

function bytesOf(value: MaybeValue): number {
  return (value?.end ?? 0) + valueOverheadBytes;
}

/** `$count`. */
export function startCount(): WindowState {
  let count = 0;
  return {
    heldBytes: 0,
    add() {
      count++;
    },
    remove() {
      count--;
    },
    result: () => countValue(count),
  };
}

/** First in, first out. */
class Fifo<Item> {
  #items: Item[] = [];
  #from = 0;

  push(item: Item): void {
    this.#items.push(item);
  }

  pop(): void {
    this.#items.pop();
  }

  shift(): Item | undefined {
    const item = this.#items[this.#from++];
    if (this.#from > 1024 && this.#from * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#from);
      this.#from = 0;
    }
    return item;
  }

  get length(): number {
    return this.#items.length - this.#from;
  }

  get first(): Item | undefined {
    return this.#items[this.#from];
  }

  get last(): Item | undefined {
    return this.length === 0 ? undefined : this.#items.at(-1);
  }

  all(): Item[] {
    return this.#items.slice(this.#from);
  }
}

/** What is made of the values of the window, in their order. */
function ofValues(result: (values: Fifo<MaybeValue>) => MaybeValue): WindowState {
  const values = new Fifo<MaybeValue>();
  const state = {
    heldBytes: 0,
    add(value: MaybeValue) {
      const own = value && ownValue(value);
      values.push(own);
      state.heldBytes += bytesOf(own);
    },
    remove() {
      state.heldBytes -= bytesOf(values.shift());
    },
    result: () => result(values),
  };
  return state;
}

/** `$push`. */
export function startPush(): WindowState {
  return ofValues((values) => arrayValue(values.all().filter((value) => value !== undefined)));
}

/** `$first`; of an empty window `none`. */
export function startFirst(none: MaybeValue = nullValue): WindowState {
  return ofValues((values) => (values.length === 0 ? none : (values.first ?? nullValue)));
}

/** `$last`. */
export function startLast(): WindowState {
  return ofValues((values) => values.last ?? nullValue);
}

/** `$max` (direction 1) and `$min` (-1): each value is kept until a later one is as extreme. */
export function startExtreme(direction: 1 | -1, collation: Collation | undefined): WindowState {
  const candidates = new Fifo<{ readonly value: Value; readonly place: number }>();
  let added = 0;
  let removed = 0;
  const state = {
    heldBytes: 0,
    add(value: MaybeValue) {
      const place = added++;
      if (isNullish(value)) return;
      for (let last = candidates.last; last !== undefined; last = candidates.last) {
        if (direction * compareMaybe(value, last.value, collation) <= 0) break;
        state.heldBytes -= bytesOf(last.value);
        candidates.pop();
      }
      const own = ownValue(value!);
      candidates.push({ value: own, place });
      state.heldBytes += bytesOf(own);
    },
    remove() {
      if (candidates.first?.place === removed) {
        state.heldBytes -= bytesOf(candidates.shift()!.value);
      }
      removed++;
    },
    result: () => candidates.first?.value ?? nullValue,
  };
  return state;
}

/** `$addToSet`: the values of the window that differ, each as often as it is there. */
export function startSet(collation: Collation | undefined): WindowState {
  const kept = new Map<string, { readonly value: Value; times: number }>();
  const writer = new KeyStringWriter();
  const keyOf = ({ buffer, type, start }: Value): string => {
    writer.reset(collation);
    writer.append(buffer, type, start, false);
    return writer.finish().toString('latin1');
  };
  const state = {
    heldBytes: 0,
    add(value: MaybeValue) {
      if (value === undefined) return;
      const key = keyOf(value);
      const same = kept.get(key);
      if (same !== undefined) {
        same.times++;
        return;
      }
      const own = ownValue(value);
      kept.set(key, { value: own, times: 1 });
      state.heldBytes += 2 * bytesOf(own);
    },
    remove(value: MaybeValue) {
      if (value === undefined) return;
      const key = keyOf(value);
      const same = kept.get(key)!;
      same.times--;
      if (same.times > 0) return;
      kept.delete(key);
      state.heldBytes -= 2 * bytesOf(same.value);
    },
    result: () => arrayValue([...kept.values()].map(({ value }) => value)),
  };
  return state;
}

/** An accumulator of groups over a window that documents leave: begun anew for each result. */
export function startAnew(start: () => AccumulatorState): WindowState {
  const values = new Fifo<{ readonly value: MaybeValue; readonly sortKey: Buffer | undefined }>();
  const state = {
    heldBytes: 0,
    add(value: MaybeValue, sortKey?: Buffer) {
      const own = value && ownValue(value);
      values.push({ value: own, sortKey });
      state.heldBytes += bytesOf(own) + (sortKey?.length ?? 0);
    },
    remove() {
      const { value, sortKey } = values.shift()!;
      state.heldBytes -= bytesOf(value) + (sortKey?.length ?? 0);
    },
    result() {
      if (values.length === 0) return undefined;
      const accumulator = start();
      for (const { value, sortKey } of values.all()) accumulator.add(value, sortKey);
      return accumulator.result();
    },
  };
  return state;
}

/** An accumulator of groups over a window that nothing leaves. */
export function startGrowing(accumulator: AccumulatorState): WindowState {
  return {
    get heldBytes() {
      return accumulator.heldBytes;
    },
    add: (value, sortKey) => accumulator.add(value, sortKey),
    remove() {
      throw new Error('a window without a lower bound has lost a document');
    },
    result: () => accumulator.result(),
  };
}
