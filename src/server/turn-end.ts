/**
 * Runs what was put off until every connection that had something to say in this turn of the event
 * loop was heard.
 *
 * Replies wait here, because the first one wakes the client's process and the ones that follow
 * while it is awake do not: written one by one, each would pay for a process that had just gone
 * back to sleep.
 */

/** So many wait at most: a turn in which all of a thousand clients speak must not keep the first waiting. */
const waitingMax = 32;

export interface PutOff {
  runAtTurnEnd(): void;
}

export class TurnEnd {
  #waiting: PutOff[] = [];
  #isScheduled = false;
  readonly #onImmediate = (): void => {
    this.#isScheduled = false;
    this.#runAll();
  };

  /** `task` runs once before the turn ends, in the order of these calls. */
  add(task: PutOff): void {
    const count = this.#waiting.push(task);
    if (count === waitingMax) {
      this.#runAll();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(this.#onImmediate);
    }
  }

  #runAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) task.runAtTurnEnd();
  }
}
