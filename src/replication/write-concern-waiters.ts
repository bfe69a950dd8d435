/**
 * Clients that wait until enough members have acknowledged their write.
 *
 * Every concern has one line of waiters in GTID order, and one question: up to which GTID is
 * it satisfied? Concerns are monotone (who has an entry has all before it), so an advance
 * of that position releases waiters from the front and looks at nobody else.
 *
 * Invariants
 * - A waiter is keyed by (term, opid) and lives inside one tenure: a change of role fails them all,
 *   so a commit of a later term never answers a write of an earlier one.
 * - Every promise settles: by progress, by its timer, by its signal, or by `failAll`.
 */
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import type { WriteConcern } from '../ark/write-concern.ts';
import type { CancelTimer, Timers } from './environment.ts';

/** What a write waits for. 0 and 1 never come here: visible means durable. */
export type AwaitedHolders = WriteConcern['w'];

export type AcknowledgementResult = 'acknowledged' | 'timedOut';

export interface WaitOptions {
  /** No limit when absent. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly gtid: Gtid;
  settled: boolean;
  cancelTimer: CancelTimer | undefined;
  forget: (() => void) | undefined;
  readonly resolve: (result: AcknowledgementResult) => void;
  readonly reject: (reason: unknown) => void;
}

interface Line {
  readonly w: AwaitedHolders;
  waiters: Waiter[];
}

export class WriteConcernWaiters {
  readonly #timers: Timers;
  readonly #satisfiedUpTo: (w: AwaitedHolders) => Gtid | undefined;
  readonly #lines = new Map<string, Line>();

  /** `satisfiedUpTo` gives the newest GTID of the own log that so many hold. */
  constructor(timers: Timers, satisfiedUpTo: (w: AwaitedHolders) => Gtid | undefined) {
    this.#timers = timers;
    this.#satisfiedUpTo = satisfiedUpTo;
  }

  get size(): number {
    let size = 0;
    for (const line of this.#lines.values()) {
      size += line.waiters.length;
    }
    return size;
  }

  wait(gtid: Gtid, w: AwaitedHolders, options: WaitOptions = {}): Promise<AcknowledgementResult> {
    const reached = this.#satisfiedUpTo(w);
    if (reached !== undefined && compareGtids(gtid, reached) <= 0) {
      return Promise.resolve('acknowledged');
    }
    const { timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        gtid,
        settled: false,
        cancelTimer: undefined,
        forget: undefined,
        resolve,
        reject,
      };
      const line = this.#line(w);
      if (timeoutMs !== undefined) {
        waiter.cancelTimer = this.#timers.after(timeoutMs, () => {
          this.#leave(line, waiter);
          settle(waiter);
          resolve('timedOut');
        });
      }
      if (signal !== undefined) {
        const abort = () => {
          this.#leave(line, waiter);
          settle(waiter);
          reject(signal.reason);
        };
        if (signal.aborted) {
          settle(waiter);
          reject(signal.reason);
          return;
        }
        signal.addEventListener('abort', abort, { once: true });
        waiter.forget = () => signal.removeEventListener('abort', abort);
      }
      insertInOrder(line.waiters, waiter);
    });
  }

  /** Releases everyone whose concern is now satisfied. Call after every change of positions. */
  progress(): void {
    for (const [key, line] of this.#lines) {
      const reached = line.waiters.length === 0 ? undefined : this.#satisfiedUpTo(line.w);
      if (reached !== undefined) {
        let released = 0;
        for (const waiter of line.waiters) {
          if (compareGtids(waiter.gtid, reached) > 0) {
            break;
          }
          released++;
          settle(waiter);
          waiter.resolve('acknowledged');
        }
        if (released > 0) {
          line.waiters = line.waiters.slice(released);
        }
      }
      if (line.waiters.length === 0) {
        this.#lines.delete(key);
      }
    }
  }

  /** Fails everyone; `reason` becomes their error. */
  failAll(reason: unknown): void {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) {
      for (const waiter of line.waiters) {
        settle(waiter);
        waiter.reject(reason);
      }
    }
  }

  #line(w: AwaitedHolders): Line {
    const key = JSON.stringify(w);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { w, waiters: [] };
      this.#lines.set(key, line);
    }
    return line;
  }

  #leave(line: Line, waiter: Waiter): void {
    const index = line.waiters.indexOf(waiter);
    if (index >= 0) {
      line.waiters.splice(index, 1);
    }
  }
}

function settle(waiter: Waiter): void {
  waiter.settled = true;
  waiter.cancelTimer?.();
  waiter.forget?.();
}

/** Writes arrive almost always in order, so the search from the end is one step. */
function insertInOrder(waiters: Waiter[], waiter: Waiter): void {
  let index = waiters.length;
  while (index > 0 && compareGtids((waiters[index - 1] as Waiter).gtid, waiter.gtid) > 0) {
    index--;
  }
  waiters.splice(index, 0, waiter);
}
