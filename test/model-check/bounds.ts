import type { SafetyRules } from '../../src/ark/index.ts';

/** How far the search goes, and which faults it tries. Everything within these bounds is visited. */
export interface Bounds {
  /** Voting, data-bearing members, at most 7. */
  readonly members: number;
  /** Voters that hold nothing. */
  readonly arbiters: number;
  /** Data-bearing members without a vote. */
  readonly nonVoters: number;
  /** The highest electionTermId, at most 6. */
  readonly terms: number;
  /** Entries in one log, the no-op of each tenure included. */
  readonly entries: number;
  readonly faults: Faults;
  /** What else may happen, and is part of the state then. */
  readonly also: Also;
  /** The rules that are switched off. */
  readonly off: readonly (keyof SafetyRules)[];
}

/** How often each may happen on one path. */
export interface Faults {
  /** A process ends and starts again: only memory is lost. */
  readonly restarts: number;
  /** A member crashes, and votes and entries that were not flushed are lost. */
  readonly powerLosses: number;
  /** A member comes back with an empty disk. At most once the same one. */
  readonly wipes: number;
  /** Nobody keeps the oplog that a member needs: it gives its data up and copies another's. */
  readonly resyncs: number;
  /** A primary gives a member the vote, or takes it. */
  readonly reconfigs: number;
}

export interface Also {
  /** A vote request arrives after its candidate has given up. */
  readonly lateRequests: boolean;
  /** So does a yes, while the candidate stands again. */
  readonly lateAnswers: boolean;
  /** A flush is reported after what it flushed has been rolled back. */
  readonly lateFlushes: boolean;
  /** Members keep the commit point they know of and tell it to others. */
  readonly commitPoints: boolean;
  /** A primary first pulls what others have. */
  readonly catchUp: boolean;
  /** Terms are heard of without an election. */
  readonly gossip: boolean;
  /** A candidate needs a speculative round before each ballot. */
  readonly speculative: boolean;
  /** Primaries record that a member has lost its disk, and its new one. */
  readonly admissions: boolean;
}

const noFaults: Faults = { restarts: 0, powerLosses: 0, wipes: 0, resyncs: 0, reconfigs: 0 };
const nothingElse: Also = {
  lateRequests: false,
  lateAnswers: false,
  lateFlushes: false,
  commitPoints: false,
  catchUp: false,
  gossip: false,
  speculative: false,
  admissions: false,
};

export interface BoundsInput {
  readonly members?: number;
  readonly arbiters?: number;
  readonly nonVoters?: number;
  readonly terms?: number;
  readonly entries?: number;
  readonly faults?: Partial<Faults>;
  readonly also?: readonly (keyof Also)[];
  readonly off?: readonly (keyof SafetyRules)[];
}

/** Three members, two terms, one entry, and nothing that is not asked for. */
export function boundsOf(input: BoundsInput = {}): Bounds {
  const also = { ...nothingElse };
  for (const one of input.also ?? []) also[one] = true;
  const { reconfigs = 0, powerLosses = 0, wipes = 0 } = input.faults ?? {};
  // What is on disk of a configuration, and who asked for votes under which, is not part of the state.
  if (reconfigs > 0 && (powerLosses > 0 || wipes > 0 || also.lateRequests))
    throw new Error('reconfigs go with none of power losses, wipes and late requests');
  if (also.admissions && (wipes !== 1 || reconfigs + powerLosses > 0 || also.lateRequests))
    throw new Error(
      'admissions go with one wipe, and with no reconfigs, power losses and late requests',
    );
  if (also.admissions && (input.members ?? 3) > 3)
    throw new Error('admissions go with three data members at most');
  const { arbiters = 0, nonVoters = 0 } = input;
  if (arbiters > 0 && nonVoters + reconfigs > 0)
    throw new Error('arbiters go with no reconfigs and no members without a vote');
  return {
    members: input.members ?? 3,
    arbiters,
    nonVoters,
    terms: input.terms ?? 2,
    entries: input.entries ?? 1,
    faults: { ...noFaults, ...input.faults },
    also,
    off: input.off ?? [],
  };
}
