import type { RunReport } from './run-plan.ts';

/** What many runs came to. Plain data, so that workers can send it. */
export interface Totals {
  seeds: number;
  virtualMillis: number;
  steps: number;
  elections: number;
  rounds: number;
  committed: number;
  acknowledged: number;
  reads: number;
  undone: number;
  disksLost: number;
  /** Seconds of processor time. */
  cpuSeconds: number;
  /** Runs that were run twice, and those of them that differed. */
  repeated: number;
  differed: number;
  faults: Record<string, number>;
  marks: Record<string, number>;
  /** Milliseconds from the healing to a writable primary, and on to equal logs. */
  writableMillis: number[];
  convergedMillis: number[];
}

export function noTotals(): Totals {
  return {
    seeds: 0,
    virtualMillis: 0,
    steps: 0,
    elections: 0,
    rounds: 0,
    committed: 0,
    acknowledged: 0,
    reads: 0,
    undone: 0,
    disksLost: 0,
    cpuSeconds: 0,
    repeated: 0,
    differed: 0,
    faults: {},
    marks: {},
    writableMillis: [],
    convergedMillis: [],
  };
}

export function addRun(totals: Totals, run: RunReport): void {
  totals.seeds += 1;
  totals.virtualMillis += run.virtualMillis;
  totals.steps += run.steps;
  totals.elections += run.elections;
  totals.rounds += run.rounds;
  totals.committed += run.committed;
  totals.acknowledged += run.acknowledged;
  totals.reads += run.reads;
  totals.undone += run.undone;
  totals.disksLost += run.disksLost;
  addCounts(totals.faults, Object.fromEntries(run.faults));
  addCounts(totals.marks, Object.fromEntries(run.marks));
  const { writableMillis, convergedMillis } = run.recovery ?? {};
  if (writableMillis !== undefined) totals.writableMillis.push(writableMillis);
  if (convergedMillis !== undefined) totals.convergedMillis.push(convergedMillis);
}

export function addTotals(into: Totals, more: Totals): void {
  for (const [name, value] of Object.entries(more)) {
    const key = name as keyof Totals;
    const before = into[key];
    if (typeof value === 'number') (into[key] as number) = (before as number) + value;
    else if (Array.isArray(value)) for (const one of value) (before as number[]).push(one);
    else addCounts(before as Record<string, number>, value as Record<string, number>);
  }
}

function addCounts(into: Record<string, number>, more: Record<string, number>): void {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count;
}

export function summaryOf(totals: Totals): string {
  const { seeds, virtualMillis, steps, elections, cpuSeconds } = totals;
  const hours = virtualMillis / 3_600_000;
  const per = (count: number) => Math.round(count / cpuSeconds).toLocaleString('en');
  return [
    `${seeds} seeds, ${hours.toFixed(1)} simulated hours, ${cpuSeconds.toFixed(0)} s of processor time (${((cpuSeconds * 1000) / seeds).toFixed(1)} ms a seed)`,
    `${elections} elections in ${totals.rounds} rounds, ${steps.toLocaleString('en')} steps: ${per(elections)} elections/s, ${per(steps)} steps/s, ${per(virtualMillis / 1000)}x real time`,
    `${totals.committed} entries committed, ${totals.acknowledged} writes and ${totals.reads} linearizable reads answered, ${totals.undone} entries undone, ${totals.disksLost} disks lost`,
    `after healing, milliseconds p50/p99/max: writable ${quantiles(totals.writableMillis)}, converged ${quantiles(totals.convergedMillis)}`,
    `${totals.repeated} seeds run twice, ${totals.differed} with another hash`,
    `faults: ${counts(totals.faults)}`,
    `marks: ${counts(totals.marks)}`,
  ].join('\n');
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN,
    );
  return `${at(0.5)}/${at(0.99)}/${at(1)}`;
}

function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
