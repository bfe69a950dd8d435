/**
 * What arkset costs, as ratios within one run: against ping (the ceiling of sockets and codec), against a
 * plain TCP server in a process of its own that sends the same bytes, and against raw LMDB committing the
 * same keys durably. All contenders of one concurrency take short turns, so that what else the machine
 * does disturbs them alike. `npm run benchmark`
 *
 *   --seconds N      a line, all rounds together (default 2)
 *   --rounds N       turns of each contender (default 6)
 *   --clients LIST   concurrency (default 1,16,64)
 *   --only TEXT      only workloads whose name has this in it
 *   --set single|three|both   which sets of our own (default both)
 *   --uri URI        any other server in place of our own sets
 *   --profile FOLDER write a CPU profile of each member there
 *
 * Durability is never lowered: every acknowledged write is flushed before its reply.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { anyFreePorts } from '../src/cluster/free-ports.ts';
import { ClientLoad, type Target } from './benchmark/client-load.ts';
import { BenchmarkConnection } from './benchmark/connection.ts';
import {
  type Contender,
  figuresOf,
  medianRatio,
  type Turn,
  takeTurns,
} from './benchmark/contender.ts';
import { EchoLoad } from './benchmark/echo.ts';
import { RawLmdb } from './benchmark/raw-lmdb.ts';
import { databaseName, document, residentDocuments, workloads } from './benchmark/workloads.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '6' },
    clients: { type: 'string', default: '1,16,64' },
    only: { type: 'string', default: '' },
    set: { type: 'string', default: 'both' },
    uri: { type: 'string' },
    profile: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const concurrencies = values.clients.split(',').map(Number);

async function loadResidents(host: string): Promise<void> {
  const connection = await BenchmarkConnection.open(host);
  const batch = 1000;
  await connection.command({ dropDatabase: 1, $db: databaseName });
  for (let from = 0; from < residentDocuments; from += batch) {
    await connection.command({
      insert: 'resident',
      documents: Array.from({ length: batch }, (_, i) => document(from + i, from + i)),
      $db: databaseName,
    });
  }
  await connection.command({
    createIndexes: 'resident',
    indexes: [{ key: { k: 1 }, name: 'k_1' }],
    $db: databaseName,
  });
  connection.close();
}

function row(...cells: (string | number | undefined)[]): void {
  const widths = [26, 8, 11, 9, 9, 10, 10, 20];
  console.log(
    cells
      .map((cell, i) => {
        const text =
          cell === undefined
            ? '-'
            : typeof cell === 'number'
              ? cell.toFixed(cell < 100 ? 2 : 0)
              : cell;
        return i === 0 ? text.padEnd(widths[0] as number) : text.padStart(widths[i] as number);
      })
      .join(' '),
  );
}

/** What is measured at one concurrency, and what each is compared with. */
async function contendersOf(target: Target, clients: number): Promise<Map<Contender, Contender>> {
  // A profile shows what was asked for and nothing else.
  const wantsPing = values.profile === undefined;
  const chosen = workloads.filter(
    ({ name, isLong }) =>
      ((name === 'ping' && wantsPing) || name.includes(values.only)) &&
      (isLong !== true || clients === concurrencies[0]),
  );
  const ceilings = new Map<Contender, Contender>();
  const byName = new Map<string, Contender>();
  for (const workload of chosen) {
    let ceiling = byName.get(workload.against);
    if (workload.against === 'echo') {
      ceiling = await EchoLoad.start(target, workload, clients);
    } else if (workload.against === 'raw LMDB') {
      ceiling ??= new RawLmdb(clients);
      byName.set(workload.against, ceiling);
    }
    const own = workload.isLong === true ? 1 : clients;
    const load = await ClientLoad.open(workload.name, target, workload, own);
    byName.set(workload.name, load);
    if (ceiling !== undefined && !ceilings.has(ceiling)) ceilings.set(ceiling, ceiling);
    ceilings.set(load, ceiling ?? load);
  }
  return ceilings;
}

function report(
  contender: Contender,
  ceiling: Contender,
  turns: ReadonlyMap<Contender, readonly Turn[]>,
): void {
  const own = turns.get(contender) as readonly Turn[];
  const { name, clients, documents } = contender;
  const figures = figuresOf(own, documents);
  const { perSecond, p50Ms, p99Ms, primaryCpu, setCpu } = figures;
  const share = medianRatio(
    own,
    documents,
    turns.get(ceiling) as readonly Turn[],
    ceiling.documents,
  );
  const ratio =
    documents === residentDocuments
      ? `${(1 / (primaryCpu ?? Number.NaN)).toFixed(2)} M/CPU s`
      : contender === ceiling
        ? ''
        : `${(share * 100).toFixed(0)} % of ${ceiling.name.split(',')[0]}`;
  row(name, String(clients), perSecond, p50Ms, p99Ms, primaryCpu, setCpu, ratio);
}

async function benchmark(target: Target): Promise<void> {
  console.log(`\n## ${target.name}\n`);
  console.log(dimensions());
  await loadResidents(target.host);
  row('', 'clients', 'documents/s', 'p50 ms', 'p99 ms', 'us primary', 'us set', 'ratio');
  const control = await BenchmarkConnection.open(target.host);
  const members = Math.max(1, target.processIds.length);
  let settled = 0;
  /** Secondaries that have yet to apply what the last contender wrote would work in the turn of the next. */
  const settle = async (): Promise<void> => {
    await control.command({
      update: 'settled',
      updates: [{ q: { _id: 0 }, u: { $set: { n: settled++ } }, upsert: true }],
      writeConcern: { w: members },
      $db: databaseName,
    });
  };
  for (const clients of concurrencies) {
    const ceilings = await contendersOf(target, clients);
    const contenders = [...ceilings.keys()];
    const turns = await takeTurns(contenders, rounds, (seconds * 1000) / rounds, settle);
    for (const [contender, ceiling] of ceilings) report(contender, ceiling, turns);
    for (const contender of contenders) await contender.stop();
  }
  control.close();
}

function dimensions(): string {
  return [
    `${residentDocuments} documents of 1 KB, every write flushed; us = CPU microseconds a document, user and system.`,
    `${seconds} s a line, in ${rounds} rounds by turns; a ratio is the median of the rounds' ratios.\n`,
  ].join('\n');
}

/** The members are the built ones: what people run, without the traces of a loader in each closure. */
type ProcessClusters = typeof import('../src/cluster/process-cluster.ts');

async function builtClusters(): Promise<ProcessClusters> {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
  return import(new URL('../dist/src/cluster/process-cluster.js', import.meta.url).href);
}

async function benchmarkOwn(members: number): Promise<void> {
  const { ProcessCluster } = await builtClusters();
  const folder = mkdtempSync(join(tmpdir(), 'arkset-benchmark-'));
  const profile = values.profile;
  if (profile !== undefined) mkdirSync(profile, { recursive: true });
  const cluster = await ProcessCluster.start({
    folder,
    ports: await anyFreePorts(members),
    nodeArguments: profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(profile)],
  });
  try {
    const primary = await cluster.writable();
    const others = cluster.hosts.map((_, member) => member).filter((member) => member !== primary);
    const order = [primary, ...others];
    await benchmark({
      name: members === 1 ? 'a set of one member' : `a set of ${members} members`,
      host: cluster.hosts[primary] as string,
      processIds: order.map((member) => cluster.processId(member) as number),
    });
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  }
}

if (values.uri !== undefined) {
  const host = new URL(values.uri.split(',')[0] as string).host;
  await benchmark({ name: values.uri, host, processIds: [] });
} else {
  if (values.set !== 'three') await benchmarkOwn(1);
  if (values.set !== 'single') await benchmarkOwn(3);
}
