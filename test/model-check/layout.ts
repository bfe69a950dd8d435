import type { Bounds } from './bounds.ts';

/**
 * A state of the whole set as a row of integers. First come columns, one number per member in each, then what belongs to the set.
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
 * | `late`     | the requests of its earlier ballots that somebody might still say yes to                          |
 * | `promised` | the highest term it has said yes in since it has this disk, whatever it remembers of it           |
 */
export interface Layout {
  /** All of them; the first `voters` vote. */
  readonly members: number;
  readonly voters: number;
  readonly columns: number;
  readonly granted: number;
  readonly held: number;
  readonly former: number;
  readonly facts: number;
  readonly newFacts: number;
  readonly late: number;
  readonly promised: number;
  /** What has been committed. */
  readonly commits: number;
  /** Bit per term that somebody has won. */
  readonly won: number;
  /** 4 bits each for the number of restarts, power losses, wipes, resyncs (see `faultUnits`). */
  readonly faults: number;
  /** By term, one plus the log with which it was won, while a primary of a lower term might commit something. */
  readonly electionLogs: number;
  readonly width: number;
}

export function layoutOf({ members: voters, nonVoters, terms }: Bounds): Layout {
  const members = voters + nonVoters;
  const columns = 8;
  const rest = columns * members;
  return {
    members,
    voters,
    columns,
    granted: members,
    held: 2 * members,
    former: 3 * members,
    facts: 4 * members,
    newFacts: 5 * members,
    late: 6 * members,
    promised: 7 * members,
    commits: rest,
    won: rest + 1,
    faults: rest + 2,
    electionLogs: rest + 3,
    width: rest + 3 + terms + 1,
  };
}

/** One of each kind of fault in the row's `faults`. */
export const faultUnits = { restarts: 1, powerLosses: 16, wipes: 256, resyncs: 4096 } as const;
