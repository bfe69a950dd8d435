/**
 * Visits every state a replica set can get into within the bounds, with the real core of `src/ark`, and ends with code 1 and a
 * shortest trace if one of them loses something.
 *
 *     npm run model-check                                            3 members, 3 terms, 2 entries
 *     npm run model-check -- --configuration powerLoss,five          other bounds by name (test/model-check/configurations.ts)
 *     npm run model-check -- --configuration all                     all of them: a quarter of an hour
 *     npm run model-check -- --members 5 --terms 2 --entries 1 --faults powerLosses=1 --also lateRequests
 *     npm run model-check -- --terms 2 --off voterComparesLogs       without one of the safety rules
 *     npm run model-check -- --ablation [--write]                    what each rule prevents; into docs/algorithm.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SafetyRules } from '../src/ark/index.ts';
import { ablationTable, boundsText, withTable } from '../test/model-check/ablation-table.ts';
import { type Also, type Bounds, boundsOf, type Faults } from '../test/model-check/bounds.ts';
import { configurationNamed, configurations } from '../test/model-check/configurations.ts';
import { type SearchReport, search } from '../test/model-check/search.ts';
import { losses } from '../test/model-check/successor.ts';

const { values } = parseArgs({
  options: {
    configuration: { type: 'string' },
    members: { type: 'string' },
    arbiters: { type: 'string' },
    'non-voters': { type: 'string' },
    terms: { type: 'string' },
    entries: { type: 'string' },
    faults: { type: 'string' },
    also: { type: 'string' },
    off: { type: 'string', default: '' },
    'losses-only': { type: 'boolean', default: false },
    'max-cpu-seconds': { type: 'string', default: 'Infinity' },
    progress: { type: 'boolean', default: false },
    ablation: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

let isSound = true;
if (values.ablation) ablate();
else for (const [name, bounds] of chosenBounds()) check(name, bounds);
process.exit(isSound ? 0 : 1);

function* chosenBounds(): Generator<[string, Bounds]> {
  const { configuration, members, terms, entries, faults, also } = values;
  const isGiven = [members, terms, entries, faults, also].some((one) => one !== undefined);
  const off = list(values.off) as (keyof SafetyRules)[];
  if (configuration === undefined && isGiven) {
    yield ['', givenBounds(off)];
    return;
  }
  const names =
    configuration === 'all'
      ? configurations.map(({ name }) => name)
      : list(configuration ?? 'elections');
  for (const name of names) {
    const { bounds } = configurationNamed(name);
    yield [name, boundsOf({ ...bounds, off })];
  }
}

function givenBounds(off: readonly (keyof SafetyRules)[]): Bounds {
  const faults = list(values.faults).map((one) => {
    const [name, count] = one.split('=');
    return [name, Number(count ?? 1)];
  });
  return boundsOf({
    members: Number(values.members ?? 3),
    arbiters: Number(values.arbiters ?? 0),
    nonVoters: Number(values['non-voters'] ?? 0),
    terms: Number(values.terms ?? 3),
    entries: Number(values.entries ?? 2),
    faults: Object.fromEntries(faults) as Partial<Faults>,
    also: list(values.also) as (keyof Also)[],
    off,
  });
}

function check(name: string, bounds: Bounds): void {
  const report = search(bounds, {
    maxSeconds: Number(values['max-cpu-seconds']),
    ...(values['losses-only'] ? { isWanted: (violation) => losses.has(violation) } : {}),
    ...(values.progress ? { onLevel } : {}),
  });
  for (const line of report.trace) console.log(line);
  const { states, transitions, depth, seconds, cpuSeconds, reactions } = report;
  console.log(
    `${name.padEnd(12)} ${boundsText(bounds).padEnd(32)} ${states.toLocaleString('en').padStart(11)} states ` +
      `${transitions.toLocaleString('en').padStart(12)} transitions  depth ${depth}  ${reactions} different steps  ` +
      `${seconds.toFixed(1)} s (CPU ${cpuSeconds.toFixed(1)})  ` +
      `${Math.round(states / cpuSeconds).toLocaleString('en')} states/s: ${verdict(report)}`,
  );
  if (report.violation !== undefined) isSound = false;
}

function onLevel(depth: number, states: number, frontier: number): void {
  process.stderr.write(`depth ${depth}  states ${states}  to visit ${frontier}\n`);
}

function verdict({ violation, isComplete }: SearchReport): string {
  if (violation !== undefined) return `violates ${violation}`;
  return isComplete ? 'all visited, no violation' : 'stopped before the end, no violation';
}

function ablate(): void {
  const table = ablationTable((row, isAsSaid) => {
    console.log(`${row.join(' | ')}${isAsSaid ? '' : ' NOT AS SAID'}`);
    if (!isAsSaid) isSound = false;
  });
  if (!values.write) return;
  const page = join(import.meta.dirname, '../docs/algorithm.md');
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), table));
}

function list(text = ''): string[] {
  return text.split(',').filter((one) => one !== '');
}
