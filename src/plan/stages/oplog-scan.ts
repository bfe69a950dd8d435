import { type OplogCursor, type Reader, scanOplog } from '../../../storage/index.ts';
import { findField } from '../../bson/index.ts';
import { recordsPerWork, Work, type WorkResult } from '../stage.ts';
import { type ScanOptions, TailableScan } from './tailable-scan.ts';

export interface OplogScanOptions extends ScanOptions {
  /** Entries whose `ts` is smaller can not match: the scan starts by binary search (a timestamp as its u64). */
  readonly minimumTimestamp?: bigint | undefined;
}

/** A collection scan of the oplog, whose records are keyed by GTID. */
export class OplogScan extends TailableScan<OplogCursor> {
  readonly #minimum: bigint | undefined;
  #position: Buffer | undefined;

  constructor(options: OplogScanOptions) {
    super(options);
    this.#minimum = options.reverse === true ? undefined : options.minimumTimestamp;
  }

  work(): WorkResult {
    const stats = this.stats;
    if (this.ended) return Work.done;
    const cursor = this.cursor ?? this.#open();
    const filter = this.filter;
    for (let count = 0; count < recordsPerWork; count++) {
      stats.works++;
      if (!cursor.next()) {
        this.ended = true;
        stats.isEof = true;
        this.close();
        return Work.done;
      }
      this.examined++;
      this.#position = Buffer.from(cursor.gtid);
      if (filter === undefined || filter.matches(cursor.buffer, cursor.start)) {
        stats.advanced++;
        this.buffer = cursor.buffer;
        this.start = cursor.start;
        return Work.advanced;
      }
      stats.needTime++;
    }
    return Work.needTime;
  }

  #open(): OplogCursor {
    const reader = this.reader!;
    if (this.#position === undefined && this.#minimum !== undefined) {
      const from = firstAtOrAfter(reader, this.#minimum);
      if (from === undefined) {
        // Nothing that new yet: stand behind the newest entry.
        this.#position = edge(reader, true);
      } else {
        this.cursor = scanOplog(reader, { from });
        return this.cursor;
      }
    }
    this.cursor = scanOplog(reader, {
      reverse: this.reverse,
      ...(this.#position === undefined ? {} : { after: this.#position }),
    });
    return this.cursor;
  }
}

function edge(reader: Reader, reverse: boolean): Buffer | undefined {
  const cursor = scanOplog(reader, { reverse });
  try {
    return cursor.next() ? Buffer.from(cursor.gtid) : undefined;
  } finally {
    cursor.close();
  }
}

/** The first entry at or behind `from`: its GTID as a number and its `ts`. */
function entryFrom(reader: Reader, from: bigint): { gtid: bigint; ts: bigint } | undefined {
  const cursor = scanOplog(reader, { from: toKey(from) });
  try {
    if (!cursor.next()) return undefined;
    const ts = findField(cursor.buffer, cursor.start, 'ts');
    if (ts === undefined) throw new Error('an oplog entry has no ts');
    return { gtid: toNumber(cursor.gtid), ts: ts.buffer.readBigUInt64LE(ts.start) };
  } finally {
    cursor.close();
  }
}

function toKey(gtid: bigint): Buffer {
  const key = Buffer.alloc(16);
  key.writeBigUInt64BE(gtid >> 64n, 0);
  key.writeBigUInt64BE(gtid & 0xffff_ffff_ffff_ffffn, 8);
  return key;
}

function toNumber(key: Buffer): bigint {
  return (key.readBigUInt64BE(0) << 64n) | key.readBigUInt64BE(8);
}

/**
 * The first entry whose `ts` is not below `minimum`; `ts` rises along the keys. The space between
 * the first and the last GTID is halved; gaps in it cost nothing, as a probe takes the next entry.
 */
function firstAtOrAfter(reader: Reader, minimum: bigint): Buffer | undefined {
  const first = edge(reader, false);
  const last = edge(reader, true);
  if (first === undefined || last === undefined) return undefined;
  let low = toNumber(first);
  let high = toNumber(last);
  const end = entryFrom(reader, high);
  if (end === undefined || end.ts < minimum) return undefined;
  // The answer lies in [low, high], and `high` always qualifies.
  while (low < high) {
    const middle = low + (high - low) / 2n;
    const probe = entryFrom(reader, middle)!;
    if (probe.ts < minimum) low = probe.gtid + 1n;
    else high = middle;
  }
  return toKey(low);
}
