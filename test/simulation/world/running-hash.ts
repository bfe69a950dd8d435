/** Words are few: each is looked at once. */
const codes = new Map<string, number>();

function codeOf(word: string): number {
  let code = codes.get(word);
  if (code === undefined) {
    code = 7;
    for (let i = 0; i < word.length; i++) code = (Math.imul(code, 31) + word.charCodeAt(i)) | 0;
    codes.set(word, code);
  }
  return code;
}

/** A hash over everything that happens, in order: two runs are the same if their hashes are. */
export class RunningHash {
  #value = 0x811c9dc5;

  get value(): number {
    return this.#value >>> 0;
  }

  add(number: number): void {
    this.#value = Math.imul(this.#value ^ number, 0x01000193) ^ (this.#value >>> 13);
  }

  addWord(word: string): void {
    this.add(codeOf(word));
  }
}
