/** Positions as MongoDB's tools read them: `{ts: Timestamp, t: term}`. */
import { Timestamp } from 'bson';
import { entryAt, type Reader } from '../../storage/index.ts';
import { type Gtid, isInitialGtid } from '../ark/index.ts';
import {
  type ClusterTime,
  entryClusterTime,
  entryWallTime,
  gtidToBytes,
} from '../database/index.ts';

export interface OpTime {
  readonly ts: Timestamp;
  readonly t: bigint;
}

/** What the own log says about a position. */
export interface Moment {
  readonly opTime: OpTime;
  /** When the primary wrote it, by its wall clock. */
  readonly wallTime: Date;
}

export const noMoment: Moment = {
  opTime: { ts: new Timestamp({ t: 0, i: 0 }), t: -1n },
  wallTime: new Date(0),
};

export function toTimestamp({ t, i }: ClusterTime): Timestamp {
  return new Timestamp({ t, i });
}

/** Answers for positions in the own, durable log, and remembers the last few. */
export class Moments {
  readonly #reader: Reader;
  readonly #known = new Map<string, Moment>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Undefined for a position that is not, or not yet durably, in the own log. */
  at(gtid: Gtid): Moment | undefined {
    if (isInitialGtid(gtid)) {
      return noMoment;
    }
    const key = `${gtid.term}.${gtid.opid}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      return known;
    }
    const found = entryAt(this.#reader, gtidToBytes(gtid));
    if (found === undefined) {
      return undefined;
    }
    const moment: Moment = {
      opTime: { ts: toTimestamp(entryClusterTime(found.entry)), t: BigInt(gtid.term) },
      wallTime: new Date(entryWallTime(found.entry)),
    };
    if (this.#known.size >= rememberedMax) {
      this.#known.clear();
    }
    this.#known.set(key, moment);
    return moment;
  }

  /** After a rollback or a copy the same position may mean nothing. */
  forget(): void {
    this.#known.clear();
  }
}

const rememberedMax = 64;
