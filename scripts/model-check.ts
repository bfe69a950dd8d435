/**
 * Visits every state a replica set can get into within the bounds, with the real core of `src/ark`, and ends with code 1 and a
 * shortest trace if one of them loses something.
 *
 *     npm run model-check                                            3 members, 3 terms, 2 entries
 *     npm run model-check -- --members 5 --terms 2 --entries 1
 *     npm run model-check -- --terms 2 --power-losses 1              crashes that lose what was not flushed
 *     npm run model-check -- --off voterComparesLogs                 without one of the safety rules
 */
import { parseArgs } from 'node:util';
import type { SafetyRules } from '../src/ark/index.ts';
import { search } from '../test/model-check/search.ts';

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '3' },
    terms: { type: 'string', default: '3' },
    entries: { type: 'string', default: '2' },
    restarts: { type: 'string', default: '0' },
    'power-losses': { type: 'string', default: '0' },
    'late-requests': { type: 'boolean', default: false },
    off: { type: 'string', default: '' },
    'max-seconds': { type: 'string', default: 'Infinity' },
  },
});

const report = search(
  {
    members: Number(values.members),
    terms: Number(values.terms),
    entries: Number(values.entries),
    restarts: Number(values.restarts),
    powerLosses: Number(values['power-losses']),
    lateRequests: values['late-requests'],
    commitPoints: false,
    off: values.off.split(',').filter((rule) => rule !== '') as (keyof SafetyRules)[],
  },
  {
    maxSeconds: Number(values['max-seconds']),
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
