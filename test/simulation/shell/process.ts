import type { Timers } from '../../../src/replication/index.ts';
import type { Cancel, Timeline } from './timeline.ts';

/**
 * A process that can be stopped in its tracks and go on, or end between two steps. Whatever reaches
 * it from outside (timers, bytes, the end of a flush) comes in through `enter`.
 */
export class Process implements Timers {
  readonly #timeline: Timeline;
  #backlog: (() => void)[] | undefined;
  #hasEnded = false;
  #timers = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isPaused(): boolean {
    return this.#backlog !== undefined;
  }

  /** Timers that are still to fire. */
  get timers(): number {
    return this.#timers;
  }

  enter(run: () => void): void {
    if (this.#hasEnded) return;
    if (this.#backlog === undefined) run();
    else this.#backlog.push(run);
  }

  after(delayMs: number, callback: () => void): Cancel {
    this.#timers++;
    let isOver = false;
    const over = () => {
      if (!isOver) this.#timers--;
      isOver = true;
    };
    const cancel = this.#timeline.after(delayMs, () =>
      this.enter(() => {
        if (isOver) return;
        over();
        callback();
      }),
    );
    return () => {
      over();
      cancel();
    };
  }

  pause(): void {
    if (!this.#hasEnded) this.#backlog ??= [];
  }

  /** What came meanwhile is worked off one by one, as events of their own. */
  resume(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const run of backlog) this.#timeline.after(0, () => this.enter(run));
  }

  end(): void {
    this.#hasEnded = true;
    this.#backlog = undefined;
  }
}
