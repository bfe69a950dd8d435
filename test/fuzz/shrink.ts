/** Makes a failing case small: takes parts of it away for as long as it still fails. */
import type { Fields } from './values.ts';

const attemptsMax = 3_000;

/** The smallest found by leaving out elements and fields, and by putting a part in the place of its whole. */
export async function shrink<T>(
  failing: T,
  stillFails: (candidate: T) => Promise<boolean>,
): Promise<T> {
  let best = failing;
  let attempts = 0;
  for (;;) {
    let found: T | undefined;
    for (const candidate of smaller(best)) {
      if (++attempts > attemptsMax) return best;
      if (await stillFails(candidate as T)) {
        found = candidate as T;
        break;
      }
    }
    if (found === undefined) return best;
    best = found;
  }
}

function* smaller(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (let half = value.length >> 1; half > 1; half >>= 1) {
      for (let at = 0; at < value.length; at += half) {
        yield [...value.slice(0, at), ...value.slice(at + half)];
      }
    }
    for (const at of value.keys()) yield value.filter((_, other) => other !== at);
    for (const [at, element] of value.entries()) {
      for (const part of smaller(element)) yield value.with(at, part);
    }
  } else if (isFields(value)) {
    const entries = Object.entries(value);
    for (const [name] of entries) {
      yield Object.fromEntries(entries.filter(([other]) => other !== name));
    }
    for (const [name, part] of entries) {
      for (const less of smaller(part)) yield { ...value, [name]: less };
      if (isFields(part))
        for (const inner of Object.values(part)) yield { ...value, [name]: inner };
    }
  }
}

function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
