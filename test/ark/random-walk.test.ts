import { describe, expect, it } from 'vitest';
import { createMember, type SafetyRules } from '../../src/ark/index.ts';
import { InvariantBroken } from '../simulation/world/index.ts';
import { walk, wipeWalk } from './random-walk.ts';

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

  it('with data directories lost one at a time lose nothing committed and admit each member again', {
    timeout: 60_000,
  }, () => {
    for (let seed = 1; seed <= 25; seed++) wipeWalk(seed);
  });

  it.each<[keyof SafetyRules, string, number]>([
    ['oneVotePerTerm', 'OneVotePerTerm|ElectionSafety', 1],
    ['commitOwnTermOnly', 'CommitPointIsCommitted|LeaderCompleteness|NoCommittedRollback', 1],
    ['commitPointWithinOwnLog', 'CommitPointIsCommitted|NoCommittedRollback|fatal', 1],
    ['voterComparesLogs', 'LeaderCompleteness|NoCommittedRollback|fatal', 110],
  ])('find a violation when the rule %s is off', { timeout: 60_000 }, (rule, names, from) => {
    const broken = firstViolation(rule, from);
    expect(broken).toMatch(new RegExp(names));
  });
});

/** `from` is near a seed known to find one, to save time; the hundreds after it are for when the code has changed. */
function firstViolation(rule: keyof SafetyRules, from: number): string | undefined {
  for (let seed = from; seed <= from + 300; seed++) {
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
