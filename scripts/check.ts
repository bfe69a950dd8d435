/** Every check CI runs, in its order; stops at the first that fails. */
import { spawnSync } from 'node:child_process';

/** In-process sets keep several stores open, and each may hold two of libuv's threads. */
const threads = { UV_THREADPOOL_SIZE: '16', ...process.env };

const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit'],
  ['lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['unused code', 'knip', '--no-progress'],
  ['compatibility page', 'tsx', 'scripts/compatibility.ts', '--check'],
  ['build', 'tsc', '-p', 'tsconfig.build.json'],
  ['tests', 'vitest', 'run'],
];

for (const [name, command, ...args] of checks) {
  const started = Date.now();
  console.log(`\n== ${name}: ${command} ${args.join(' ')}`);
  const result = spawnSync('npx', ['--no-install', command, ...args], {
    stdio: 'inherit',
    env: threads,
  });
  if (result.status !== 0) {
    console.error(`\n${name} failed`);
    process.exit(result.status ?? 1);
  }
  console.log(`== ${name} passed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
