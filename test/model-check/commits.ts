import type { LogId, Logs } from './logs.ts';

/** What has been acknowledged with `w: "majority"` so far, by number; 0 is nothing. */
export type CommitsId = number;

interface CommitsNode {
  readonly parent: CommitsId;
  readonly log: LogId;
  /** Of the primary that committed it. */
  readonly term: number;
}

/** The committed log, and up to where it was committed in which term: rising terms, each with a longer log. */
export class Commits {
  readonly #logs: Logs;
  readonly #nodes: CommitsNode[] = [{ parent: 0, log: 0, term: 0 }];
  readonly #ids = new Map<string, CommitsId>();

  constructor(logs: Logs) {
    this.#logs = logs;
  }

  log(id: CommitsId): LogId {
    return this.#nodes[id]!.log;
  }

  /** What was committed in terms below this one. */
  below(id: CommitsId, term: number): LogId {
    let at = id;
    while (this.#nodes[at]!.term >= term && at !== 0) at = this.#nodes[at]!.parent;
    return this.#nodes[at]!.log;
  }

  /**
   * The part of this member's log that it must keep. An entry of the term it was committed in stays with everybody who holds it, and all
   * before it too. One that was committed only with a later entry may be undone by who has not come to that: it may have to leave
   * a branch for a longer one, neither of them the committed one yet, and was not counted.
   */
  bindingPart(id: CommitsId, log: LogId): LogId {
    for (let at = id; at !== 0; at = this.#nodes[at]!.parent) {
      const node = this.#nodes[at]!;
      const common = this.#logs.common(log, node.log);
      if (common === node.log || this.#logs.last(common).term === node.term) return common;
    }
    return 0;
  }

  /** What the primary of this term has committed; nothing if it has not. */
  by(id: CommitsId, term: number): LogId {
    let at = id;
    while (this.#nodes[at]!.term > term) at = this.#nodes[at]!.parent;
    const node = this.#nodes[at]!;
    return node.term === term ? node.log : 0;
  }

  /** The primary of `term` has committed `log`; undefined if that is another history than what is committed already. */
  commit(id: CommitsId, log: LogId, term: number): CommitsId | undefined {
    const node = this.#nodes[id]!;
    if (this.#logs.startsWith(node.log, log)) return id;
    if (!this.#logs.startsWith(log, node.log)) return undefined;
    const parent = node.term === term ? node.parent : id;
    const key = `${parent},${log},${term}`;
    let next = this.#ids.get(key);
    if (next === undefined) {
      next = this.#nodes.length;
      this.#nodes.push({ parent, log, term });
      this.#ids.set(key, next);
    }
    return next;
  }

  format(id: CommitsId): string {
    return this.#logs.format(this.log(id));
  }
}
