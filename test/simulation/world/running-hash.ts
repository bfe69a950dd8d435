/** A hash over everything that happens, in order: two runs are the same if their hashes are. */
export class RunningHash {
  #value = 0x811c9dc5;

  get value(): number {
    return this.#value >>> 0;
  }

  add(number: number): void {
    this.#value = Math.imul(this.#value ^ number, 0x01000193) ^ (this.#value >>> 13);
  }

  addText(text: string): void {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
  }
}
