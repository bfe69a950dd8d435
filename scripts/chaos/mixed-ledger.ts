/** What clients of the mixed load were told, kept outside the set: the checks compare it with what is there. */
export interface Kept {
  readonly _id: string;
  readonly n: number;
  readonly unique: string;
  readonly tags?: unknown;
}

export interface Counter {
  readonly _id: string;
  readonly n: number;
  readonly ops: readonly string[];
}

/** What the clients know; ids of `kept` and names of operations on `counters`. */
export class Ledger {
  readonly kept = new Set<string>();
  /** Acknowledged by one member only: there, or in a rollback file. */
  readonly keptByOne = new Set<string>();
  readonly keptTried = new Set<string>();
  readonly counted = new Map<string, Set<string>>();
  readonly countTried = new Map<string, Set<string>>();
  /** Ids of `churned`: what must be there, and what must not. */
  readonly churnedPresent = new Set<string>();
  readonly churnedGone = new Set<string>();
  acknowledged = 0;
  unknown = 0;
  /** Errors nobody may see, whatever fails. */
  readonly wrong: string[] = [];
  readonly codes = new Map<string, number>();
}
