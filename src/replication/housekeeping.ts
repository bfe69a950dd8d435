/**
 * What a member does now and then: forget the oldest oplog entries, and delete for good what was
 * dropped, once no rollback can want it back, and sessions that nobody has used for long.
 */

import { oplogSize, truncateOplog } from '../../storage/index.ts';
import { compareGtids, type Gtid, type Member } from '../ark/index.ts';
import { type Database, gtidToBytes, SessionReaper } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { CancelTimer, Timers } from './environment.ts';

export interface HousekeepingOptions {
  readonly database: Database;
  readonly timers: Timers;
  readonly oplogBytesMax: number;
  readonly state: () => Member;
  readonly onFailure: (error: unknown) => void;
}

const intervalMs = 1000;
/** Beyond this many times its size the log no longer waits for members that lag or are gone. */
const hardCapFactor = 2;

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #sessions: SessionReaper;
  #cancel: CancelTimer | undefined;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#sessions = new SessionReaper(options.database);
  }

  start(): void {
    this.#cancel = this.#options.timers.after(intervalMs, () => {
      this.#running = this.#round().then(
        () => {
          if (!this.#isStopped) {
            this.start();
          }
        },
        (error: unknown) => {
          if (!this.#isStopped) {
            this.#options.onFailure(error);
          }
        },
      );
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  async #round(): Promise<void> {
    const { database, state } = this.#options;
    // Slice by slice until nothing is left: each waits for its flush, so others get their turn.
    while (this.#mayWork && (await database.reap(isCommitted(state)))) {}
    while (this.#mayWork && (await this.#truncate())) {}
    if (this.#mayWork) await this.#reapSessions();
  }

  async #reapSessions(): Promise<void> {
    try {
      await this.#sessions.runSlice(this.#options.state().role.kind === 'primary');
    } catch (error) {
      // Refused, as after a step down: the next primary does it.
      if (!(error instanceof MongoServerError)) throw error;
    }
  }

  get #mayWork(): boolean {
    const { kind } = this.#options.state().role;
    return kind !== 'initialSync' && kind !== 'rollback' && !this.#isStopped;
  }

  /** False when the log is short enough, or what is too old is still needed. */
  async #truncate(): Promise<boolean> {
    const { database, oplogBytesMax } = this.#options;
    const { bytes } = oplogSize(database.engine.latest);
    if (bytes <= oplogBytesMax) {
      return false;
    }
    const floor = gtidToBytes(this.#floor(bytes > oplogBytesMax * hardCapFactor));
    const deleted = await database.engine.write((transaction) =>
      truncateOplog(transaction, { maxBytes: oplogBytesMax, floor }),
    );
    return deleted > 0;
  }

  /** What may still be undone stays, and what a member that can be heard has yet to pull. */
  #floor(isPressing: boolean): Gtid {
    const { commitPoint, peers } = this.#options.state();
    if (isPressing) {
      return commitPoint;
    }
    return Object.values(peers)
      .filter((peer) => peer.connected && peer.status?.state === 'SECONDARY')
      .map((peer) => peer.status?.lastEntry ?? commitPoint)
      .reduce((low, gtid) => (compareGtids(gtid, low) < 0 ? gtid : low), commitPoint);
  }
}

function isCommitted(state: () => Member): (gtid: Gtid) => boolean {
  return (gtid) => compareGtids(gtid, state().commitPoint) <= 0;
}
