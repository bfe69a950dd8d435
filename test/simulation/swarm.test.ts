import { describe, expect, it } from 'vitest';
import { planOf, runPlan } from './swarm/run-plan.ts';

describe('a random set under random faults', () => {
  it('breaks no invariant, and a healed majority gets on', { timeout: 120_000 }, () => {
    let elections = 0;
    for (let seed = 1; seed <= 300; seed++) elections += runPlan(planOf(seed)).elections;
    expect(elections).toBeGreaterThan(600);
  });

  it('is the same again for the same seed', () => {
    for (let seed = 1; seed <= 10; seed++)
      expect(runPlan(planOf(seed)).hash).toBe(runPlan(planOf(seed)).hash);
  });
});
