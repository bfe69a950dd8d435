/** When a `hello` would answer something else: a counter, and those who wait for it to move. */
import { ObjectId } from 'bson';
import type { Randomness, Timers } from './environment.ts';

export interface TopologyVersion {
  /** New with every start of the process. */
  readonly processId: ObjectId;
  readonly counter: bigint;
}

export class Topology {
  readonly #timers: Timers;
  readonly #processId: ObjectId;
  #counter = 0n;
  readonly #listeners = new Set<() => void>();

  constructor(timers: Timers, random: Randomness) {
    this.#timers = timers;
    this.#processId = new ObjectId(random.bytes(12));
  }

  get version(): TopologyVersion {
    return { processId: this.#processId, counter: this.#counter };
  }

  changed(): void {
    this.#counter++;
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  /** Resolves when the counter is no longer `counter`, or after `timeoutMs`. */
  awaitChange(
    counter: bigint,
    { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<void> {
    if (counter !== this.#counter) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        cancelTimer();
        this.#listeners.delete(onChange);
        signal.removeEventListener('abort', onAbort);
      };
      const onChange = () => {
        leave();
        resolve();
      };
      const onAbort = () => {
        leave();
        reject(signal.reason);
      };
      const cancelTimer = this.#timers.after(timeoutMs, onChange);
      this.#listeners.add(onChange);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
