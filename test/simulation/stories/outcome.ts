/** What was seen, whatever the protocol. Times in seconds of virtual time since `begin`. */
export interface Outcome {
  /** The script came to the situation it is about; where that is a race, only some seeds do. */
  readonly cameToThePoint: boolean;
  /** Names of the writes that were acknowledged, and of those among them that are gone in the end. */
  readonly acknowledged: readonly string[];
  readonly lost: readonly string[];
  /** Longest time in which no member took writes, and the sum of the times in which more than one did. */
  readonly longestOutage: number;
  readonly twoPrimaries: number;
  /** Rounds of the deciding election that made nobody primary. */
  readonly futileRounds: number;
  /** Positions that were given to two different entries. */
  readonly positionsGivenTwice: number;
  /** In the end all members that run have the same log and one of them takes writes. */
  readonly isSettled: boolean;
}
