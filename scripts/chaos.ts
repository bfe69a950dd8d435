/**
 * The failover campaign in its long form: `npm run chaos -- --rounds 60`. Prints the gap of every
 * round, then what was found, and ends with code 1 when anything acknowledged is missing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { anyFreePorts, ProcessCluster } from '../src/cluster/process-cluster.ts';
import { type Fault, runCampaign } from './chaos/campaign.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    faults: { type: 'string', default: 'kill,restart,stop' },
    members: { type: 'string', default: '3' },
    clients: { type: 'string', default: '8' },
  },
});

const kinds = values.faults.split(',') as Fault[];
const faults = Array.from(
  { length: Number(values.rounds) },
  (_, round) => kinds[round % kinds.length] as Fault,
);
const folder = mkdtempSync(join(tmpdir(), 'arkset-chaos-'));
const cluster = await ProcessCluster.start({
  folder,
  ports: await anyFreePorts(Number(values.members)),
});
try {
  const report = await runCampaign({
    cluster,
    faults,
    clients: Number(values.clients),
    onRound: (round, fault, gapMs) =>
      console.log(
        `round ${String(round + 1).padStart(3)}  ${fault.padEnd(8)} ${gapMs.toFixed(0).padStart(6)} ms`,
      ),
  });
  for (const kind of kinds) {
    const gaps = report.gaps.filter(({ fault }) => fault === kind).map(({ gapMs }) => gapMs);
    gaps.sort((a, b) => a - b);
    const at = (share: number) =>
      (gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0).toFixed(0);
    console.log(
      `${kind.padEnd(8)} n ${gaps.length}  p50 ${at(0.5)} ms  p90 ${at(0.9)} ms  max ${at(1)} ms`,
    );
  }
  const isEqual = new Set(report.hashes).size === 1;
  console.log(
    `acknowledged ${report.acknowledged}, unknown ${report.unknown}, lost ${report.lost.length}, twice ${report.duplicated.length}, retried twice ${report.retriedTwice}, members ${isEqual ? 'equal' : 'NOT EQUAL'}`,
  );
  for (const [words, count] of Object.entries(report.errors)) console.log(`  ${count} x ${words}`);
  const isSound = report.lost.length + report.duplicated.length + report.retriedTwice === 0;
  process.exitCode = isSound && isEqual ? 0 : 1;
} finally {
  await cluster.stop();
  if (process.exitCode === 0) rmSync(folder, { recursive: true });
  else console.log(`data and logs are kept in ${folder}`);
}
