import type { Collation } from '../bson/index.ts';
import { compareMaybe } from './compare.ts';
import type { Value } from './value.ts';
import { ValueMap } from './value-map.ts';

/** So few values are compared one by one sooner than one is hashed. */
const comparedMax = 8;

/**
 * Distinct BSON values, in the order in which they were given: numbers of different types that are equal
 * are one, and under a collation strings that are. Looking one up takes as long in a million as in ten.
 */
export class ValueSet {
  readonly values: readonly Value[];
  readonly #collation: Collation | undefined;
  /** Where each value stands; undefined while they are few. */
  readonly #positions: ValueMap<number> | undefined;

  constructor(given: readonly Value[], collation: Collation | undefined) {
    this.#collation = collation;
    const distinct: Value[] = [];
    this.values = distinct;
    if (given.length > comparedMax) this.#positions = new ValueMap(collation);
    for (const value of given) {
      if (this.indexOf(value) >= 0) continue;
      this.#positions?.set(value, distinct.length);
      distinct.push(value);
    }
  }

  has(value: Value): boolean {
    return this.indexOf(value) >= 0;
  }

  /** The place of what equals `value` among `values`; -1 when nothing does. */
  indexOf(value: Value): number {
    if (this.#positions !== undefined) return this.#positions.get(value) ?? -1;
    return this.values.findIndex((one) => compareMaybe(one, value, this.#collation) === 0);
  }
}
