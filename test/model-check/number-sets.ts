/** Small sets of numbers, each by a number of its own; 0 is the empty one. */
export class NumberSets {
  readonly #sets: (readonly number[])[] = [[]];
  readonly #ids = new Map<string, number>([['', 0]]);

  at(id: number): readonly number[] {
    return this.#sets[id]!;
  }

  with(id: number, element: number): number {
    const set = this.at(id);
    return set.includes(element) ? id : this.#idOf([...set, element].sort((a, b) => a - b));
  }

  filter(id: number, isKept: (element: number) => boolean): number {
    const set = this.at(id);
    return set.every(isKept) ? id : this.#idOf(set.filter(isKept));
  }

  #idOf(set: readonly number[]): number {
    const key = set.join();
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#sets.length;
      this.#sets.push(set);
      this.#ids.set(key, id);
    }
    return id;
  }
}
