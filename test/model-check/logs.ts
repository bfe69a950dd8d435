import type { Gtid } from '../../src/ark/index.ts';

/** A log by number: a node of the tree of all logs met so far. 0 is the empty one. */
export type LogId = number;

interface LogNode {
  readonly parent: LogId;
  readonly last: Gtid;
  readonly length: number;
  readonly next: Map<number, LogId>;
}

/**
 * All logs as one tree: a log is the path from the root. "Is a prefix of" is "is an ancestor of", and two members hold the same
 * log exactly if they hold the same number.
 */
export class Logs {
  readonly #nodes: LogNode[] = [
    { parent: 0, last: { term: 0, opid: 0 }, length: 0, next: new Map() },
  ];

  append(log: LogId, gtid: Gtid): LogId {
    const { next, length } = this.#node(log);
    const key = positionCode(gtid);
    const known = next.get(key);
    if (known !== undefined) return known;
    const id = this.#nodes.length;
    this.#nodes.push({ parent: log, last: gtid, length: length + 1, next: new Map() });
    next.set(key, id);
    return id;
  }

  last(log: LogId): Gtid {
    return this.#node(log).last;
  }

  length(log: LogId): number {
    return this.#node(log).length;
  }

  /** Without its last entry; the empty log stays empty. */
  withoutLast(log: LogId): LogId {
    return this.#node(log).parent;
  }

  /** Whether `log` begins with all of `prefix`. */
  startsWith(log: LogId, prefix: LogId): boolean {
    const { length } = this.#node(prefix);
    let at = log;
    while (this.#node(at).length > length) at = this.#node(at).parent;
    return at === prefix;
  }

  /** The part of the log that ends with the entry at this position, undefined if there is none. Every log holds the position (0,0). */
  upTo(log: LogId, { term, opid }: Gtid): LogId | undefined {
    for (let at = log; ; at = this.#node(at).parent) {
      const { last, length } = this.#node(at);
      if (last.term === term && last.opid === opid) return at;
      if (length === 0) return undefined;
    }
  }

  /** The longest part of the log from its beginning whose positions are at most this one. */
  prefixUpTo(log: LogId, { term, opid }: Gtid): LogId {
    let at = log;
    for (;;) {
      const { last, parent, length } = this.#node(at);
      if (length === 0 || last.term < term || (last.term === term && last.opid <= opid)) return at;
      at = parent;
    }
  }

  /** Two logs that have an entry in common have everything before it in common. */
  match(a: LogId, b: LogId): boolean {
    const common = this.commonLength(a, b);
    for (let at = a; this.length(at) > common; at = this.withoutLast(at))
      if (this.upTo(b, this.last(at)) !== undefined) return false;
    return true;
  }

  /** The entry of `log` that follows `prefix`, which it begins with. */
  entryAfter(log: LogId, prefix: LogId): Gtid {
    let at = log;
    while (this.#node(at).parent !== prefix) at = this.#node(at).parent;
    return this.#node(at).last;
  }

  /** What both begin with. */
  common(a: LogId, b: LogId): LogId {
    let [left, right] = [a, b];
    while (left !== right)
      if (this.#node(left).length >= this.#node(right).length) left = this.#node(left).parent;
      else right = this.#node(right).parent;
    return left;
  }

  commonLength(a: LogId, b: LogId): number {
    return this.length(this.common(a, b));
  }

  format(log: LogId): string {
    const entries: string[] = [];
    for (let at = log; at !== 0; at = this.#node(at).parent) {
      const { term, opid } = this.#node(at).last;
      entries.unshift(`${term}.${opid}`);
    }
    return `[${entries.join(' ')}]`;
  }

  #node(log: LogId): LogNode {
    return this.#nodes[log]!;
  }
}

/** Entries of one tenure that fit a position code: more than any bound asks for. */
const opidLimit = 16;

/** A position as a small number, in the order of positions; 0 is the position of an empty log. */
export function positionCode({ term, opid }: Gtid): number {
  if (opid >= opidLimit) throw new Error(`opid ${opid} is beyond the checker's bound`);
  return term * opidLimit + opid;
}

export function positionOf(code: number): Gtid {
  return { term: Math.floor(code / opidLimit), opid: code % opidLimit };
}
