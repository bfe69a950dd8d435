import { describe, expect, it } from 'vitest';
import { type SafetyRules, safetyRules } from '../../src/ark/index.ts';
import { runCampaign } from './swarm/campaign.ts';
import { firstFailure } from './swarm/first-failure.ts';
import { type ProfileName, profiles } from './swarm/profiles.ts';

type Rules = readonly (keyof SafetyRules)[];

/* What is quickly found by chance; docs/algorithm.md has all rules, found by the model checker for the most part. */
describe('without safety rules', () => {
  // The last is a seed a little before one that is known to lose something, to save time; the many after it are for when the code has changed.
  it.each<[Rules, ProfileName, RegExp, number]>([
    [['voterComparesLogs'], 'powerLoss', /LeaderCompleteness|NoCommittedRollback/, 45],
    [['oneVotePerTerm'], 'votes', /ElectionSafety/, 90],
    [['commitOwnTermOnly'], 'powerLoss', /CommitPointIsCommitted|LeaderCompleteness/, 45],
    [['commitPointWithinOwnLog'], 'powerLoss', /CommitPointIsCommitted/, 1],
    [['acknowledgeDurableOnly'], 'votes', /LeaderCompleteness|NoCommittedRollback/, 325],
    [['primaryCountsDurableOnly'], 'powerLoss', /LeaderCompleteness|NoCommittedRollback/, 750],
    [['ownVoteDurable'], 'votes', /ElectionSafety/, 2250],
    [['voteDurableBeforeAnswer'], 'votes', /ElectionSafety|LeaderCompleteness/, 1],
    [['votesCountedPerVoter'], 'votes', /ElectionSafety/, 95],
    [['ownVoteChecked', 'votingEndsCandidacy'], 'votes', /ElectionSafety/, 200],
    [['incarnationsChecked'], 'lostDisks', /ElectionSafety|LeaderCompleteness|Rollback/, 320],
  ])('(%s) something is lost in a few seeds', { timeout: 60_000 }, (rules, profile, lost, from) => {
    expect(firstFailure(rules, profile, 2_000, from)?.invariant).toMatch(lost);
  });

  // So none of them is missed for another reason than what it prevents.
  const all = Object.keys(safetyRules(undefined)) as (keyof SafetyRules)[];
  it.each(all)('(%s) sets elect and commit all the same', { timeout: 60_000 }, (rule) => {
    const seeds = 48;
    const names = Object.keys(profiles) as ProfileName[];
    const campaign = { from: 1, seeds, stride: 1, mode: 'safety', profiles: names } as const;
    const totals = runCampaign(
      { ...campaign, off: [rule], repeatEvery: 0 },
      () => {},
      () => {},
    );
    expect(totals.elections).toBeGreaterThan(2 * seeds);
    expect(totals.acknowledged).toBeGreaterThan(4 * seeds);
  });
});
