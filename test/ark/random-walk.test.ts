import { describe, expect, it } from 'vitest';
import { createMember, type SafetyRules } from '../../src/ark/index.ts';
import { InvariantBroken } from './cluster-harness.ts';
import { walk } from './random-walk.ts';

describe('random walks through crashes, cuts, pauses and step-downs', () => {
  it('break no invariant and come to rest afterwards', { timeout: 60_000 }, () => {
    const total = { committed: 0, rollbacks: 0, tenures: 0 };
    for (let seed = 1; seed <= 120; seed++) {
      const report = walk(seed);
      total.committed += report.committed;
      total.rollbacks += report.rollbacks;
      total.tenures += report.tenures;
    }
    // The walks must be worth something: many elections, real rollbacks.
    expect(total.tenures).toBeGreaterThan(250);
    expect(total.rollbacks).toBeGreaterThan(20);
    expect(total.committed).toBeGreaterThan(1000);
  });

  it.each<[keyof SafetyRules, string]>([
    ['oneVotePerTerm', 'OneVotePerTerm|ElectionSafety'],
    ['commitOwnTermOnly', 'CommitPointInLog|CommitNeedsMajority|LeaderCompleteness'],
    ['commitPointWithinOwnLog', 'CommitPointIsCommitted|NoCommittedRollback|fatal'],
  ])('find a violation when the rule %s is off', { timeout: 60_000 }, (rule, names) => {
    const broken = firstViolation(rule, 300);
    expect(broken).toMatch(new RegExp(names));
  });
});

function firstViolation(rule: keyof SafetyRules, seeds: number): string | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      walk(seed, [rule]);
    } catch (error) {
      if (error instanceof InvariantBroken) return error.message.split('\n')[0];
    }
  }
  return undefined;
}

describe('safety rules', () => {
  it('cannot be turned off outside of tests', () => {
    const rules = { testOnly: false, off: ['oneVotePerTerm'] } as unknown as {
      testOnly: true;
      off: [];
    };
    const options = {
      host: 'a:1',
      incarnation: 'i',
      processId: 'p',
      now: 0,
      needsInitialSync: false,
    };
    expect(() => createMember({ ...options, rules })).toThrow('tests only');
  });
});
