export interface Waiter {
  /** Resolves at the next change, after the time, or when the signal aborts. */
  within(milliseconds: number, signal: AbortSignal): Promise<void>;
  withdraw(): void;
}

/**
 * Who waits for new documents: tailable cursors with awaitData, and whoever follows the oplog.
 * A wake-up says only "look again"; it carries nothing.
 */
export class WakeUps {
  readonly #waiting = new Map<string, Set<() => void>>();

  /**
   * Calls `wake` once, at the next change of `namespace`. The returned function withdraws.
   */
  once(namespace: string, wake: () => void): () => void {
    let set = this.#waiting.get(namespace);
    if (set === undefined) {
      set = new Set();
      this.#waiting.set(namespace, set);
    }
    set.add(wake);
    return () => {
      const current = this.#waiting.get(namespace);
      current?.delete(wake);
      if (current?.size === 0) this.#waiting.delete(namespace);
    };
  }

  /**
   * Notices changes of `namespace` from now on, so that none falls between looking and waiting. Must
   * be withdrawn.
   */
  waiter(namespace: string): Waiter {
    let isWoken = false;
    let wakeWaiting: (() => void) | undefined;
    const withdraw = this.once(namespace, () => {
      isWoken = true;
      wakeWaiting?.();
    });
    return {
      withdraw,
      within(milliseconds, signal) {
        if (isWoken || signal.aborted) return Promise.resolve();
        return new Promise((resolve) => {
          const done = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            wakeWaiting = undefined;
            resolve();
          };
          const timer = setTimeout(done, milliseconds);
          signal.addEventListener('abort', done);
          wakeWaiting = done;
        });
      },
    };
  }

  wake(namespace: string): void {
    const set = this.#waiting.get(namespace);
    if (set === undefined) return;
    this.#waiting.delete(namespace);
    for (const wake of set) wake();
  }

  wakeAll(): void {
    for (const namespace of [...this.#waiting.keys()]) this.wake(namespace);
  }
}
