/**
 * This member's log as replication sees it: where it ends, how often it was rolled back, and its newest entries in memory.
 *
 * Invariants
 * - The ring ends where the log ends, so that followers who are up to date never touch the disk.
 * - After the log was cut or replaced nothing remembered of the old one is answered any more.
 */
import { lastEntry } from '../../storage/index.ts';
import { type Gtid, initialGtid } from '../ark/index.ts';
import { type Database, gtidToBytes } from '../database/index.ts';
import { OplogRing } from './oplog-ring.ts';
import { Moments } from './optime.ts';

const ringBytesMax = 32 * 1024 * 1024;

export class OwnLog {
  readonly ring = new OplogRing(ringBytesMax);
  readonly moments: Moments;
  readonly #database: Database;
  #rollbackId = 1;

  constructor(database: Database) {
    this.#database = database;
    this.moments = new Moments(database.engine.latest);
  }

  get lastApplied(): Gtid {
    return this.#database.lastAppended ?? initialGtid;
  }

  get lastDurable(): Gtid {
    return this.#database.lastDurable ?? initialGtid;
  }

  get rollbackId(): number {
    return this.#rollbackId;
  }

  /** It is on disk. Whoever pulls from here must notice. */
  set rollbackId(rollbackId: number) {
    this.#rollbackId = rollbackId;
    this.ring.wake();
  }

  /** The log's end has moved by other means than appending, or is looked at for the first time. */
  replaced(): void {
    this.moments.forget();
    this.ring.clear();
    const last = lastEntry(this.#database.engine.latest);
    const gtid = this.#database.lastAppended;
    if (last !== undefined && gtid !== undefined && gtidToBytes(gtid).equals(last.gtid)) {
      this.ring.push([{ gtid, bytes: last.entry }]);
    }
  }
}
