/** What happened, one line each, to read. Kept only while somebody wants to read it: hot runs do not. */
export class Story {
  readonly isKept: boolean;
  readonly #lines: string[] = [];

  constructor(isKept: boolean) {
    this.isKept = isKept;
  }

  /** `time` in milliseconds, `who` like `n0`, or empty for what happens to the world. */
  tell(time: number, who: string, what: string): void {
    if (this.isKept) this.#lines.push(`${time.toFixed(0).padStart(7)} ${who.padEnd(3)} ${what}`);
  }

  clear(): void {
    this.#lines.length = 0;
  }

  text(): string {
    return this.#lines.join('\n');
  }
}
