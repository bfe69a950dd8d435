/** The shell level of `npm run simulate`: seeds one after the other, what to say of each, and its story. */
import { type ShellRun, simulateShell } from './simulate.ts';

export interface ShellSeeds {
  readonly from: number;
  readonly count: number;
  /** Called after each seed; `cpuMs` is the processor time it took. */
  readonly onRun: (run: ShellRun, cpuMs: number) => void;
}

/** Runs the seeds until one fails, which is returned. */
export async function runShellSeeds({
  from,
  count,
  onRun,
}: ShellSeeds): Promise<ShellRun | undefined> {
  for (let seed = from; seed < from + count; seed++) {
    const began = process.cpuUsage();
    const run = await simulateShell(seed);
    const { user, system } = process.cpuUsage(began);
    onRun(run, (user + system) / 1000);
    if (run.failures.length > 0) return run;
  }
  return undefined;
}

export function summaryOf(run: ShellRun, cpuMs: number): string {
  const { seed, hash, setup, virtualMs, deliveries, acknowledged, faults, failures } = run;
  const seconds = (virtualMs / 1000).toFixed(0);
  const speed = (virtualMs / cpuMs).toFixed(0);
  return [
    `seed ${seed} ${failures.length === 0 ? 'ok' : 'FAILED'} ${hash.slice(0, 12)}`,
    `${setup.members} members, ${seconds} s at ${speed}x`,
    `${deliveries} deliveries, ${acknowledged} acknowledged writes, ${faults} faults`,
  ].join(': ');
}

/** What many seeds came to: how much faster than real time, overall and by the number of members. */
export class ShellTotals {
  readonly #bySize = new Map<number, { seeds: number; virtualMs: number; cpuMs: number }>();

  add({ setup, virtualMs }: ShellRun, cpuMs: number): void {
    const sum = this.#bySize.get(setup.members) ?? { seeds: 0, virtualMs: 0, cpuMs: 0 };
    sum.seeds += 1;
    sum.virtualMs += virtualMs;
    sum.cpuMs += cpuMs;
    this.#bySize.set(setup.members, sum);
  }

  summary(): string {
    const sums = [...this.#bySize].toSorted(([a], [b]) => a - b);
    const total = { seeds: 0, virtualMs: 0, cpuMs: 0 };
    for (const [, { seeds, virtualMs, cpuMs }] of sums) {
      total.seeds += seeds;
      total.virtualMs += virtualMs;
      total.cpuMs += cpuMs;
    }
    const times = ({ virtualMs, cpuMs }: typeof total) => `${(virtualMs / cpuMs).toFixed(0)}x`;
    const seconds = (ms: number) => Math.round(ms / 1000).toLocaleString('en');
    const bySize = sums.map(([members, sum]) => `${members} ${times(sum)} (${sum.seeds})`);
    return [
      `${total.seeds} seeds, ${seconds(total.virtualMs)} virtual seconds in ${seconds(total.cpuMs)} of processor time`,
      `${times(total)} real time`,
      `by members (seeds) ${bySize.join(', ')}`,
    ].join(': ');
  }
}

/** What happened last, and what was wrong. */
export function storyOf({ seed, story, failures }: ShellRun, lines = 200): string {
  return [`seed ${seed}`, ...story.slice(-lines), ...failures].join('\n');
}
