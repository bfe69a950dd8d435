import { describe, expect, it } from 'vitest';
import type { SafetyRules } from '../../src/ark/index.ts';
import { firstFailure } from './swarm/first-failure.ts';
import type { ProfileName } from './swarm/profiles.ts';

/* The rules whose loss is quickly found; docs/algorithm.md has all of them. */
describe('without one of the safety rules', () => {
  it.each<[keyof SafetyRules, ProfileName, RegExp]>([
    ['voterComparesLogs', 'powerLoss', /LeaderCompleteness|NoCommittedRollback/],
    ['oneVotePerTerm', 'votes', /ElectionSafety/],
    ['commitOwnTermOnly', 'powerLoss', /CommitPointIsCommitted|LeaderCompleteness/],
    ['commitPointWithinOwnLog', 'powerLoss', /CommitPointIsCommitted/],
    ['leadConfirmedAfterRead', 'partitions', /LinearizableRead/],
  ])('(%s) something is lost in a few seeds', { timeout: 60_000 }, (rule, profile, lost) => {
    expect(firstFailure([rule], profile, 2_000)?.invariant).toMatch(lost);
  });
});
