import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryInUse, lockDirectory, lockFileName } from '../../storage/index.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'arkset-lock-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function leaveLock(holder: object): void {
  writeFileSync(join(directory, lockFileName), JSON.stringify(holder));
}

test('a directory is locked once, and again after its release', () => {
  const lock = lockDirectory(directory);
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUse);
  expect(() => lockDirectory(directory)).toThrow(`pid ${process.pid}`);
  lock.release();
  lock.release();
  const second = lockDirectory(directory);
  lock.release();
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUse);
  second.release();
  expect(readdirSync(directory)).toEqual([]);
});

test('the lock of a killed process is taken over, that of a living one is not', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const holder = { pid: child.pid, started: `${boot}:${ticks}`, host: hostname() };
  leaveLock(holder);
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUse);
  // The same pid, but of a process started at another time, or before the machine was.
  leaveLock({ ...holder, started: `${boot}:1` });
  lockDirectory(directory).release();
  leaveLock({ ...holder, started: `another boot:${ticks}` });
  lockDirectory(directory).release();
  leaveLock(holder);
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockDirectory(directory).release();
  expect(readdirSync(directory)).toEqual([]);
});

test('a lock of another machine is respected, and one that says nothing is not', () => {
  leaveLock({ pid: 1, started: '', host: 'elsewhere' });
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUse);
  writeFileSync(join(directory, lockFileName), '');
  lockDirectory(directory).release();
});
