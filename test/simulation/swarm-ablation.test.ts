import { describe, expect, it } from 'vitest';
import type { SafetyRules } from '../../src/ark/index.ts';
import { firstFailure } from './swarm/first-failure.ts';
import type { ProfileName } from './swarm/profiles.ts';

/* The rules whose loss is quickly found by chance; docs/algorithm.md has all of them, found by the model checker for the most part. */
describe('without one of the safety rules', () => {
  // The last is a seed a little before one that is known to lose something, to save time; the many after it are for when the code has changed.
  it.each<[keyof SafetyRules, ProfileName, RegExp, number]>([
    ['voterComparesLogs', 'powerLoss', /LeaderCompleteness|NoCommittedRollback/, 1],
    ['oneVotePerTerm', 'votes', /ElectionSafety/, 1],
    ['commitOwnTermOnly', 'powerLoss', /CommitPointIsCommitted|LeaderCompleteness/, 1],
    ['commitPointWithinOwnLog', 'powerLoss', /CommitPointIsCommitted/, 1],
    ['leadConfirmedAfterRead', 'partitions', /LinearizableRead/, 4900],
    ['acknowledgeDurableOnly', 'votes', /LeaderCompleteness|NoCommittedRollback/, 1],
    ['ownVoteDurable', 'votes', /ElectionSafety/, 135],
    ['voteDurableBeforeAnswer', 'votes', /ElectionSafety/, 240],
    ['incarnationsChecked', 'lostDisks', /LeaderCompleteness|NoCommittedRollback/, 195],
  ])('(%s) something is lost in a few seeds', { timeout: 60_000 }, (rule, profile, lost, from) => {
    expect(firstFailure([rule], profile, 2_000, from)?.invariant).toMatch(lost);
  });
});
