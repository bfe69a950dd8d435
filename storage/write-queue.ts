/**
 * The queue of write bodies in front of an engine, and the pump that forms batches of them.
 *
 * Invariants: bodies run in call order; promises settle in call order, when the batch is durable; a
 * body that throws spoils only itself; after a failed commit nothing is accepted any more.
 *
 * The queue itself has no limit, on purpose: it holds no more than who fills it. A connection has one
 * command in flight, a command queues at most 128 bodies (`statementsInFlight`), there are at most
 * `--maxConns` connections, and each body refers to bytes of a message that its connection holds
 * anyway. To refuse a body here would only make the client send those bytes again. What must not wait
 * behind clients, votes, has a store of its own.
 *
 * It knows no store: the engine runs `drain` inside one of its transactions and makes the result
 * durable.
 */

import type { BatchObserver, Buffering, WriteTransaction } from './engine.ts';

/** Past either limit the rest of the queue waits for the next batch. */
const batchLimits = { bodies: 256, milliseconds: 2 } as const;

interface QueuedWrite {
  readonly body: ((transaction: WriteTransaction) => unknown) | undefined;
  readonly observer: BatchObserver<never> | undefined;
  readonly isBuffered: Buffering;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  hasThrown: boolean;
  outcome: unknown;
}

/** What the queue asks of its engine. */
export interface BatchRunner {
  /** Runs `drain` in one store transaction; resolves when it is durable. */
  commit(drain: () => void): Promise<void>;
  /** Runs one body so that a throw undoes it alone. */
  runBody(body: (transaction: WriteTransaction) => unknown, isBuffered: boolean): unknown;
  onFailure(error: unknown): void;
}

export class WriteQueue {
  readonly #runner: BatchRunner;
  readonly #monotonicMs: () => number;
  readonly #queue: QueuedWrite[] = [];
  /** A transaction is asked for and its `drain` has not run yet. */
  #isWaiting = false;
  readonly #batches = new Set<QueuedWrite[]>();
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;
  #idleWaiters: (() => void)[] = [];
  commits = 0;

  /** `monotonicMs`: the clock that ends a batch; a simulation passes its own. */
  constructor(runner: BatchRunner, monotonicMs: () => number = () => performance.now()) {
    this.#runner = runner;
    this.#monotonicMs = monotonicMs;
  }

  get length(): number {
    return this.#queue.length;
  }

  write<T>(
    body: (transaction: WriteTransaction) => T,
    observer: BatchObserver<T> | undefined,
    isBuffered: Buffering,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#enqueue({
        body,
        observer,
        isBuffered,
        resolve,
        reject,
        hasThrown: false,
        outcome: undefined,
      });
    });
  }

  /** Resolves when everything queued before is settled; never rejects. */
  flushed(): Promise<void> {
    if (this.#queue.length === 0 && this.#batches.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => resolve();
      this.#enqueue({
        body: undefined,
        observer: undefined,
        isBuffered: false,
        resolve: done,
        reject: done,
        hasThrown: false,
        outcome: undefined,
      });
    });
  }

  /** Refuses new writes and waits for the queued ones. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#queue.length > 0 || this.#batches.size > 0) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    }
  }

  /** The engine lost its store: everything unsettled rejects, and so does all that comes. */
  abandon(error: unknown): void {
    this.#failure ??= { error };
    for (const batch of this.#batches) for (const write of batch) write.reject(error);
    for (const write of this.#queue.splice(0)) write.reject(error);
  }

  #enqueue(write: QueuedWrite): void {
    if (this.#failure !== undefined) {
      write.reject(this.#failure.error);
    } else if (this.#isClosed) {
      write.reject(new Error('the storage engine is closed'));
    } else {
      this.#queue.push(write);
      if (!this.#isWaiting) this.#start();
    }
  }

  #start(): void {
    this.#isWaiting = true;
    const batch: QueuedWrite[] = [];
    this.#batches.add(batch);
    this.#runner
      .commit(() => this.#drain(batch))
      .then(
        () => this.#settle(batch),
        (error: unknown) => this.#fail(batch, error),
      );
  }

  #drain(batch: QueuedWrite[]): void {
    const queue = this.#queue;
    const deadline = this.#monotonicMs() + batchLimits.milliseconds;
    let taken = 0;
    while (taken < queue.length && taken < batchLimits.bodies) {
      const write = queue[taken]!;
      taken += 1;
      batch.push(write);
      if (write.body !== undefined) this.#run(write, write.body);
      if (this.#monotonicMs() > deadline) break;
    }
    queue.splice(0, taken);
    this.#tell(batch, 'applied');
    this.#isWaiting = false;
    // The store must have left its callback before the next transaction is asked for.
    if (queue.length > 0) {
      this.#isWaiting = true;
      queueMicrotask(() => this.#start());
    }
  }

  #run(write: QueuedWrite, body: (transaction: WriteTransaction) => unknown): void {
    try {
      const { isBuffered } = write;
      write.outcome = this.#runner.runBody(
        body,
        typeof isBuffered === 'function' ? isBuffered() : isBuffered,
      );
    } catch (error) {
      write.hasThrown = true;
      write.outcome = error;
    }
  }

  #tell(batch: readonly QueuedWrite[], event: 'applied' | 'durable'): void {
    const resultsByObserver = new Map<BatchObserver<never>, unknown[]>();
    for (const { observer, hasThrown, outcome } of batch) {
      if (observer === undefined || hasThrown) continue;
      const results = resultsByObserver.get(observer);
      if (results === undefined) resultsByObserver.set(observer, [outcome]);
      else results.push(outcome);
    }
    for (const [observer, results] of resultsByObserver) {
      try {
        observer[event]?.(results as never[]);
      } catch (error) {
        // The writes stand, their observer is broken: ours to know, not the writers'.
        queueMicrotask(() => this.#runner.onFailure(error));
      }
    }
  }

  #settle(batch: QueuedWrite[]): void {
    // Everything that was not settled before the store was lost has been rejected.
    if (this.#failure !== undefined) {
      this.#batchDone(batch);
      return;
    }
    this.commits += 1;
    this.#tell(batch, 'durable');
    for (const write of batch) {
      if (write.hasThrown) write.reject(write.outcome);
      else write.resolve(write.outcome as never);
    }
    this.#batchDone(batch);
  }

  #fail(batch: QueuedWrite[], error: unknown): void {
    const isFirst = this.#failure === undefined;
    this.#failure ??= { error };
    for (const write of batch) write.reject(error);
    for (const write of this.#queue.splice(0)) write.reject(error);
    this.#batchDone(batch);
    if (isFirst) this.#runner.onFailure(error);
  }

  #batchDone(batch: QueuedWrite[]): void {
    this.#batches.delete(batch);
    // The store chains its transactions, the older one to the newer, and each to the callback that knows the
    // batch: once the collector takes one of them for old, it keeps all that follow and what they hold.
    batch.length = 0;
    if (this.#batches.size > 0 || this.#queue.length > 0) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}
