/** How long a slice of an index build may hold the main thread, in milliseconds. */
const wantedMs = 5;
const recordsMin = 4;
const recordsMax = 250;
/** Before anything is known: a record may have hundreds of keys, as of a text or a wildcard index. */
const recordsFirst = 32;

/** How many records a slice takes, by how long the slices before it took. */
export class SlicePace {
  #records = recordsFirst;

  get records(): number {
    return this.#records;
  }

  /** The slice of `records` took so long. The pace is slowed at once and quickened by steps. */
  learn(tookMs: number): void {
    const factor = Math.min(2, wantedMs / Math.max(tookMs, 0.1));
    const records = Math.round(this.#records * factor);
    this.#records = Math.max(recordsMin, Math.min(recordsMax, records));
  }
}
