import type { Bounds } from './bounds.ts';

/**
 * A state of the whole set as a row of integers. First come columns, one number per member in each, then what belongs to the set.
 * Columns that the bounds leave empty lie behind the end of what is compared and kept.
 *
 * Masks of voters have bit `id`, and bit `id + 8` instead for one that has lost its disk before it voted.
 *
 * | column     | per member                                                                                        |
 * | ---------- | ------------------------------------------------------------------------------------------------- |
 * | 0          | its local state                                                                                   |
 * | `granted`  | voters whose yes to this member's open ballot is in the network                                   |
 * | `held`     | voters who have said yes to it, and whose answer waits for the disk                               |
 * | `former`   | voters who have ever said yes to an earlier ballot of it                                          |
 * | `facts`    | 4 bits per term: opid plus one of the highest entry of that term it has ever acknowledged         |
 * | `newFacts` | the same, of what it has acknowledged since it lost its disk                                      |
 * | `holders`  | voters who have told this primary, or may have told, that they hold its configuration             |
 * | `late`     | the requests of its earlier ballots that somebody might still say yes to                          |
 * | `promised` | the highest term it has said yes in since it has this disk, whatever it remembers of it           |
 */
export interface Layout {
  /** All of them; of them the first `voters` may come to vote, and the last `arbiters` of those hold nothing. */
  readonly members: number;
  readonly voters: number;
  readonly arbiters: number;
  /** Those in use. */
  readonly columns: number;
  readonly granted: number;
  readonly held: number;
  readonly former: number;
  readonly facts: number;
  readonly newFacts: number;
  readonly holders: number;
  readonly late: number;
  readonly promised: number;
  /** What has been committed. */
  readonly commits: number;
  /** Bit per term that somebody has won. */
  readonly won: number;
  /** 4 bits each for the number of restarts, power losses, wipes, resyncs, reconfigs (see `faultUnits`). */
  readonly faults: number;
  /** By term, one plus the log with which it was won, while a primary of a lower term might commit something. */
  readonly electionLogs: number;
  /** Of what is compared and kept, and of all. */
  readonly width: number;
  readonly length: number;
}

export function layoutOf(bounds: Bounds): Layout {
  const { arbiters, nonVoters, terms, faults, also, off } = bounds;
  const members = bounds.members + arbiters + nonVoters;
  const voters = faults.reconfigs > 0 ? members : bounds.members + arbiters;
  const forgets = faults.powerLosses + faults.wipes > 0;
  const isUsed = {
    granted: true,
    facts: true,
    held: faults.powerLosses > 0,
    former: also.lateAnswers,
    newFacts: faults.wipes > 0,
    holders: faults.reconfigs > 0 || also.admissions,
    late: also.lateRequests,
    promised: forgets || off.length > 0,
  };
  const names = Object.keys(isUsed) as (keyof typeof isUsed)[];
  const used = names.filter((name) => isUsed[name]);
  const columns = 1 + used.length;
  const rest = columns * members;
  const width = rest + 3 + terms + 1;
  const unused = names.filter((name) => !isUsed[name]);
  const offset = (name: keyof typeof isUsed) =>
    isUsed[name] ? (1 + used.indexOf(name)) * members : width + unused.indexOf(name) * members;
  return {
    members,
    voters,
    arbiters,
    columns,
    granted: offset('granted'),
    held: offset('held'),
    former: offset('former'),
    facts: offset('facts'),
    newFacts: offset('newFacts'),
    holders: offset('holders'),
    late: offset('late'),
    promised: offset('promised'),
    commits: rest,
    won: rest + 1,
    faults: rest + 2,
    electionLogs: rest + 3,
    width,
    length: width + unused.length * members,
  };
}

/** One of each kind of fault in the row's `faults`. */
export const faultUnits = {
  restarts: 1,
  powerLosses: 16,
  wipes: 256,
  resyncs: 4096,
  reconfigs: 65_536,
} as const;
