/**
 * Visits every state a replica set can get into within the bounds, with the real core of `src/ark`, and ends with code 1 and a
 * shortest trace if one of them loses something.
 *
 *     npm run model-check                                            3 members, 3 terms, 2 entries
 *     npm run model-check -- --members 5 --terms 2 --entries 1
 *     npm run model-check -- --terms 2 --faults powerLosses=1        crashes that lose what was not flushed
 *     npm run model-check -- --off voterComparesLogs                 without one of the safety rules
 */
import { parseArgs } from 'node:util';
import type { SafetyRules } from '../src/ark/index.ts';
import { type Also, boundsOf, type Faults } from '../test/model-check/bounds.ts';
import { search } from '../test/model-check/search.ts';
import { losses } from '../test/model-check/successor.ts';

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '3' },
    'non-voters': { type: 'string', default: '0' },
    terms: { type: 'string', default: '3' },
    entries: { type: 'string', default: '2' },
    faults: { type: 'string', default: '' },
    also: { type: 'string', default: 'lateRequests' },
    off: { type: 'string', default: '' },
    'max-seconds': { type: 'string', default: 'Infinity' },
    'losses-only': { type: 'boolean', default: false },
  },
});
const list = (text: string) => text.split(',').filter((one) => one !== '');

const report = search(
  boundsOf({
    members: Number(values.members),
    nonVoters: Number(values['non-voters']),
    terms: Number(values.terms),
    entries: Number(values.entries),
    faults: Object.fromEntries(
      list(values.faults).map((one) => [one.split('=')[0], Number(one.split('=')[1] ?? 1)]),
    ) as Partial<Faults>,
    also: list(values.also) as (keyof Also)[],
    off: list(values.off) as (keyof SafetyRules)[],
  }),
  {
    maxSeconds: Number(values['max-seconds']),
    ...(values['losses-only'] ? { isWanted: (violation) => losses.has(violation) } : {}),
    onLevel: (depth, states, frontier) =>
      process.stderr.write(`depth ${depth}  states ${states}  to visit ${frontier}\n`),
  },
);
for (const line of report.trace) console.log(line);
const { states, transitions, depth, seconds, reactions } = report;
console.log(
  `${states} states, ${transitions} transitions, depth ${depth}, ${reactions} different steps of a member, ` +
    `${seconds.toFixed(1)} s, ${Math.round(states / seconds)} states/s: ${verdict()}`,
);
process.exit(report.violation === undefined ? 0 : 1);

function verdict(): string {
  if (report.violation !== undefined) return `violates ${report.violation}`;
  return report.isComplete ? 'all visited, no violation' : 'stopped before the end, no violation';
}
