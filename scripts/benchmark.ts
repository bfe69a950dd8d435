/**
 * What arkset costs, as ratios within one run: against ping (the ceiling of sockets and codec), against a
 * plain TCP server in a process of its own that sends the same bytes, and against raw LMDB committing the
 * same keys durably. `npm run benchmark`
 *
 *   --seconds N      per cell (default 2)
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
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BenchmarkConnection } from './benchmark/connection.ts';
import { cpuMicroseconds } from './benchmark/cpu.ts';
import { EchoServer } from './benchmark/echo.ts';
import {
  databaseName,
  document,
  residentDocuments,
  type Workload,
  workloads,
} from './benchmark/workloads.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    clients: { type: 'string', default: '1,16,64' },
    only: { type: 'string', default: '' },
    set: { type: 'string', default: 'both' },
    uri: { type: 'string' },
    profile: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const concurrencies = values.clients.split(',').map(Number);

interface Target {
  readonly name: string;
  readonly host: string;
  /** Processes whose CPU time counts, the primary first; empty when they are not ours. */
  readonly processIds: readonly number[];
}

interface Cell {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly primaryCpu: number | undefined;
  readonly setCpu: number | undefined;
}

async function measure(target: Target, workload: Workload, clients: number): Promise<Cell> {
  const connections = await Promise.all(
    Array.from({ length: clients }, () => BenchmarkConnection.open(target.host)),
  );
  workload.message(0, 0); // What is made in advance is made before the clock runs.
  const cpuBefore = target.processIds.map(cpuMicroseconds);
  const started = performance.now();
  const end = started + seconds * 1000;
  const latencies: number[] = [];
  await Promise.all(
    connections.map(async (connection, client) => {
      for (let i = 0; performance.now() < end; i++) {
        const message = workload.message(client, i);
        const sent = performance.now();
        await connection.send(message);
        latencies.push(performance.now() - sent);
      }
    }),
  );
  const elapsed = (performance.now() - started) / 1000;
  const cpu = target.processIds.map((id, i) => cpuMicroseconds(id) - (cpuBefore[i] as number));
  for (const connection of connections) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? 0;
  const perOperation = (total: number | undefined) =>
    total === undefined ? undefined : total / latencies.length / workload.documents;
  return {
    perSecond: (latencies.length * workload.documents) / elapsed,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    primaryCpu: perOperation(cpu[0]),
    setCpu: cpu.length === 0 ? undefined : perOperation(cpu.reduce((a, b) => a + b, 0)),
  };
}

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

/** The same bytes from a server that does nothing else, in documents a second. */
async function echoOf(target: Target, workload: Workload, clients: number): Promise<number> {
  const echo = await EchoServer.start(target.host, workload.message(0, 0));
  try {
    const { host, processId } = echo;
    const cell = await measure({ name: 'echo', host, processIds: [processId] }, workload, clients);
    const { perSecond, p50Ms, p99Ms, primaryCpu, setCpu } = cell;
    row('echo of its reply', String(clients), perSecond, p50Ms, p99Ms, primaryCpu, setCpu, '');
    return perSecond;
  } finally {
    echo.stop();
  }
}

function rawLmdb(clients: number): { perSecond: number; cpu: number } {
  const folder = mkdtempSync(join(tmpdir(), 'arkset-raw-lmdb-'));
  const script = fileURLToPath(new URL('./benchmark/raw-lmdb.ts', import.meta.url));
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, folder, String(clients), String(seconds)],
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '8' } },
  );
  rmSync(folder, { recursive: true });
  const { operations, cpuMicroseconds: cpu } = JSON.parse(result.stdout) as {
    operations: number;
    cpuMicroseconds: number;
  };
  return { perSecond: operations / seconds, cpu: cpu / operations };
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

async function benchmark(target: Target): Promise<void> {
  console.log(`\n## ${target.name}\n`);
  console.log(dimensions());
  await loadResidents(target.host);
  row('', 'clients', 'documents/s', 'p50 ms', 'p99 ms', 'us primary', 'us set', 'ratio');
  // A profile shows what was asked for and nothing else.
  const wantsPing = values.profile === undefined;
  const chosen = workloads.filter(
    ({ name }) => (name === 'ping' && wantsPing) || name.includes(values.only),
  );
  for (const clients of concurrencies) {
    const raw = chosen.some(({ against }) => against === 'raw LMDB') ? rawLmdb(clients) : undefined;
    if (raw !== undefined)
      row(
        'raw LMDB, durable',
        String(clients),
        raw.perSecond,
        undefined,
        undefined,
        raw.cpu,
        raw.cpu,
        '',
      );
    let pings = 0;
    for (const workload of chosen) {
      if (workload.isLong === true && clients !== concurrencies[0]) continue;
      const echo = workload.against === 'echo' ? await echoOf(target, workload, clients) : 0;
      const cell = await measure(target, workload, clients);
      if (workload.name === 'ping') pings = cell.perSecond;
      const ceiling = { ping: pings, echo, 'raw LMDB': raw?.perSecond ?? 0 }[workload.against];
      const ratio =
        workload.documents === residentDocuments
          ? `${(1 / (cell.primaryCpu ?? Number.NaN)).toFixed(2)} M/CPU s`
          : `${((cell.perSecond / ceiling) * 100).toFixed(0)} % of ${workload.against}`;
      row(
        workload.name,
        String(clients),
        cell.perSecond,
        cell.p50Ms,
        cell.p99Ms,
        cell.primaryCpu,
        cell.setCpu,
        ratio,
      );
    }
  }
}

function dimensions(): string {
  return `${residentDocuments} documents of 1 KB, ${seconds} s a cell, every write flushed; us = CPU microseconds a document, user and system\n`;
}

/** The members are the built ones: what people run, without the traces of a loader in each closure. */
async function builtClusters(): Promise<typeof import('../src/cluster/process-cluster.ts')> {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
  return import(new URL('../dist/src/cluster/process-cluster.js', import.meta.url).href);
}

async function benchmarkOwn(members: number): Promise<void> {
  const { anyFreePorts, ProcessCluster } = await builtClusters();
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
