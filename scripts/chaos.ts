/**
 * Campaigns against whole sets, in their long forms. Each prints what it found and ends with code 1
 * when anything acknowledged is missing or members disagree.
 *
 *     npm run chaos -- --rounds 60 --faults kill,restart,stop    failovers of a set of processes
 *     npm run chaos -- --kill-loop --rounds 50                   one process killed under load
 *     npm run chaos -- --mixed --rounds 30 --members 5 --seed 7  everything at once, in this process
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { anyFreePorts } from '../src/cluster/free-ports.ts';
import { ProcessCluster } from '../src/cluster/process-cluster.ts';
import { type Fault, faultKinds, runCampaign } from './chaos/campaign.ts';
import { runKillLoop } from './chaos/kill-loop.ts';
import { runMixed } from './chaos/mixed.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    faults: { type: 'string', default: 'kill,restart,stop' },
    members: { type: 'string', default: '3' },
    clients: { type: 'string', default: '8' },
    'kill-loop': { type: 'boolean', default: false },
    mixed: { type: 'boolean', default: false },
    seed: { type: 'string' },
    memory: { type: 'boolean', default: false },
    wipes: { type: 'boolean', default: true },
    verbose: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const rounds = Number(values.rounds);
const members = Number(values.members);
const clients = Number(values.clients);
const folder = mkdtempSync(join(tmpdir(), 'arkset-chaos-'));

let isSound = false;
try {
  if (values['kill-loop']) isSound = await killLoop();
  else if (values.mixed) isSound = await mixed();
  else isSound = await failovers();
} finally {
  if (isSound) rmSync(folder, { recursive: true });
  else console.log(`data and logs are kept in ${folder}`);
}
process.exit(isSound ? 0 : 1);

function faultNamed(name: string): Fault {
  const fault = faultKinds.find((kind) => kind === name);
  if (fault === undefined) throw new Error(`there is no fault ${name}: ${faultKinds.join(', ')}`);
  return fault;
}

async function failovers(): Promise<boolean> {
  const kinds = values.faults.split(',').map(faultNamed);
  const faults = Array.from({ length: rounds }, (_, at) => kinds[at % kinds.length] as Fault);
  const cluster = await ProcessCluster.start({ folder, ports: await anyFreePorts(members) });
  try {
    const report = await runCampaign({
      cluster,
      faults,
      clients,
      onRound: (round, fault, gapMs) =>
        console.log(`${roundText(round)}  ${fault.padEnd(8)} ${gapMs.toFixed(0).padStart(6)} ms`),
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
    for (const [words, count] of Object.entries(report.errors)) {
      console.log(`  ${count} x ${words}`);
    }
    return isEqual && report.lost.length + report.duplicated.length + report.retriedTwice === 0;
  } finally {
    await cluster.stop();
  }
}

async function killLoop(): Promise<boolean> {
  const [port = 0] = await anyFreePorts(1);
  const report = await runKillLoop({
    folder,
    port,
    rounds,
    clients: 2 * clients,
    onRound: (round, acknowledged) =>
      console.log(`${roundText(round)}  acknowledged ${acknowledged}`),
  });
  const { acknowledged, lost, differences } = report;
  console.log(
    `acknowledged ${acknowledged}, lost ${lost.length}, differences ${differences.length}`,
  );
  for (const difference of differences.slice(0, 10)) console.log(difference);
  return lost.length + differences.length === 0;
}

async function mixed(): Promise<boolean> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const started = performance.now();
  const report = await runMixed({
    seed,
    rounds,
    members,
    clients,
    wipes: values.wipes,
    ...(values.memory ? {} : { folder }),
    onRound: (round, fault) => console.log(`${roundText(round)}  ${fault}`),
    onLog: (level, message, attributes) => {
      if (level === 'info' && !values.verbose) return;
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      const text = JSON.stringify(attributes, (_key, value: unknown) =>
        value instanceof Error ? value.stack : value,
      );
      console.log(`${seconds.padStart(9)}  ${level} ${message} ${text}`);
    },
  });
  const { wrong, ...figures } = report;
  console.log(
    Object.entries(figures)
      .map(([name, figure]) => `${name} ${figure}`)
      .join(', '),
  );
  for (const text of wrong) console.log(`WRONG ${text}`);
  return wrong.length === 0;
}

function roundText(round: number): string {
  return `round ${String(round + 1).padStart(3)}`;
}
