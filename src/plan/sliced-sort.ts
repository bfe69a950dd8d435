import { nextTurn, SliceClock } from './slice-clock.ts';

/** Sorted at once: small enough for a fraction of a slice. */
const runLength = 512;

/** Sorts in place, stably, in slices. `check` is asked between them and throws to stop. */
export async function sortInSlices<T>(
  items: T[],
  compare: (a: T, b: T) => number,
  check: () => void = () => {},
): Promise<void> {
  let clock = new SliceClock();
  const pause = async () => {
    await nextTurn();
    check();
    clock = new SliceClock();
  };
  for (let from = 0; from < items.length; from += runLength) {
    const run = items.slice(from, from + runLength).sort(compare);
    for (let at = 0; at < run.length; at += 1) items[from + at] = run[at] as T;
    if (clock.isOver()) await pause();
  }
  let source = items;
  let target = new Array<T>(items.length);
  for (let width = runLength; width < items.length; width *= 2) {
    for (let from = 0; from < items.length; from += 2 * width) {
      const middle = Math.min(from + width, items.length);
      const end = Math.min(from + 2 * width, items.length);
      let left = from;
      let right = middle;
      for (let at = from; at < end; at += 1) {
        const takesLeft =
          left < middle && (right === end || compare(source[left] as T, source[right] as T) <= 0);
        target[at] = (takesLeft ? source[left++] : source[right++]) as T;
        if (at % runLength === 0 && clock.isOver()) await pause();
      }
    }
    [source, target] = [target, source];
  }
  if (source === items) return;
  for (let at = 0; at < items.length; at += 1) items[at] = source[at] as T;
}
