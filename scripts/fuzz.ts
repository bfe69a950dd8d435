/**
 * Random filters, sorts and updates on random documents and indexes: `npm run fuzz -- [options]`.
 *
 *     --cases N        how many (default 100000)
 *     --from S         the first seed (default 1); a seed is a world of 400 cases
 *     --workers N      processes (default 2)
 *     --seed S         one seed alone; a failing one is made small and printed
 *
 * Ends with 0, or 1 when a rule was broken or a seed took longer than a minute.
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { casesPerWorld, type Failure, runSeed, storyOf } from '../test/fuzz/campaign.ts';
import type { FuzzMessage, FuzzOrder } from './fuzz/worker.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string' },
  },
});
const hangMs = 60_000;
const shownFailures = 20;
const shownEvery = 20;

process.exitCode = values.seed === undefined ? await runAll() : await runOne(Number(values.seed));

async function runOne(seed: number): Promise<number> {
  const failure = await runSeed(seed);
  if (failure === undefined) console.log(`seed ${seed}: nothing broken`);
  else console.log(`seed ${seed}: ${failure.detail}\n\nmade small:\n${await storyOf(failure)}`);
  return failure === undefined ? 0 : 1;
}

async function runAll(): Promise<number> {
  const workers = Number(values.workers);
  const worlds = Math.ceil(Number(values.cases) / casesPerWorld);
  const from = Number(values.from);
  const failures: Failure[] = [];
  const done = new Array<number>(workers).fill(0);
  const started = Date.now();
  const show = () => {
    const cases = done.reduce((sum, count) => sum + count, 0) * casesPerWorld;
    const perSecond = Math.round(cases / ((Date.now() - started) / 1000));
    process.stderr.write(`\r${cases} cases, ${perSecond} a second, ${failures.length} failures `);
  };
  const report = (failure: Failure) => {
    failures.push(failure);
    if (failures.length > shownFailures) return;
    console.log(`\nFAILED seed ${failure.seed}: ${failure.detail.slice(0, 400)}`);
  };
  await Promise.all(
    done.map((_, worker) =>
      runWorker({ from: from + worker, stride: workers, end: from + worlds }, (message) => {
        if (message.failure !== undefined) report(message.failure);
        done[worker] = message.worlds;
        if (message.failure !== undefined || message.worlds % shownEvery === 0) show();
      }),
    ),
  );
  show();
  process.stderr.write('\n');
  failures.sort((a, b) => a.seed - b.seed);
  if (failures[0] !== undefined) console.log(`look: npm run fuzz -- --seed ${failures[0].seed}`);
  return failures.length === 0 ? 0 : 1;
}

/** A worker that is silent for a minute hangs in the seed it has named last. */
function runWorker(order: FuzzOrder, onMessage: (message: FuzzMessage) => void): Promise<void> {
  const child = fork(new URL('./fuzz/worker.ts', import.meta.url));
  let last: FuzzMessage = { worlds: 0, seed: order.from };
  const hangs = () => {
    const failure = {
      seed: last.seed,
      rule: 'no hang',
      detail: 'no hang: took more than a minute',
    };
    onMessage({ ...last, failure });
    child.kill('SIGKILL');
  };
  let watch = setTimeout(hangs, hangMs);
  child.on('message', (message) => {
    last = message as FuzzMessage;
    clearTimeout(watch);
    watch = setTimeout(hangs, hangMs);
    onMessage(last);
  });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => {
      clearTimeout(watch);
      if (code === 0 || signal === 'SIGKILL') resolve();
      else reject(new Error(`worker: ${code}`));
    });
  });
}
