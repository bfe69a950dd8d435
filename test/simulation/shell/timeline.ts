import { Schedule } from '../world/schedule.ts';

/** Captured before anything traps the real ones: the only real time a simulation touches. */
const realTurn = setImmediate;

export type Cancel = () => void;

/**
 * Virtual time in milliseconds and what is to happen on it.
 *
 * Between two events every promise that can settle does: all waits of the simulated machines end in
 * an event here, so one turn of the real event loop is enough to let them run out.
 */
export class Timeline {
  readonly #schedule = new Schedule();

  get now(): number {
    return this.#schedule.now;
  }

  after(delayMs: number, run: () => void): Cancel {
    let isCancelled = false;
    this.#schedule.after(Math.max(0, delayMs), () => {
      if (!isCancelled) run();
    });
    return () => {
      isCancelled = true;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** Lets events happen, each followed by `afterEvent`, until `isDone`. Throws when nothing is left to happen. */
  async run(isDone: () => boolean, afterEvent: () => void): Promise<void> {
    await settled();
    while (!isDone()) {
      if (this.#schedule.nextTime === Number.POSITIVE_INFINITY) {
        throw new Error('nothing is left to happen');
      }
      this.#schedule.runNext();
      await settled();
      afterEvent();
    }
  }
}

/** Resolves when no promise is left that could settle by itself. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    realTurn(resolve);
  });
}
