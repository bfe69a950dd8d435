/**
 * The event loop that work in slices shares: how long a slice has run, and how others get their turn.
 * There is one in a process; a simulation puts one on virtual time in its place, for all the members it
 * runs in this process.
 */
export interface EventLoop {
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  /** Milliseconds the process has had of the CPU: on a busy machine fewer than have passed. */
  cpuMs(): number;
  /** Calls back when the event loop has looked at everything else. */
  afterTurn(resume: () => void): void;
}

const realEventLoop: EventLoop = {
  monotonicMs: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  afterTurn: (resume) => {
    setImmediate(resume);
  },
};

export let eventLoop: EventLoop = realEventLoop;

/** Until the returned function is called, slices are cut by this event loop. */
export function replaceEventLoop(replacement: EventLoop): () => void {
  eventLoop = replacement;
  return () => {
    eventLoop = realEventLoop;
  };
}
