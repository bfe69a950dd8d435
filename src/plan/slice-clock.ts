import { eventLoop } from './turns.ts';

/** How long a plan runs before other work of the event loop gets its turn, in milliseconds. */
const sliceMilliseconds = 5;

/** Steps between two looks at the clock while steps are short. */
const stepsPerLook = 8;
/** Steps that take longer are followed by a look each. */
const longStepsMs = 0.5;

/**
 * Says when a slice is over. Asked after every step of the work; looks at the clock after a few short
 * steps, but after each long one, so that documents of many megabytes do not stretch the slice.
 */
export class SliceClock {
  readonly #deadline: number;
  #lookedAt: number;
  #stepsLeft = 1;

  constructor(budgetMs = sliceMilliseconds) {
    this.#lookedAt = eventLoop.monotonicMs();
    this.#deadline = this.#lookedAt + budgetMs;
  }

  isOver(): boolean {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) return false;
    const now = eventLoop.monotonicMs();
    this.#stepsLeft = now - this.#lookedAt >= longStepsMs ? 1 : stepsPerLook;
    this.#lookedAt = now;
    return now >= this.#deadline;
  }
}

/** Resolves when the event loop has looked at everything else. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    eventLoop.afterTurn(resolve);
  });
}
