/**
 * The serving side of replication: this member's log as an endless stream of batches.
 *
 * Entries come from memory as soon as they are applied, before the local flush, and from the oplog
 * table when the reader is further behind than memory reaches. A stream ends when the member may
 * no longer be read from, and when it rolls back: entries that were sent may be gone.
 *
 * It deliberately never waits for the reader: the consumer pulls the next batch when it has room.
 */

import type { Engine, Reader } from '../../storage/index.ts';
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import { entryWallTime, gtidFromBytes, gtidToBytes } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Timers } from './environment.ts';
import type { OplogRing } from './oplog-ring.ts';
import type { PullBatch, PullRequest } from './transport.ts';

/** What every batch says about the member that sends it. */
export interface SourceFacts {
  readonly position: Gtid;
  readonly commitPoint: Gtid;
  readonly term: number;
  readonly rollbackId: number;
  readonly syncSource: number | undefined;
  /** Primary or secondary, and running. */
  readonly isReadable: boolean;
}

export interface OplogSourceOptions {
  readonly engine: Engine;
  readonly ring: OplogRing;
  readonly timers: Timers;
  readonly facts: () => SourceFacts;
  /** An empty batch is sent after so much silence, so that the reader knows the link lives. */
  readonly keepAliveMs: number;
}

interface OplogRecord {
  readonly gtid: Gtid;
  readonly bytes: Buffer;
}

interface EntriesToSend {
  readonly entries: readonly OplogRecord[];
  /** What follows them is younger than a delayed member wants. */
  readonly isHeldBack: boolean;
}

const batchBytesMax = 4 * 1024 * 1024;
/** A move of the commit point alone waits this long for entries to travel with. */
const commitPointDelayMs = 3;
/** Length of the checksum before the entry in the oplog table. */
const recordHeaderLength = 4;

export class OplogSource {
  readonly #options: OplogSourceOptions;

  constructor(options: OplogSourceOptions) {
    this.#options = options;
  }

  async *stream(request: PullRequest, signal: AbortSignal): AsyncGenerator<PullBatch> {
    if (request.reverse) {
      yield* this.#reverse(request.from, signal);
      return;
    }
    const begun = this.#readableFacts();
    // Who follows asks for it when the stream begins.
    const oldest = this.#oldest();
    let position = request.from;
    let sent: SourceFacts | undefined;
    while (!signal.aborted) {
      const facts = this.#readableFacts();
      if (facts.rollbackId !== begun.rollbackId) {
        return;
      }
      const { entries, isHeldBack } = this.#entriesFrom(position, sent === undefined, request);
      if (entries.length > 0 || sent === undefined || !saysTheSame(facts, sent)) {
        position = entries.at(-1)?.gtid ?? position;
        sent = facts;
        yield batchOf(facts, this.#oldest(), entries);
        if (isHeldBack) {
          return;
        }
        continue;
      }
      if (request.untilWallMs !== undefined) {
        return;
      }
      const isQuiet = await this.#somethingNew(position, facts, signal);
      if (isQuiet) {
        sent = undefined; // Send an empty batch: see `keepAliveMs`.
        if (signal.aborted) {
          return;
        }
        const now = this.#readableFacts();
        sent = now;
        if (now.rollbackId !== begun.rollbackId) {
          return;
        }
        yield batchOf(now, oldest, []);
      }
    }
  }

  /** Older and older entries from `from` on, to find where two logs part. */
  async *#reverse(from: Gtid, signal: AbortSignal): AsyncGenerator<PullBatch> {
    // What is only in memory must be comparable too, else the common point would be found too low.
    await this.#options.engine.flushed();
    const begun = this.#readableFacts();
    const upper = gtidToBytes({ term: from.term, opid: from.opid + 1 });
    let below = upper;
    while (!signal.aborted) {
      const facts = this.#readableFacts();
      if (facts.rollbackId !== begun.rollbackId) {
        return;
      }
      const entries = readTable(this.#options.engine.latest, { upper: below, reverse: true });
      if (entries.length === 0) {
        return;
      }
      below = gtidToBytes((entries.at(-1) as { gtid: Gtid }).gtid);
      yield batchOf(facts, this.#oldest(), entries);
    }
  }

  #entriesFrom(position: Gtid, isFirst: boolean, { untilWallMs }: PullRequest): EntriesToSend {
    const { ring, engine } = this.#options;
    const lower = isFirst ? position : { term: position.term, opid: position.opid + 1 };
    const entries =
      ring.read(position, isFirst, batchBytesMax) ??
      readTable(engine.latest, { lower: gtidToBytes(lower) });
    if (untilWallMs === undefined) {
      return { entries, isHeldBack: false };
    }
    const isTooNew = ({ bytes }: OplogRecord, index: number) =>
      entryWallTime(bytes) > untilWallMs && !(isFirst && index === 0);
    const end = entries.findIndex(isTooNew);
    return end === -1
      ? { entries, isHeldBack: false }
      : { entries: entries.slice(0, end), isHeldBack: true };
  }

  #oldest(): Gtid {
    const cursor = this.#options.engine.latest.cursor('oplog', {});
    try {
      return cursor.next() ? gtidFromBytes(cursor.key) : { term: 0, opid: 0 };
    } finally {
      cursor.close();
    }
  }

  #readableFacts(): SourceFacts {
    const facts = this.#options.facts();
    if (!facts.isReadable) {
      throw new MongoServerError(
        'NotPrimaryOrSecondary',
        'the member can not be a sync source in its present state',
      );
    }
    return facts;
  }

  /** Resolves false when there is something to send, true when only `keepAliveMs` has passed. */
  #somethingNew(position: Gtid, sent: SourceFacts, signal: AbortSignal): Promise<boolean> {
    const { ring, timers, facts, keepAliveMs } = this.#options;
    return new Promise((resolve) => {
      let cancelSoon: (() => void) | undefined;
      const finish = (isQuiet: boolean) => {
        cancelKeepAlive();
        cancelSoon?.();
        unsubscribe();
        signal.removeEventListener('abort', onAbort);
        resolve(isQuiet);
      };
      const onAbort = () => finish(true);
      const cancelKeepAlive = timers.after(keepAliveMs, () => finish(true));
      const look = () => {
        const now = facts();
        const newest = ring.newest;
        const hasEntries = newest !== undefined && compareGtids(newest, position) > 0;
        if (hasEntries || !now.isReadable || now.rollbackId !== sent.rollbackId) {
          finish(false);
        } else if (cancelSoon === undefined && !saysTheSame(now, sent)) {
          cancelSoon = timers.after(commitPointDelayMs, () => finish(false));
        }
      };
      const unsubscribe = ring.onChange(look);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function batchOf(facts: SourceFacts, oldest: Gtid, entries: readonly OplogRecord[]): PullBatch {
  const { position, commitPoint, term, rollbackId, syncSource } = facts;
  const bytes = entries.map((entry) => entry.bytes);
  return { position, oldest, commitPoint, term, rollbackId, syncSource, entries: bytes };
}

function saysTheSame(a: SourceFacts, b: SourceFacts): boolean {
  return (
    compareGtids(a.commitPoint, b.commitPoint) === 0 &&
    a.term === b.term &&
    a.syncSource === b.syncSource
  );
}

function readTable(
  reader: Reader,
  range: { lower?: Buffer; upper?: Buffer; reverse?: boolean },
): OplogRecord[] {
  const cursor = reader.cursor('oplog', range);
  const entries: OplogRecord[] = [];
  let bytes = 0;
  try {
    while (bytes < batchBytesMax && cursor.next()) {
      const value = cursor.value;
      entries.push({
        gtid: gtidFromBytes(cursor.key),
        bytes: Buffer.from(value.subarray(recordHeaderLength, value.length)),
      });
      bytes += value.length;
    }
  } finally {
    cursor.close();
  }
  return entries;
}
