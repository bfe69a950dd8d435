import type { Gtid, PersistEffect, ReplicaSetConfig, VoteRecord } from '../../../src/ark/index.ts';
import type { Log } from './log.ts';
import type { Random } from './random.ts';

export interface DiskTiming {
  /** Milliseconds of a flush. */
  readonly flushMillis: number;
  /** Flushes take up to so many times as long, differently each. 1: always the same. */
  readonly slowestFactor: number;
}

export type DiskImage = Pick<
  Disk,
  'vote' | 'config' | 'rollbackId' | 'isComplete' | 'heldBefore' | 'durable' | 'oldestIndex'
>;

/** What of a member survives its process, and what is on its way there. */
export class Disk {
  incarnation: string;
  vote: VoteRecord | undefined;
  config: ReplicaSetConfig | undefined;
  rollbackId = 0;
  /** The data is complete: neither empty nor half copied. */
  isComplete = false;
  /** Beside the mark of an unfinished copy: the last entry held before it began. */
  heldBefore: Gtid | undefined;
  /** The end of the log as it survives power loss. */
  durable: Log;
  /** Index of the oldest entry still kept, for others to pull. */
  oldestIndex = 0;
  /** Ends of logs that were durable here and are gone since, rightly or not. */
  past: Log[] = [];
  /** How often the log was cut: a flush that began before knows nothing of what is there now. */
  cuts = 0;
  /** Until when the disk is busy with what was asked for before. */
  busyUntil = 0;
  /** The next flush fails. */
  isFailing = false;
  timing: DiskTiming;
  /** Written, not yet durable, oldest first. */
  #pending: PersistEffect[] = [];

  constructor(incarnation: string, timing: DiskTiming) {
    this.incarnation = incarnation;
    this.timing = timing;
  }

  /** Milliseconds the next flush takes. */
  flushMillis(random: Random): number {
    const { flushMillis, slowestFactor } = this.timing;
    if (slowestFactor === 1) return flushMillis;
    return flushMillis * (1 + (slowestFactor - 1) * random() ** 3);
  }

  write(effect: PersistEffect): void {
    this.#pending.push(effect);
  }

  /** Everything up to that token survives from now on. */
  flushed(token: number): void {
    while (this.#pending[0] !== undefined && this.#pending[0].token <= token)
      this.#keep(this.#pending.shift()!);
  }

  /** The process is gone. Of what was written and not yet durable, the first `share` (0 to 1) is there all the same. */
  crash(log: Log, share: number, entryAt: (log: Log, index: number) => Log): Log {
    const kept = Math.floor(this.#pending.length * share + 1e-9);
    for (const effect of this.#pending.slice(0, kept)) this.#keep(effect);
    this.#pending = [];
    this.busyUntil = 0;
    if (log !== undefined) {
      const from = this.durable === undefined ? -1 : this.durable.index;
      const index = from + Math.floor((log.index - from) * share + 1e-9);
      this.durable = index < 0 ? undefined : entryAt(log, index);
    }
    return this.durable;
  }

  /** The log gives up what it held: undone, or thrown away for a copy. Durably, at once. */
  cutTo(log: Log): void {
    if (this.durable !== undefined) this.past.push(this.durable);
    this.durable = log;
    this.cuts += 1;
  }

  /** A copy of the data directory as it would be found now. */
  snapshot(): DiskImage {
    const { vote, config, rollbackId, isComplete, heldBefore, durable, oldestIndex } = this;
    return { vote, config, rollbackId, isComplete, heldBefore, durable, oldestIndex };
  }

  /** An old copy in the place of the data directory. Who brings it back makes a new incarnation. */
  restore(image: DiskImage, incarnation: string): void {
    this.cutTo(image.durable);
    this.incarnation = incarnation;
    this.vote = image.vote;
    this.config = image.config;
    this.rollbackId = image.rollbackId;
    this.isComplete = image.isComplete;
    this.heldBefore = image.heldBefore;
    this.oldestIndex = image.oldestIndex;
    this.isFailing = false;
  }

  /** Everything is lost: a new data directory. */
  wipe(incarnation: string): void {
    this.incarnation = incarnation;
    this.vote = undefined;
    this.config = undefined;
    this.rollbackId = 0;
    this.isComplete = false;
    this.heldBefore = undefined;
    this.cutTo(undefined);
    this.oldestIndex = 0;
    this.#pending = [];
    this.isFailing = false;
  }

  #keep({ vote, config }: PersistEffect): void {
    if (vote !== undefined) this.vote = vote;
    if (config !== undefined) this.config = config;
  }
}
