import type { SafetyRules } from '../../../src/ark/index.ts';
import { InvariantBroken } from '../world/index.ts';
import type { ProfileName } from './profiles.ts';
import { planOf, runPlan } from './run-plan.ts';

export interface FirstFailure {
  readonly seed: number;
  /** How many seeds were run, this one included. */
  readonly seeds: number;
  /** What was lost. */
  readonly invariant: string;
  readonly detail: string;
}

/**
 * The first seed of the profile that loses something with these rules switched off; undefined if none of `maxSeeds` does. Only losses a user
 * would suffer count: that a switched-off mechanism does not work is no news.
 */
export function firstFailure(
  off: readonly (keyof SafetyRules)[],
  profile: ProfileName,
  maxSeeds: number,
  from = 1,
): FirstFailure | undefined {
  for (let seeds = 1; seeds <= maxSeeds; seeds++) {
    const seed = from + seeds - 1;
    try {
      runPlan(planOf(seed, 'safety', profile), { off, invariants: 'losses' });
    } catch (error) {
      if (!(error instanceof InvariantBroken)) throw error;
      return { seed, seeds, invariant: error.invariant, detail: error.detail };
    }
  }
  return undefined;
}
