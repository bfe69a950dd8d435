import type { SafetyRules } from '../../src/ark/index.ts';
import { type Bounds, type BoundsInput, boundsOf } from './bounds.ts';
import { type SearchReport, search } from './search.ts';
import { losses, type Violation } from './successor.ts';

/**
 * Rules that are switched off together, and what the checker finds to be lost then. `undefined`: nothing, in any state within the bounds, because of
 * what `because` says.
 */
export interface Ablation {
  readonly off: readonly (keyof SafetyRules)[];
  readonly bounds: Omit<BoundsInput, 'off'>;
  readonly loses: Violation | undefined;
  /** What happens instead, or which hazard it takes. */
  readonly because: string;
  /** Only writes that are lost are looked for, not reads that are wrong. */
  readonly writesOnly?: boolean;
}

const twoTerms: BoundsInput = { terms: 2, entries: 2 };
const threeTerms: BoundsInput = { terms: 3, entries: 2 };
const powerLoss: BoundsInput = { ...twoTerms, faults: { powerLosses: 1 } };
const lateFlush: BoundsInput = {
  nonVoters: 1,
  terms: 2,
  entries: 1,
  faults: { powerLosses: 1 },
  also: ['lateFlushes'],
};

export const ablations: readonly Ablation[] = [
  {
    off: ['voterComparesLogs'],
    bounds: twoTerms,
    loses: 'LeaderCompleteness',
    because: 'a primary without the committed entry is elected',
  },
  {
    off: ['oneVotePerTerm'],
    bounds: twoTerms,
    loses: 'ElectionSafety',
    because: 'one voter elects two primaries in one term',
  },
  {
    off: ['acknowledgementGate', 'messageTermsHeeded'],
    bounds: twoTerms,
    loses: 'LeaderCompleteness',
    because: 'the old primary counts members that have voted for the new one',
  },
  {
    off: ['acknowledgementGate'],
    bounds: threeTerms,
    loses: undefined,
    because: 'the report that should not be given carries the term that deposes its reader',
  },
  {
    off: ['messageTermsHeeded'],
    bounds: threeTerms,
    loses: undefined,
    because: 'the gate alone keeps committed writes: no gossip is needed for them',
    writesOnly: true,
  },
  {
    off: ['messageTermsHeeded'],
    bounds: twoTerms,
    loses: 'StaleLinearizableRead',
    because: 'answers that name a higher term confirm the old primary',
  },
  {
    off: ['commitOwnTermOnly'],
    bounds: threeTerms,
    loses: 'NoCommittedRollback',
    because: 'positions of another branch are counted for an older entry',
  },
  {
    off: ['votersOnlyCommit'],
    bounds: { ...twoTerms, nonVoters: 1 },
    loses: 'LeaderCompleteness',
    because: 'the quorum of an acknowledgement need not meet that of an election',
  },
  {
    off: ['acknowledgeDurableOnly'],
    bounds: powerLoss,
    loses: 'LeaderCompleteness',
    because: 'a power loss takes the entry from a member that has acknowledged it',
  },
  {
    off: ['primaryCountsDurableOnly'],
    bounds: powerLoss,
    loses: 'LeaderCompleteness',
    because: 'a power loss takes the entry from the primary that has counted itself',
  },
  {
    off: ['voteDurableBeforeAnswer'],
    bounds: powerLoss,
    loses: 'ElectionSafety',
    because: 'a voter forgets its vote and votes again',
  },
  {
    off: ['ownVoteDurable'],
    bounds: powerLoss,
    loses: 'ElectionSafety',
    because: 'a primary forgets its own vote and votes for another in its term',
  },
  {
    off: ['votesCountedPerVoter'],
    bounds: { ...twoTerms, members: 5 },
    loses: 'ElectionSafety',
    because: 'one answer that arrives twice makes a majority of five',
  },
  {
    off: ['votesCountedPerVoter'],
    bounds: { ...twoTerms, also: ['lateAnswers'] },
    loses: 'ElectionSafety',
    because: 'the answer to a former ballot counts for the next',
  },
  {
    off: ['ownVoteChecked', 'votingEndsCandidacy'],
    bounds: twoTerms,
    loses: 'ElectionSafety',
    because: 'a candidate votes for another and then for itself',
  },
  {
    off: ['ownVoteChecked'],
    bounds: threeTerms,
    loses: undefined,
    because: 'who votes for another is no candidate any more (votingEndsCandidacy)',
  },
  {
    off: ['votingEndsCandidacy'],
    bounds: threeTerms,
    loses: undefined,
    because: 'a candidate that has voted for another fails its own check (ownVoteChecked)',
  },
  {
    off: ['incarnationsChecked'],
    bounds: { ...twoTerms, faults: { wipes: 1 } },
    loses: 'LeaderCompleteness',
    because: 'a member with a new disk acknowledges to a primary it had voted against',
  },
  {
    off: ['recordedHoldConfigs'],
    bounds: { ...twoTerms, faults: { wipes: 1 }, also: ['admissions'] },
    loses: 'LeaderCompleteness',
    because: 'a member with a new disk comes to count while a vote of the old one is under way',
  },
  {
    off: ['quietStates'],
    bounds: { ...twoTerms, faults: { resyncs: 1 } },
    loses: 'LeaderCompleteness',
    because: 'a member votes while it copies its data anew',
  },
  {
    off: ['resyncReachesHeld'],
    bounds: { terms: 2, entries: 3, faults: { resyncs: 1 } },
    loses: 'LeaderCompleteness',
    because: 'a copy ends before what its member had acknowledged',
  },
  {
    off: ['rollbackOnlyForward'],
    bounds: threeTerms,
    loses: 'NoCommittedRollback',
    because: 'a committed entry is undone to follow a member that is behind',
  },
  {
    off: ['commitPointWithinOwnLog'],
    bounds: { ...twoTerms, also: ['commitPoints'] },
    loses: 'DirtyMajorityRead',
    because: 'the commit point of one branch is believed on another',
  },
  {
    off: ['leadConfirmedAfterRead'],
    bounds: twoTerms,
    loses: 'StaleLinearizableRead',
    because: 'answers from before the read confirm the old primary',
  },
  {
    off: ['rollbackWithdraws', 'messageTermsHeeded'],
    bounds: { ...twoTerms, members: 5 },
    loses: 'FalseWriteConcern',
    because: 'who has undone an entry and said so is counted for it by a primary of old',
    writesOnly: true,
  },
  {
    off: ['rollbackWithdraws'],
    bounds: threeTerms,
    loses: undefined,
    because: 'entries yield to higher terms only, and the report of it carries that term',
  },
  {
    off: ['staleFlushIgnored', 'messageTermsHeeded'],
    bounds: lateFlush,
    loses: 'FalseWriteConcern',
    because:
      'who has undone an entry says that it holds it durably, and a primary of old counts it',
    writesOnly: true,
  },
  {
    off: ['staleFlushIgnored'],
    bounds: lateFlush,
    loses: undefined,
    because: 'entries yield to higher terms only, and the false report carries that term',
  },
  {
    off: ['oneVoterAtATime'],
    bounds: { ...twoTerms, faults: { reconfigs: 1 } },
    loses: 'LeaderCompleteness',
    because: 'a primary that is cut off leaves itself a set of its own',
    writesOnly: true,
  },
  {
    off: ['configCommittedFirst'],
    bounds: { ...twoTerms, faults: { reconfigs: 2 } },
    loses: 'LeaderCompleteness',
    because: 'it does so one member after the other',
    writesOnly: true,
  },
];

/** The rules that no ablation switches off. */
export function rulesWithoutAblation(rules: readonly (keyof SafetyRules)[]): (keyof SafetyRules)[] {
  return rules.filter((rule) => !ablations.some(({ off }) => off.includes(rule)));
}

function ablationBounds({ bounds, off }: Ablation): Bounds {
  return boundsOf({ ...bounds, off });
}

/** Looks for a real loss: of what should prevent one nothing is asked. */
export function runAblation(ablation: Ablation, maxSeconds: number): SearchReport {
  const isWanted = (violation: Violation) =>
    losses.has(violation) && !(ablation.writesOnly && violation === 'StaleLinearizableRead');
  return search(ablationBounds(ablation), { maxSeconds, isWanted });
}
