/**
 * Cluster time: the newest time anybody has shown this member, and who waits for an entry at or
 * after some time (causal reads: afterClusterTime).
 */
import type { Timestamp } from 'bson';
import type { ClusterTime, Database } from '../database/index.ts';
import { toTimestamp } from './optime.ts';

interface TimeWaiter {
  readonly time: ClusterTime;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export interface TimesOfReplies {
  readonly clusterTime: Timestamp;
  readonly operationTime: Timestamp;
}

export class ClusterTimes {
  readonly #database: Database;
  #seen: ClusterTime = { t: 0, i: 0 };
  #waiters: TimeWaiter[] = [];
  #own: ClusterTime | undefined;
  #newest: ClusterTime | undefined;
  #forReplies: TimesOfReplies | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  observe(time: Timestamp): void {
    const seen = fromTimestamp(time);
    if (compareTimes(seen, this.#seen) > 0) {
      this.#seen = seen;
      this.#database.observeClusterTime(seen);
    }
  }

  /** The newest time known; of a store without entries, what others have shown. */
  get newest(): ClusterTime {
    const own = this.#database.durableClusterTime;
    return compareTimes(own, this.#seen) > 0 ? own : this.#seen;
  }

  /**
   * What every reply carries; undefined of a store without entries. The same object until a time
   * has changed, so that it is made and written once for all replies in between.
   */
  get forReplies(): TimesOfReplies | undefined {
    const own = this.#database.durableClusterTime;
    const { newest } = this;
    if (own === this.#own && newest === this.#newest) {
      return this.#forReplies;
    }
    this.#own = own;
    this.#newest = newest;
    this.#forReplies =
      own.t === 0
        ? undefined
        : { clusterTime: toTimestamp(newest), operationTime: toTimestamp(own) };
    return this.#forReplies;
  }

  hasReached(time: ClusterTime): boolean {
    return compareTimes(this.#database.durableClusterTime, time) >= 0;
  }

  /** Resolves when an entry at or after `time` is durable here, and so visible to reads. */
  reached(time: ClusterTime, signal: AbortSignal): Promise<void> {
    if (this.hasReached(time)) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      const waiter: TimeWaiter = {
        time,
        reject,
        resolve: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  durable(): void {
    if (this.#waiters.length > 0) {
      const ready = this.#waiters.filter(({ time }) => this.hasReached(time));
      this.#waiters = this.#waiters.filter(({ time }) => !this.hasReached(time));
      for (const waiter of ready) {
        waiter.resolve();
      }
    }
  }

  failAll(reason: unknown): void {
    for (const waiter of this.#waiters.splice(0)) {
      waiter.reject(reason);
    }
  }
}

export function fromTimestamp(time: Timestamp): ClusterTime {
  return { t: time.getHighBitsUnsigned(), i: time.getLowBitsUnsigned() };
}

function compareTimes(a: ClusterTime, b: ClusterTime): number {
  return a.t === b.t ? a.i - b.i : a.t - b.t;
}
