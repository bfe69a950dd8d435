import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLmdbEngine } from '../../storage/index.ts';
import { checkStore } from './crash-writer.ts';

const rounds = Number(process.env.ARKSET_KILL_ROUNDS ?? 3);
const writer = fileURLToPath(new URL('crash-writer.ts', import.meta.url));

let path = '';

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'arkset-crash-'));
});

afterEach(() => rmSync(path, { recursive: true }));

interface Run {
  readonly acknowledged: number;
  readonly others: readonly string[];
}

/** Collects what the writer prints until it is gone; kills it after `killAfter` acknowledgements. */
async function watch(child: ChildProcess, killAfter: number): Promise<Run> {
  const exited = once(child, 'exit');
  const others: string[] = [];
  let [acknowledged, count] = [0, 0];
  for await (const line of createInterface({ input: child.stdout! })) {
    if (/^\d+$/.test(line)) {
      acknowledged = Math.max(acknowledged, Number(line));
      count += 1;
      if (count === killAfter) child.kill('SIGKILL');
    } else {
      others.push(line);
    }
  }
  await exited;
  return { acknowledged, others };
}

async function checkedNewest(): Promise<number> {
  const engine = await openLmdbEngine({ path });
  try {
    return checkStore(engine.latest);
  } finally {
    await engine.close();
  }
}

test(`after each of ${rounds} kills all acknowledged writes are there and everything fits`, {
  timeout: 10_000 * rounds,
}, async () => {
  for (let round = 0; round < rounds; round += 1) {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, 'write', path]);
    const { acknowledged, others } = await watch(child, 500 + Math.floor(Math.random() * 2000));
    expect(others).toEqual([]);
    expect(await checkedNewest()).toBeGreaterThanOrEqual(acknowledged);
  }
});

test('a commit that fails acknowledges nothing, is told once, and leaves a good store', {
  timeout: 20_000,
}, async () => {
  // A file size limit stands for a full disk: Node ignores the signal, the write fails.
  const command = 'ulimit -f 2048; exec "$0" --import tsx "$1" write "$2"';
  const child = spawn('bash', ['-c', command, process.execPath, writer, path]);
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const { acknowledged, others } = await watch(child, Number.POSITIVE_INFINITY);
  expect(others, errors.join('')).toEqual(['failure']);
  expect(child.signalCode).toBe('SIGKILL');
  expect(acknowledged).toBeGreaterThan(100);
  expect(await checkedNewest()).toBeGreaterThanOrEqual(acknowledged);
});
