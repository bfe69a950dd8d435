/**
 * Replica sets of the real core on virtual time, under random faults: `npm run simulate -- [options]`.
 *
 *     --seeds N --from S      which seeds (default 2000 from 1)
 *     --mode liveness         faults, then a healed majority must get on (default); `safety`: faults only
 *     --profile NAME,...      what is drawn (default: all take turns)
 *     --off RULE,...          without these safety rules: what is then lost?
 *     --workers N             processes (default 2)
 *     --verbose SEED          tells one seed as a story, and, if it fails, a small plan that fails too
 *     --level shell           whole members instead of cores
 *     --coverage              which branches of src/ark the simulations of CI reach, those without a safety rule among them; fails below 98.5 %
 *     --speed                 how much faster than real time a set of three is simulated, and how many elections a second
 *
 * Ends with 0, or 1 when something that must never happen did, 2 when a healed majority did not get on, 3 when the same seed went two ways,
 * 4 when it is slower than it shall be.
 */
import { fork, spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { SafetyRules } from '../src/ark/index.ts';
import {
  checked,
  electingSet,
  idleSet,
  lineOf,
  wanted,
  writtenSet,
} from '../test/simulation/measure/speed.ts';
import {
  runShellSeeds,
  ShellTotals,
  summaryOf as shellSummaryOf,
  storyOf,
} from '../test/simulation/shell/run.ts';
import {
  type Campaign,
  type Failure,
  livenessRules,
  profileOf,
} from '../test/simulation/swarm/campaign.ts';
import { type ProfileName, profiles } from '../test/simulation/swarm/profiles.ts';
import { type Mode, planOf, type RunOptions, runPlan } from '../test/simulation/swarm/run-plan.ts';
import { shrink, testOf } from '../test/simulation/swarm/shrink.ts';
import { addTotals, noTotals, summaryOf, type Totals } from '../test/simulation/swarm/totals.ts';
import { InvariantBroken } from '../test/simulation/world/index.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    mode: { type: 'string', default: 'liveness' },
    profile: { type: 'string', default: Object.keys(profiles).join(',') },
    off: { type: 'string', default: '' },
    workers: { type: 'string', default: '2' },
    verbose: { type: 'string' },
    level: { type: 'string', default: 'core' },
    coverage: { type: 'boolean', default: false },
    speed: { type: 'boolean', default: false },
  },
});
const list = (text: string) => text.split(',').filter((one) => one !== '');

const campaign: Campaign = {
  from: Number(values.from),
  seeds: Number(values.seeds),
  stride: 1,
  mode: values.mode as Mode,
  profiles: list(values.profile) as ProfileName[],
  off: list(values.off) as (keyof SafetyRules)[],
  repeatEvery: 100,
};

if (values.coverage) process.exit(cover());
else if (values.speed) process.exit(measureSpeed());
else if (values.level === 'shell') process.exit(await runShell());
else if (values.verbose !== undefined) process.exit(tell(Number(values.verbose)));
else process.exit(await runAll(Number(values.workers)));

async function runAll(workers: number): Promise<number> {
  const failures: Failure[] = [];
  const latest: Totals[] = [];
  const show = () => process.stderr.write(`\r${progressOf(latest, failures.length)}`);
  // Who ends it early is told how far it came.
  process.once('SIGTERM', () => {
    console.log(`ended early\n${summaryOf(sumOf(latest))}`);
    for (const failure of failures) console.log(failureLine(failure));
    process.exit(failures.length > 0 ? 1 : 0);
  });
  await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const own = {
        ...campaign,
        from: campaign.from + index,
        seeds: campaign.seeds - index,
        stride: workers,
      };
      return runWorker(own, (message) => {
        if ('failure' in message) {
          failures.push(message.failure);
          process.stderr.write(`\n${failureLine(message.failure)}\n`);
        } else latest[index] = 'done' in message ? message.done : message.progress;
        show();
      });
    }),
  );
  process.stderr.write('\n');
  const totals = sumOf(latest);
  console.log(summaryOf(totals));
  failures.sort((a, b) => a.seed - b.seed);
  for (const failure of failures.slice(0, 20)) console.log(failureLine(failure));
  if (failures[0] !== undefined)
    console.log(`look: npm run simulate -- --verbose ${failures[0].seed}`);
  if (failures.some(({ invariant }) => !livenessRules.includes(invariant))) return 1;
  if (failures.length > 0) return 2;
  return totals.differed > 0 ? 3 : 0;
}

type WorkerMessage =
  | { readonly progress: Totals }
  | { readonly failure: Failure }
  | { readonly done: Totals };

function runWorker(own: Campaign, onMessage: (message: WorkerMessage) => void): Promise<void> {
  const worker = fork(new URL('./simulate/worker.ts', import.meta.url));
  worker.on('message', (message) => onMessage(message as WorkerMessage));
  worker.send(own);
  return new Promise((resolve, reject) => {
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`worker: ${code}`))));
  });
}

function progressOf(latest: readonly (Totals | undefined)[], failures: number): string {
  const totals = sumOf(latest);
  return `${totals.seeds} of ${campaign.seeds} seeds, ${totals.elections} elections, ${failures} failures`;
}

function sumOf(latest: readonly (Totals | undefined)[]): Totals {
  const totals = noTotals();
  for (const one of latest) if (one !== undefined) addTotals(totals, one);
  return totals;
}

function failureLine({ seed, profile, invariant, detail }: Failure): string {
  return `FAILED seed ${seed} (${profile}): ${invariant}: ${detail.split('\n')[0]}`;
}

/** One seed as a story; a failing one is made small, and printed as a test. */
function tell(seed: number): number {
  const plan = planOf(seed, campaign.mode, profileOf(campaign, seed));
  const options: RunOptions = {
    off: campaign.off,
    invariants: campaign.off.length === 0 ? 'all' : 'losses',
  };
  try {
    const { hash, elections } = runPlan(plan, {
      ...options,
      story: true,
      onStory: (story) => console.log(story),
    });
    console.log(`seed ${seed}: nothing broken, ${elections} elections, hash ${hash.toString(16)}`);
    return 0;
  } catch (error) {
    if (!(error instanceof InvariantBroken)) throw error;
    console.log(error.message);
    const small = shrink(plan, (candidate) => brokenBy(candidate, options));
    const { length } = small.plan.actions;
    console.log(`\n${length} of ${plan.actions.length} actions suffice (${small.runs} runs):\n`);
    console.log(testOf(small, campaign.off));
    return livenessRules.includes(error.invariant) ? 2 : 1;
  }
}

function brokenBy(...run: Parameters<typeof runPlan>): string | undefined {
  try {
    runPlan(...run);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvariantBroken)) throw error;
    return error.invariant;
  }
}

function cover(): number {
  const tests = ['test/simulation/swarm.test.ts', 'test/simulation/swarm-ablation.test.ts'];
  const wanted = [
    '--coverage',
    '--coverage.include=src/ark/*.ts',
    '--coverage.reporter=text',
    '--coverage.thresholds.branches=98.5',
  ];
  const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', ...tests, ...wanted], {
    stdio: 'inherit',
  });
  return status ?? 1;
}

/** Members of the shipped core with default settings and all invariants. */
function measureSpeed(): number {
  console.log(`sets of three members, default settings; ${checked} after every step`);
  const idle = idleSet(100_000);
  console.log(lineOf(idle));
  console.log(lineOf(writtenSet(2_000)));
  const electing = electingSet(10_000);
  console.log(lineOf(electing));
  const timesRealTime = idle.virtualSeconds / idle.cpuSeconds;
  const electionsPerSecond = electing.elections / electing.cpuSeconds;
  const isFast =
    timesRealTime >= wanted.timesRealTime && electionsPerSecond >= wanted.electionsPerSecond;
  const asked = `${wanted.timesRealTime.toLocaleString('en')}x real time and ${wanted.electionsPerSecond.toLocaleString('en')} elections/s`;
  console.log(`${isFast ? 'reached' : 'NOT reached'}: ${asked}`);
  return isFast ? 0 : 4;
}

async function runShell(): Promise<number> {
  const totals = new ShellTotals();
  const failed = await runShellSeeds({
    from: Number(values.verbose ?? campaign.from),
    count: values.verbose === undefined ? campaign.seeds : 1,
    onRun: (run, cpuMs) => {
      totals.add(run, cpuMs);
      console.log(shellSummaryOf(run, cpuMs));
    },
  });
  console.log(totals.summary());
  if (failed === undefined) return 0;
  console.log(storyOf(failed));
  return 1;
}
