import type { SafetyRules } from '../../src/ark/index.ts';

/** How far the search goes, and which faults it tries. Everything within these bounds is visited. */
export interface Bounds {
  /** Voting, data-bearing members. */
  readonly members: number;
  /** The highest electionTermId. */
  readonly terms: number;
  /** Entries in one log, the no-op of each tenure included. */
  readonly entries: number;
  /** Crashes of one member that lose what was not flushed: votes and entries. */
  readonly powerLosses: number;
  /** Restarts that lose nothing but memory. */
  readonly restarts: number;
  /** A vote request may still arrive after its candidate has given up. */
  readonly lateRequests: boolean;
  /** The positions and commit points that members tell each other are part of the state. */
  readonly commitPoints: boolean;
  readonly off: readonly (keyof SafetyRules)[];
}

export const smallest: Bounds = {
  members: 3,
  terms: 2,
  entries: 1,
  powerLosses: 0,
  restarts: 0,
  lateRequests: false,
  commitPoints: false,
  off: [],
};
