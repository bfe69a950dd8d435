/**
 * The open snapshots of an engine: counted, capped, aged.
 *
 * A pinned state keeps every page it can see from being used again, about 8 KB per later update, and the
 * file never shrinks; so no snapshot may be forgotten, and an old one can be taken away.
 */

import { SnapshotTooOld, TooManyReaders } from './engine.ts';

const defaultMaxSnapshots = 512;

/** One pin; `release` has been called at most once, whoever closes first. */
export class SnapshotPin {
  readonly openedAt: number;
  readonly #release: () => void;
  #state: 'open' | 'closed' | 'expired' = 'open';

  constructor(openedAt: number, release: () => void) {
    this.openedAt = openedAt;
    this.#release = release;
  }

  assertOpen(): void {
    if (this.#state === 'expired') throw new SnapshotTooOld('the snapshot is too old');
    if (this.#state === 'closed') throw new Error('the snapshot is closed');
  }

  close(state: 'closed' | 'expired' = 'closed'): void {
    if (this.#state !== 'open') return;
    this.#state = state;
    this.#release();
  }
}

export class SnapshotRegistry {
  /** Oldest first. */
  readonly #pins = new Set<SnapshotPin>();
  readonly #max: number;
  readonly #monotonicMs: () => number;

  constructor(max = defaultMaxSnapshots, monotonicMs: () => number = () => performance.now()) {
    this.#max = max;
    this.#monotonicMs = monotonicMs;
  }

  get size(): number {
    return this.#pins.size;
  }

  get oldestMs(): number {
    for (const pin of this.#pins) return this.#monotonicMs() - pin.openedAt;
    return 0;
  }

  /** Throws `TooManyReaders`. Call before the state is pinned. */
  assertRoom(): void {
    if (this.#pins.size >= this.#max) {
      throw new TooManyReaders(`there are ${this.#pins.size} open snapshots, the most allowed`);
    }
  }

  add(release: () => void): SnapshotPin {
    const pin = new SnapshotPin(this.#monotonicMs(), () => {
      this.#pins.delete(pin);
      release();
    });
    this.#pins.add(pin);
    return pin;
  }

  closeOlderThan(milliseconds: number): number {
    const limit = this.#monotonicMs() - milliseconds;
    let closed = 0;
    for (const pin of this.#pins) {
      if (pin.openedAt > limit) break;
      pin.close('expired');
      closed += 1;
    }
    return closed;
  }
}
