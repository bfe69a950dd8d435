import { hashValue } from '../bson/index.ts';
import { compareMaybe } from './compare.ts';
import type { Value } from './value.ts';

interface Entry<Item> {
  readonly key: Value;
  item: Item;
  readonly next: Entry<Item> | undefined;
}

/** A map keyed by BSON values: equal numbers of different types are one key. Keeps insertion order. */
export class ValueMap<Item> {
  readonly #buckets = new Map<number, Entry<Item>>();
  readonly #entries: Entry<Item>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get(key: Value): Item | undefined {
    let entry = this.#buckets.get(hashValue(key.buffer, key.type, key.start));
    while (entry !== undefined) {
      if (compareMaybe(entry.key, key) === 0) return entry.item;
      entry = entry.next;
    }
    return undefined;
  }

  /** `key` is kept: the caller owns its bytes and knows that it is new. */
  set(key: Value, item: Item): void {
    const hash = hashValue(key.buffer, key.type, key.start);
    const entry = { key, item, next: this.#buckets.get(hash) };
    this.#buckets.set(hash, entry);
    this.#entries.push(entry);
  }

  *entries(): Generator<[Value, Item]> {
    for (const { key, item } of this.#entries) yield [key, item];
  }

  *values(): Generator<Item> {
    for (const { item } of this.#entries) yield item;
  }
}
