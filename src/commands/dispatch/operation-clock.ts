/** The time operations run by: their start, their deadline. A simulation hands in its own. */
export interface OperationClock {
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  /** Calls back after so long, unless the returned function is called before. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemOperationClock: OperationClock = {
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
