/** Two 32-bit hashes of a row of integers, left in `hashed`. */
export const hashed = { high: 0, low: 0 };

export function hashRow(row: Int32Array, length: number): void {
  let high = 0x9747b28c;
  let low = 0x3c6ef372;
  for (let at = 0; at < length; at++) {
    const word = row[at]!;
    high = mix(high ^ Math.imul(word, 0xcc9e2d51), 15, 0x1b873593);
    low = mix(low ^ Math.imul(word + at, 0x85ebca77), 13, 0xc2b2ae3d);
  }
  hashed.high = finish(high ^ length);
  hashed.low = finish(low + length);
}

function mix(word: number, turn: number, factor: number): number {
  const turned = (word << turn) | (word >>> (32 - turn));
  return (Math.imul(turned, factor) + 0xe6546b64) | 0;
}

function finish(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * The states visited, each as 64 bits and the number of the state it was first reached from: open addressing over typed arrays, 12 bytes a
 * state and 8 of slots. Two different states with equal bits would be taken for one: about n^2 / 2^65, one in four
 * thousand for 100 million states.
 */
export class Fingerprints {
  #slots = new Uint32Array(1 << 16);
  #high = new Uint32Array(1 << 15);
  #low = new Uint32Array(1 << 15);
  #parents = new Uint32Array(1 << 15);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** True if it was not there. Its number is then `size - 1`. */
  add(high: number, low: number, parent: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const found = this.#slots[slot]!;
      if (found === 0) break;
      if (this.#low[found - 1] === low && this.#high[found - 1] === high) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.#size + 1;
    this.#high[this.#size] = high;
    this.#low[this.#size] = low;
    this.#parents[this.#size] = parent;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#growSlots();
    if (this.#size === this.#high.length) this.#growStates();
    return true;
  }

  parentOf(index: number): number {
    return this.#parents[index]!;
  }

  isAt(index: number, high: number, low: number): boolean {
    return this.#high[index] === high && this.#low[index] === low;
  }

  #growSlots(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#size; index++) {
      let slot = this.#low[index]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }

  #growStates(): void {
    const length = Math.ceil(this.#high.length * 1.5);
    const grown = (old: Uint32Array<ArrayBuffer>) => {
      const wider = new Uint32Array(length);
      wider.set(old);
      return wider;
    };
    this.#high = grown(this.#high);
    this.#low = grown(this.#low);
    this.#parents = grown(this.#parents);
  }
}
