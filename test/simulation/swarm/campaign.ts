import type { SafetyRules } from '../../../src/ark/index.ts';
import { InvariantBroken } from '../world/index.ts';
import type { Plan } from './plan.ts';
import type { ProfileName } from './profiles.ts';
import { type Mode, planOf, type RunOptions, runPlan } from './run-plan.ts';
import { addRun, noTotals, type Totals } from './totals.ts';

export interface Campaign {
  readonly from: number;
  readonly seeds: number;
  /** Every how many-th seed this is: workers share the seeds out. */
  readonly stride: number;
  readonly mode: Mode;
  /** Profiles take turns. */
  readonly profiles: readonly ProfileName[];
  readonly off: readonly (keyof SafetyRules)[];
  /** Every so many-th seed is run twice, and the hashes compared. 0: none. */
  readonly repeatEvery: number;
}

export interface Failure {
  readonly seed: number;
  readonly profile: ProfileName;
  readonly invariant: string;
  readonly detail: string;
}

/** Names of what is demanded of a healed core; every other invariant is about safety. */
export const livenessRules: readonly string[] = ['OneWriterEventually', 'Convergence'];

/** Runs seeds one after the other; `onProgress` is told the totals so far now and then, and each failure. */
export function runCampaign(
  campaign: Campaign,
  onProgress: (totals: Totals) => void,
  onFailure: (failure: Failure) => void,
): Totals {
  const { from, seeds, stride, mode, off, repeatEvery } = campaign;
  const totals = noTotals();
  const began = process.cpuUsage();
  const options: RunOptions = { off, invariants: off.length === 0 ? 'all' : 'losses' };
  let count = 0;
  for (let seed = from; seed < from + seeds; seed += stride) {
    const profile = profileOf(campaign, seed);
    const plan = planOf(seed, mode, profile);
    const failure = tryPlan(plan, options, totals);
    if (failure !== undefined) onFailure({ seed, profile, ...failure });
    else if (repeatEvery > 0 && seed % repeatEvery === 0) repeat(plan, options, totals);
    count += 1;
    if (count % 50 === 0) {
      totals.cpuSeconds = secondsSince(began);
      onProgress(totals);
    }
  }
  totals.cpuSeconds = secondsSince(began);
  return totals;
}

export function profileOf({ profiles }: Campaign, seed: number): ProfileName {
  return profiles[seed % profiles.length]!;
}

function tryPlan(plan: Plan, options: RunOptions, totals: Totals) {
  try {
    addRun(totals, runPlan(plan, options));
    return undefined;
  } catch (error) {
    if (!(error instanceof InvariantBroken)) throw error;
    const { invariant, detail } = error;
    return { invariant, detail };
  }
}

function repeat(plan: Plan, options: RunOptions, totals: Totals): void {
  totals.repeated += 1;
  const [first, second] = [runPlan(plan, options), runPlan(plan, options)];
  if (first.hash !== second.hash) totals.differed += 1;
}

function secondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}
