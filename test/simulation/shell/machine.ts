import type { Dice } from '../../../scripts/chaos/random.ts';
import {
  type MemoryDurableState,
  type MemoryEngine,
  openMemoryDurableState,
  openMemoryEngine,
} from '../../../storage/index.ts';
import type { Process } from './process.ts';
import type { Timeline } from './timeline.ts';

export interface DiskHabits {
  /** A flush takes up to so long, milliseconds. */
  readonly flushMs: number;
  /** Share of the flushes that take `slowFlushMs` instead. */
  readonly slowShare: number;
  readonly slowFlushMs: number;
}

/** The injected fault, to tell it from the faults of the product. */
export class FlushFailed extends Error {
  override readonly name = 'FlushFailed';
}

/** One member's disk: the store and the small facts, with flushes that take their time or fail. */
export class Machine {
  readonly engine: MemoryEngine;
  readonly durableState: MemoryDurableState;
  /** The process that runs on it: the end of a flush is news to it. */
  process: Process | undefined;
  /** The next flushes fail, so many. */
  failingFlushes = 0;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #habits: DiskHabits;

  constructor(timeline: Timeline, dice: Dice, habits: DiskHabits, workClock: () => number) {
    this.#timeline = timeline;
    this.#dice = dice;
    this.#habits = habits;
    const flush = () => this.#flush();
    this.engine = openMemoryEngine({
      flush,
      schedule: (run) => this.#enter(0, run),
      monotonicMs: workClock,
    });
    this.durableState = openMemoryDurableState({ flush });
  }

  /** Power loss takes what was not flushed; without it the operating system writes it in time. */
  crash(options: { readonly loseUnsynced: boolean }): void {
    this.process = undefined;
    this.failingFlushes = 0;
    this.engine.crash(options);
    this.durableState.crash(options);
  }

  #flush(): Promise<void> {
    const { flushMs, slowShare, slowFlushMs } = this.#habits;
    const limit = this.#dice.chance(slowShare) ? slowFlushMs : flushMs;
    const isFailing = this.failingFlushes > 0;
    if (isFailing) this.failingFlushes--;
    return new Promise((resolve, reject) => {
      this.#enter(this.#dice.fraction() * limit, () => {
        if (isFailing) reject(new FlushFailed('the disk refused a flush'));
        else resolve();
      });
    });
  }

  #enter(delayMs: number, run: () => void): void {
    const { process } = this;
    this.#timeline.after(delayMs, () => (process === undefined ? run() : process.enter(run)));
  }
}
