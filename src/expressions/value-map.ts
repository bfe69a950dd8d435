import { type Collation, hashValue } from '../bson/index.ts';
import { compareMaybe } from './compare.ts';
import type { Value } from './value.ts';

interface Entry<Item> {
  readonly key: Value;
  item: Item;
  readonly next: Entry<Item> | undefined;
}

/** A map keyed by BSON values: equal numbers of different types are one key, and
 * under a collation equal strings. Keeps insertion order. */
export class ValueMap<Item> {
  readonly #buckets = new Map<number, Entry<Item>>();
  readonly #entries: Entry<Item>[] = [];
  readonly #collation: Collation | undefined;

  constructor(collation?: Collation) {
    this.#collation = collation;
  }

  get size(): number {
    return this.#entries.length;
  }

  get(key: Value): Item | undefined {
    let entry = this.#buckets.get(this.#hash(key));
    while (entry !== undefined) {
      if (compareMaybe(entry.key, key, this.#collation) === 0) return entry.item;
      entry = entry.next;
    }
    return undefined;
  }

  /** `key` is kept: the caller owns its bytes and knows that it is new. */
  set(key: Value, item: Item): void {
    const hash = this.#hash(key);
    const entry = { key, item, next: this.#buckets.get(hash) };
    this.#buckets.set(hash, entry);
    this.#entries.push(entry);
  }

  #hash({ buffer, type, start }: Value): number {
    return hashValue(buffer, type, start, 0, this.#collation);
  }

  *entries(): Generator<[Value, Item]> {
    for (const { key, item } of this.#entries) yield [key, item];
  }

  *values(): Generator<Item> {
    for (const { item } of this.#entries) yield item;
  }
}
