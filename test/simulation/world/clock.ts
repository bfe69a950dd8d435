/**
 * The clocks of one machine: a monotonic one, which timers run on and which may run fast or slow, and a wall clock, which is
 * that one plus a skew and may jump. Virtual time itself belongs to nobody.
 */
const epochMillis = 1_400_000_000_000;

export class NodeClock {
  /** Milliseconds the wall clock is ahead of virtual time begun in 2014. */
  skewMillis = 0;
  #rate = 1;
  #anchor = 0;
  #ownAtAnchor = 0;

  /** Milliseconds on the monotonic clock per millisecond of virtual time. */
  get rate(): number {
    return this.#rate;
  }

  now(time: number): number {
    return this.#ownAtAnchor + (time - this.#anchor) * this.#rate;
  }

  /** Virtual time at which the monotonic clock shows `own`. */
  timeOf(own: number): number {
    return this.#anchor + (own - this.#ownAtAnchor) / this.#rate;
  }

  wallMillis(time: number): number {
    return epochMillis + this.now(time) + this.skewMillis;
  }

  runAt(rate: number, time: number): void {
    this.#ownAtAnchor = this.now(time);
    this.#anchor = time;
    this.#rate = rate;
  }
}
