import { type Gtid, initialGtid } from '../../../src/ark/index.ts';

/**
 * An entry knows all entries before it, so a log is its last entry, logs share what they have in common, and copying one costs
 * nothing. `undefined` is the empty log.
 */
export type Log = LogEntry | undefined;

export class LogEntry {
  readonly gtid: Gtid;
  readonly value: string;
  readonly previous: Log;
  /** Number of entries before it. */
  readonly index: number;
  /** Virtual time of writing. */
  readonly writtenAt: number;
  /** Over this entry and all before it. */
  readonly hash: number;
  /** An entry far before this one (Myers' skew-binary jumps): any earlier entry is found in O(log n) steps. */
  readonly jump: Log;

  constructor(gtid: Gtid, value: string, previous: Log, writtenAt: number) {
    this.gtid = gtid;
    this.value = value;
    this.previous = previous;
    this.writtenAt = writtenAt;
    this.index = previous === undefined ? 0 : previous.index + 1;
    this.hash =
      Math.imul((previous?.hash ?? 17) ^ gtid.term, 0x01000193) ^ gtid.opid ^ textHash(value);
    const near = previous?.jump;
    const far = near?.jump;
    const isBalanced =
      previous !== undefined &&
      near !== undefined &&
      far !== undefined &&
      previous.index - near.index === near.index - far.index;
    this.jump = isBalanced ? far : previous;
  }
}

function textHash(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
  return sum;
}

export function lastGtid(log: Log): Gtid {
  return log === undefined ? initialGtid : log.gtid;
}

export function logLength(log: Log): number {
  return log === undefined ? 0 : log.index + 1;
}

/** The entry with that index. */
export function entryAt(log: Log, index: number): Log {
  let at = log;
  while (at !== undefined && at.index > index)
    at = at.jump !== undefined && at.jump.index >= index ? at.jump : at.previous;
  return at;
}

export function contains(log: Log, entry: LogEntry): boolean {
  return entryAt(log, entry.index) === entry;
}

/** The entry at that position, if the log has one. */
export function entryWithGtid(log: Log, { term, opid }: Gtid): Log {
  const isAtOrAfter = (entry: LogEntry) =>
    entry.gtid.term > term || (entry.gtid.term === term && entry.gtid.opid >= opid);
  let at = log;
  if (at === undefined || !isAtOrAfter(at)) return undefined;
  for (;;) {
    if (at.jump !== undefined && isAtOrAfter(at.jump)) at = at.jump;
    else if (at.previous !== undefined && isAtOrAfter(at.previous)) at = at.previous;
    else return at.gtid.term === term && at.gtid.opid === opid ? at : undefined;
  }
}

/** The newest entry of both. */
export function commonEntry(a: Log, b: Log): Log {
  let x = a;
  let y = b;
  while (x !== y && x !== undefined && y !== undefined) {
    if (x.index > y.index) x = entryAt(x, y.index);
    else if (y.index > x.index) y = entryAt(y, x.index);
    else if (x.jump !== y.jump) {
      x = x.jump;
      y = y.jump;
    } else {
      x = x.previous;
      y = y.previous;
    }
  }
  return x === y ? x : undefined;
}

export function entriesOf(log: Log): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let at = log; at !== undefined; at = at.previous) entries.push(at);
  return entries.reverse();
}
