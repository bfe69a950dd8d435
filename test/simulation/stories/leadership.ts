/** How long nobody took writes, and how long more than one member did. Milliseconds of virtual time. */
export class Leadership {
  longestOutage = 0;
  twoPrimaries = 0;
  #primaries: number;
  #since: number;

  constructor(primaries: number, now: number) {
    this.#primaries = primaries;
    this.#since = now;
  }

  /** So many lead from now on; the time before belongs to those who led until now. */
  note(primaries: number, now: number): void {
    const millis = now - this.#since;
    if (this.#primaries === 0) this.longestOutage = Math.max(this.longestOutage, millis);
    if (this.#primaries > 1) this.twoPrimaries += millis;
    // An outage goes on until somebody leads.
    if (this.#primaries === 0 && primaries === 0) return;
    this.#primaries = primaries;
    this.#since = now;
  }
}
