import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SafetyRules, safetyRules } from '../../src/ark/index.ts';
import { tableBegin, tableEnd } from './ablation-table.ts';
import { ablations, rulesWithoutAblation, runAblation } from './ablations.ts';
import { boundsOf } from './bounds.ts';
import { configurationNamed } from './configurations.ts';
import { search } from './search.ts';

const rules = Object.keys(safetyRules(undefined)) as (keyof SafetyRules)[];

describe('every state within the bounds', () => {
  it('loses nothing: three members, three terms, two entries', { timeout: 900_000 }, () => {
    const report = search(boundsOf(configurationNamed('elections').bounds));
    expect(report.violation).toBeUndefined();
    expect(report.isComplete).toBe(true);
    expect(report.states).toBeGreaterThan(1_000_000);
  });

  it('loses nothing when a power loss takes what was not flushed', { timeout: 300_000 }, () => {
    const bounds = { terms: 1, entries: 2, faults: { powerLosses: 2 } };
    const report = search(boundsOf(bounds));
    expect(report.violation).toBeUndefined();
    expect(report.isComplete).toBe(true);
    expect(report.states).toBeGreaterThan(1_000);
  });

  it('loses nothing when members are given the vote or lose it', { timeout: 300_000 }, () => {
    const bounds = { nonVoters: 1, terms: 2, entries: 1, faults: { reconfigs: 1 } };
    const report = search(boundsOf(bounds));
    expect(report.violation).toBeUndefined();
    expect(report.isComplete).toBe(true);
    expect(report.states).toBeGreaterThan(40_000);
  });

  it('loses nothing when a disk is lost beside an arbiter', { timeout: 300_000 }, () => {
    const report = search(boundsOf(configurationNamed('arbiter').bounds));
    expect(report.violation).toBeUndefined();
    expect(report.isComplete).toBe(true);
    expect(report.states).toBeGreaterThan(100_000);
  });

  it('loses nothing when its member counts again, whatever the old disk has voted', {
    timeout: 300_000,
  }, () => {
    const bounds = configurationNamed('admissions').bounds;
    const report = search(boundsOf({ ...bounds, terms: 2 }));
    expect(report.violation).toBeUndefined();
    expect(report.isComplete).toBe(true);
    expect(report.states).toBeGreaterThan(100_000);
  });

  it('are not asked for with more than is kept of configurations', () => {
    expect(() => boundsOf({ faults: { reconfigs: 1, powerLosses: 1 } })).toThrow(/reconfigs/);
    expect(() => boundsOf({ faults: { wipes: 2 }, also: ['admissions'] })).toThrow(/admissions/);
    expect(() => boundsOf({ members: 4, faults: { wipes: 1 }, also: ['admissions'] })).toThrow(
      /three/,
    );
    expect(() => boundsOf({ arbiters: 1, nonVoters: 1 })).toThrow(/arbiters/);
  });
});

describe('without a safety rule', () => {
  it('a committed entry is lost when voters do not compare logs, by a trace that can be read', () => {
    const report = search(boundsOf({ off: ['voterComparesLogs'] }));
    expect(report.violation).toBe('LeaderCompleteness');
    expect(report.trace.map((line) => line.split('  ')[0])).toMatchInlineSnapshot(`
      [
        "A stand for term 1",
        "B vote A in term 1",
        "C stand for term 2",
        "A count",
        "A noop",
        "B append A",
        "B vote C in term 2",
        "C count",
        "violates LeaderCompleteness",
      ]
    `);
  });

  const quick = ablations.filter(({ loses }) => loses !== undefined);
  it.each(quick.map((ablation) => [ablation.off.join(' and '), ablation.loses, ablation] as const))(
    '%s the checker finds %s',
    { timeout: 300_000 },
    (_rules, loses, ablation) => {
      expect(runAblation(ablation, 60).violation).toBe(loses);
    },
  );
});

describe('the table in docs/algorithm.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/algorithm.md'), 'utf8');
  const table = page.slice(page.indexOf(tableBegin), page.indexOf(tableEnd)).replaceAll(/ +/g, ' ');

  it('has a row for every rule', () => {
    expect(rulesWithoutAblation(rules)).toEqual([]);
    for (const rule of rules) expect(table).toContain(`\`${rule}\``);
  });

  it('says what is found: run npm run model-check -- --ablation --write', () => {
    for (const { off, loses, because } of ablations) {
      const names = off.map((rule) => `\`${rule}\``).join(' and ');
      expect(table).toContain(`| ${names} | ${loses ?? 'nothing'}`);
      expect(table).toContain(because);
    }
  });
});
