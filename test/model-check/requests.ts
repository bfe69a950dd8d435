/** A vote request whose candidate has moved on. */
export interface LateRequest {
  readonly term: number;
  /** Position code of the last entry it names. */
  readonly asked: number;
  readonly incarnation: number;
}

/** Sets of vote requests, each by a number of its own; 0 is the empty one. */
export class Requests {
  readonly #sets: (readonly LateRequest[])[] = [[]];
  readonly #ids = new Map<string, number>([['', 0]]);
  readonly #with = new Map<number, number>();
  readonly #above = new Map<number, number>();

  at(id: number): readonly LateRequest[] {
    return this.#sets[id]!;
  }

  with(id: number, { term, asked, incarnation }: LateRequest): number {
    const added = { term, asked, incarnation };
    const key = id * 65_536 + keyOf(added);
    let grown = this.#with.get(key);
    if (grown === undefined) {
      const rest = this.at(id).filter((one) => keyOf(one) !== keyOf(added));
      grown = this.#idOf([...rest, added]);
      this.#with.set(key, grown);
    }
    return grown;
  }

  /** Those for a term above this one (at most 15). */
  above(id: number, term: number): number {
    const key = id * 16 + term;
    let kept = this.#above.get(key);
    if (kept === undefined) {
      kept = this.#idOf(this.at(id).filter((one) => one.term > term));
      this.#above.set(key, kept);
    }
    return kept;
  }

  #idOf(requests: readonly LateRequest[]): number {
    const set = requests.toSorted((a, b) => keyOf(a) - keyOf(b));
    const key = set.map(keyOf).join();
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#sets.length;
      this.#sets.push(set);
      this.#ids.set(key, id);
    }
    return id;
  }
}

function keyOf({ term, asked, incarnation }: LateRequest): number {
  return (incarnation * 16 + term) * 256 + asked;
}
