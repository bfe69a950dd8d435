/**
 * Which state a majority read may see: pinned snapshots labelled with their last GTID, of which
 * the newest at or below the commit point serves.
 *
 * Every durable batch pins one state, so that there is one to read when the commit point stops
 * moving: that is when majority reads matter. A pin costs pages in the store, so while nobody reads
 * this way only a few are kept, and none for long.
 *
 * Invariants
 * - A state whose last GTID is above the commit point is never handed out.
 * - At most `pinsMax` states are pinned by this registry, `idlePinsMax` while nobody reads this way;
 *   readers share them by counting.
 * - At most `loansMax` states that no longer serve stay pinned for their readers, which may be cursors
 *   nobody comes back to; the next one takes the oldest away.
 * - What was committed when a read began is in the state it gets.
 * - A rollback drops every pin above the common point.
 */
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import type { Clock } from './environment.ts';

/** A pinned state of the database and the last entry in it. */
export interface PinnedState {
  readonly lastGtid: Gtid;
  close(): void;
  /** Closes it while it is read from: those reads fail with SnapshotTooOld. */
  expire(): void;
}

/** A pinned state on loan; `release` once, when the read (or its cursor) is done. */
export interface MajorityRead<T extends PinnedState> {
  readonly state: T;
  release(): void;
}

interface Pin<T> {
  readonly state: T;
  readonly pinnedMs: number;
  readers: number;
  isDropped: boolean;
}

interface WaitingRead {
  readonly gtid: Gtid;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export interface ReadConcernOptions<T extends PinnedState> {
  readonly clock: Clock;
  readonly pinNewest: () => T;
  readonly pinsMax: number;
  readonly idlePinsMax: number;
  readonly loansMax: number;
  /** Nobody reads this way when nobody has for so long. */
  readonly idleAfterMs: number;
  /** While nobody reads this way, a pin that has newer data behind it is not kept for longer. */
  readonly idlePinAgeMaxMs: number;
}

export class MajorityReads<T extends PinnedState> {
  readonly #options: ReadConcernOptions<T>;
  #pins: Pin<T>[] = [];
  /** Dropped, and still read from; oldest first. */
  readonly #loans = new Set<Pin<T>>();
  #commitPoint: Gtid | undefined;
  #lastUsedMs = Number.NEGATIVE_INFINITY;
  #isIdle = true;
  #waiting: WaitingRead[] = [];
  #wakeOnPin: (() => void)[] = [];
  #closed: { readonly reason: unknown } | undefined;

  constructor(options: ReadConcernOptions<T>) {
    this.#options = options;
  }

  get pinned(): number {
    return this.#pins.length;
  }

  /**
   * The newest committed state; waits for the commit point when none is pinned yet, and until it has
   * come to `after`, which the own log must have reached (afterClusterTime).
   */
  async read(signal?: AbortSignal, after?: Gtid): Promise<MajorityRead<T>> {
    this.#used();
    // What was committed when the read began must be in it: a client reads its own majority writes.
    const atLeast = later(this.#commitPoint, after);
    for (;;) {
      signal?.throwIfAborted();
      if (this.#closed !== undefined) throw this.#closed.reason;
      this.#pinNewest();
      const pin = this.#newestCommitted();
      if (
        pin !== undefined &&
        (atLeast === undefined || compareGtids(pin.state.lastGtid, atLeast) >= 0)
      ) {
        return this.#lend(pin);
      }
      const newest = this.#pins.at(-1);
      if (newest === undefined) {
        throw new Error('no state could be pinned for a majority read');
      }
      if (atLeast !== undefined && compareGtids(newest.state.lastGtid, atLeast) < 0) {
        // The own log is behind the commit point it was told of, or every pin is on loan.
        await this.#nextPin(signal);
        continue;
      }
      await this.#committed(newest.state.lastGtid, signal);
    }
  }

  /** The newest committed state that is pinned, without waiting; see `read` for what is fresh. */
  tryRead(): MajorityRead<T> | undefined {
    this.#used();
    const pin = this.#newestCommitted();
    return pin === undefined ? undefined : this.#lend(pin);
  }

  /** A batch became durable. */
  durable(): void {
    if (this.#closed !== undefined) return;
    const { clock, idleAfterMs, idlePinAgeMaxMs } = this.#options;
    const now = clock.monotonicMs();
    this.#isIdle = now - this.#lastUsedMs > idleAfterMs;
    const [oldest] = this.#pins;
    if (this.#isIdle && oldest !== undefined && now - oldest.pinnedMs > idlePinAgeMaxMs) {
      this.#pins.shift();
      this.#drop(oldest);
    }
    this.#pinNewest();
    this.#wakePinWaiters();
  }

  commitPointMoved(commitPoint: Gtid): void {
    this.#commitPoint = commitPoint;
    this.#dropOlderThanServing();
    this.#wakePinWaiters();
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((read) => compareGtids(read.gtid, commitPoint) > 0);
    for (const read of waiting) {
      if (compareGtids(read.gtid, commitPoint) <= 0) {
        read.resolve();
      }
    }
  }

  /** Entries after `commonPoint` are gone; readers of committed states are not disturbed. */
  rolledBackTo(commonPoint: Gtid): void {
    const gone = this.#pins.filter((pin) => compareGtids(pin.state.lastGtid, commonPoint) > 0);
    this.#pins = this.#pins.filter((pin) => compareGtids(pin.state.lastGtid, commonPoint) <= 0);
    for (const pin of gone) {
      this.#drop(pin);
    }
  }

  failWaiting(reason: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const read of waiting) {
      read.reject(reason);
    }
  }

  /** Nothing is pinned any more; readers keep what they have on loan. */
  close(reason: unknown): void {
    this.#closed = { reason };
    this.failWaiting(reason);
    this.#wakePinWaiters();
    for (const pin of this.#pins) {
      this.#drop(pin);
    }
    this.#pins = [];
  }

  #used(): void {
    this.#lastUsedMs = this.#options.clock.monotonicMs();
    this.#isIdle = false;
  }

  #pinNewest(): void {
    const { pinsMax, idlePinsMax } = this.#options;
    if (this.#pins.length >= (this.#isIdle ? idlePinsMax : pinsMax)) {
      return; // Older pins still serve; staler reads are better than pages pinned without limit.
    }
    const state = this.#options.pinNewest();
    const newest = this.#pins.at(-1);
    if (newest !== undefined && compareGtids(newest.state.lastGtid, state.lastGtid) >= 0) {
      state.close();
      return;
    }
    const pinnedMs = this.#options.clock.monotonicMs();
    this.#pins.push({ state, pinnedMs, readers: 0, isDropped: false });
    this.#dropOlderThanServing();
  }

  /** The next durable batch or the next move of the commit point, whichever comes first. */
  #nextPin(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        this.#wakeOnPin = this.#wakeOnPin.filter((other) => other !== wake);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#wakeOnPin.push(wake);
    });
  }

  #wakePinWaiters(): void {
    for (const wake of this.#wakeOnPin.splice(0)) {
      wake();
    }
  }

  #newestCommitted(): Pin<T> | undefined {
    const commitPoint = this.#commitPoint;
    return commitPoint === undefined
      ? undefined
      : this.#pins.findLast((pin) => compareGtids(pin.state.lastGtid, commitPoint) <= 0);
  }

  #dropOlderThanServing(): void {
    const serving = this.#newestCommitted();
    if (serving !== undefined) {
      const index = this.#pins.indexOf(serving);
      for (const pin of this.#pins.splice(0, index)) {
        this.#drop(pin);
      }
    }
  }

  #lend(pin: Pin<T>): MajorityRead<T> {
    pin.readers++;
    let isReleased = false;
    return {
      state: pin.state,
      release: () => {
        if (!isReleased) {
          isReleased = true;
          pin.readers--;
          if (pin.isDropped && pin.readers === 0) {
            this.#loans.delete(pin);
            pin.state.close();
          }
        }
      },
    };
  }

  #drop(pin: Pin<T>): void {
    pin.isDropped = true;
    if (pin.readers === 0) {
      pin.state.close();
      return;
    }
    this.#loans.add(pin);
    if (this.#loans.size > this.#options.loansMax) {
      const [oldest] = this.#loans as Iterable<Pin<T>>;
      if (oldest !== undefined) {
        this.#loans.delete(oldest);
        oldest.state.expire();
      }
    }
  }

  #committed(gtid: Gtid, signal?: AbortSignal): Promise<void> {
    if (this.#commitPoint !== undefined && compareGtids(gtid, this.#commitPoint) <= 0) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting = this.#waiting.filter((read) => read !== waiting);
        reject(signal?.reason);
      };
      const waiting: WaitingRead = {
        gtid,
        resolve: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', abort);
          reject(reason);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiting);
    });
  }
}

function later(a: Gtid | undefined, b: Gtid | undefined): Gtid | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareGtids(a, b) >= 0 ? a : b;
}
