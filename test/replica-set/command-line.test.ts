/** `arkset`, the command behind npm start, as a process: what it says and what it leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyFreePorts } from '../../src/cluster/free-ports.ts';

const commandFile = fileURLToPath(new URL('../../src/cluster/cli.ts', import.meta.url));

let folder: string;
let command: ChildProcess;
let text: string;
let wake: () => void = () => {};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arkset-command-'));
});

afterEach(async () => {
  if (command.exitCode === null && command.signalCode === null) {
    command.kill('SIGTERM');
    await once(command, 'exit');
  }
  rmSync(folder, { recursive: true });
});

/** One member: enough to be a set. */
async function startCommand(): Promise<void> {
  const [port] = await anyFreePorts(1);
  runCommand('--members', '1', '--data', folder, '--port', String(port));
}

function runCommand(...argv: string[]): void {
  text = '';
  command = spawn(process.execPath, ['--import', 'tsx', commandFile, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  for (const stream of [command.stdout, command.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk;
      wake();
    });
  }
  command.on('exit', () => wake());
}

/** Waits until all that was said so far matches, and returns the group of the pattern. */
async function said(pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(text);
    if (found !== null) return found[1] ?? '';
    if (command.exitCode !== null) throw new Error(`it ended without ${pattern}:\n${text}`);
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

function isAlive(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

describe('arkset', () => {
  it('starts a member that is killed again, and ends it with itself', async () => {
    await startCommand();
    const first = await said(/The replica set takes writes[\s\S]* process (\d+)\n/);

    process.kill(Number(first), 'SIGKILL');
    const second = await said(/was ended by SIGKILL[\s\S]* listens on \d+, process (\d+)\n/);
    command.kill('SIGINT');

    expect(await once(command, 'exit')).toEqual([0, null]);
    expect(isAlive(second)).toBe(false);
  });

  it('leaves no member behind when it is ended while they start', async () => {
    await startCommand();
    const member = await said(/listens on \d+, process (\d+)\n/);

    command.kill('SIGTERM');

    expect(await once(command, 'exit')).toEqual([0, null]);
    expect(isAlive(member)).toBe(false);
  });

  it('says why a member does not start, and where to read more', async () => {
    mkdirSync(join(folder, 'member-0'));
    writeFileSync(join(folder, 'member-0', 'store'), 'not a folder');
    await startCommand();

    expect(await once(command, 'exit')).toEqual([1, null]);
    expect(text).toMatch(/member 0 ended while starting \(the data in .*EEXIST.*\); see .*\.log/);
  });

  it('ends with 2 and one line for a number of members it cannot start', async () => {
    runCommand('--members', '9');

    expect(await once(command, 'exit')).toEqual([2, null]);
    expect(text).toBe('arkset: --members takes a whole number from 1 to 7\n');
  });
});
