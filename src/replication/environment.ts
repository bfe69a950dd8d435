/**
 * Everything the replication shell takes from outside the process: time, chance, other members,
 * and the log. A simulator hands in its own and runs this very shell on virtual time; nothing in
 * this room reads a clock, a timer or a random number by another way.
 */
import { randomBytes } from 'node:crypto';
import type { Log } from '../log.ts';
import type { Transport } from './transport.ts';

export interface Clock {
  /** Milliseconds that never go backwards; the origin means nothing. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for what people and clients read. */
  wallMs(): number;
}

/** Cancels a timer; calling it late or twice is harmless. */
export type CancelTimer = () => void;

export interface Timers {
  after(delayMs: number, callback: () => void): CancelTimer;
}

export interface Randomness {
  /** Uniform in [0, 1). */
  fraction(): number;
  bytes(length: number): Buffer;
}

/** What this room needs of the member's log. */
export type ReplicationLog = Pick<Log, 'info' | 'warning' | 'error'>;

export interface Environment {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Randomness;
  readonly transport: Transport;
  readonly log: ReplicationLog;
  /**
   * Ends the member at once, without running anything else: a broken invariant or a failed flush.
   * The set survives a member's death, not a member that lies.
   */
  crash(error: unknown): never;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const systemRandomness: Randomness = {
  fraction: () => Math.random(),
  bytes: (length) => randomBytes(length),
};

/** What was asked goes on; who asked no longer waits for it once the signal says so. */
export function unlessAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Rejects with the reason of the signal when that comes first. */
export function delay(timers: Timers, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
