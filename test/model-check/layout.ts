/**
 * A state of the whole set as a row of integers. First come columns, one number per member in each, then what belongs to the set.
 *
 * | column     | per member                                                                                        |
 * | ---------- | ------------------------------------------------------------------------------------------------- |
 * | 0          | its local state                                                                                   |
 * | `granted`  | bit per voter: its yes to this member's open ballot is in the network                              |
 * | `held`     | bit per voter: it has said yes, and the answer waits for the disk                                  |
 * | `facts`    | 4 bits per term: opid plus one of the highest entry of that term it has ever acknowledged          |
 * | `late`     | the requests of its former ballots that somebody might still say yes to                           |
 * | `promised` | the highest term it has ever said yes in, whatever it remembers of it                              |
 */
export interface Layout {
  readonly members: number;
  readonly columns: number;
  readonly granted: number;
  readonly held: number;
  readonly facts: number;
  readonly late: number;
  readonly promised: number;
  /** What has been committed. */
  readonly commits: number;
  /** Bit per term that somebody has won. */
  readonly won: number;
  /** Restarts, and from bit 4 on power losses. */
  readonly faults: number;
  /** By term, one plus the log with which it was won, while a primary of a lower term might commit something. */
  readonly electionLogs: number;
  readonly width: number;
}

export function layoutOf(members: number, terms: number): Layout {
  const columns = 6;
  const rest = columns * members;
  return {
    members,
    columns,
    granted: members,
    held: 2 * members,
    facts: 3 * members,
    late: 4 * members,
    promised: 5 * members,
    commits: rest,
    won: rest + 1,
    faults: rest + 2,
    electionLogs: rest + 3,
    width: rest + 3 + terms + 1,
  };
}
