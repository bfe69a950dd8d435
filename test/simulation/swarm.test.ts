import { describe, expect, it } from 'vitest';
import { runCampaign } from './swarm/campaign.ts';
import type { Plan } from './swarm/plan.ts';
import { type ProfileName, profiles } from './swarm/profiles.ts';
import { planOf, runPlan } from './swarm/run-plan.ts';
import { shrink } from './swarm/shrink.ts';
import { InvariantBroken } from './world/index.ts';

/** `npm run simulate` runs as many more as one likes. */
const seeds = Number(process.env.SIMULATED_SEEDS ?? 2_000);

describe('random sets under random faults', () => {
  it(`break no invariant in ${seeds} seeds, and healed majorities get on`, {
    timeout: 300_000,
  }, () => {
    const failures: string[] = [];
    const totals = runCampaign(
      {
        from: 1,
        seeds,
        stride: 1,
        mode: 'liveness',
        profiles: Object.keys(profiles) as ProfileName[],
        off: [],
        repeatEvery: 50,
      },
      () => {},
      ({ seed, profile, invariant }) => failures.push(`${seed} ${profile} ${invariant}`),
    );
    expect(failures).toEqual([]);
    expect(totals.differed).toBe(0);
    // They must be worth something.
    expect(totals.elections).toBeGreaterThan(3 * seeds);
    expect(totals.acknowledged).toBeGreaterThan(10 * seeds);
    expect(totals.undone).toBeGreaterThan(100);
    expect(totals.disksLost).toBeGreaterThan(100);
    expect(totals.reads).toBeGreaterThan(100);
  });
});

describe('a failing run', () => {
  const off = ['voterComparesLogs'] as const;
  const broken = (plan: Plan) => {
    try {
      runPlan(plan, { off, invariants: 'losses' });
      return undefined;
    } catch (error) {
      if (error instanceof InvariantBroken) return error.invariant;
      throw error;
    }
  };

  it('is shrunk to a plan of few actions that fails in the same way', { timeout: 60_000 }, () => {
    let seed = 1;
    while (broken(planOf(seed, 'safety', 'powerLoss')) === undefined) seed += 1;
    const plan = planOf(seed, 'safety', 'powerLoss');
    const small = shrink(plan, broken, 250);
    expect(small.plan.actions.length).toBeLessThan(plan.actions.length / 2);
    expect(broken(small.plan)).toBe(broken(plan));
    // With the rule on, the same plan loses nothing.
    runPlan(small.plan);
  });

  it('tells its story', () => {
    let seed = 1;
    while (broken(planOf(seed, 'safety', 'powerLoss')) === undefined) seed += 1;
    const options = { off, invariants: 'losses', story: true } as const;
    expect(() => runPlan(planOf(seed, 'safety', 'powerLoss'), options)).toThrow(/voted candidate=/);
  });
});
