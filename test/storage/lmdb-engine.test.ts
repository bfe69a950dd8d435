import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OutOfSpace, openLmdbEngine } from '../../storage/index.ts';
import type { LmdbStore } from '../../storage/lmdb-store.ts';

let directory = '';
const key = Buffer.from('k');

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'arkset-lmdb-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

test('data is there after closing and opening, and in a backup as of its start', async () => {
  const path = join(directory, 'data');
  const engine = await openLmdbEngine({ path });
  await engine.write((tx) => tx.put('doc', key, Buffer.from('1')));
  const copy = join(directory, 'copy');
  mkdirSync(copy);
  await engine.backup(copy);
  await engine.write((tx) => tx.put('doc', key, Buffer.from('2')));
  const snapshot = engine.snapshot();
  const cursor = engine.latest.cursor('doc', {});
  expect(cursor.next()).toBe(true);
  expect(engine.stats()).toMatchObject({ pinnedSnapshots: 1, openCursors: 1, commits: 2 });
  await engine.close();
  expect(() => snapshot.get('doc', key)).toThrow();
  for (const [where, value] of [
    [path, '2'],
    [copy, '1'],
  ] as const) {
    const again = await openLmdbEngine({ path: where });
    expect(again.latest.get('doc', key)?.toString()).toBe(value);
    await again.close();
  }
});

test('writes are refused by assertSpace when the disk is nearly full or the quota used up', async () => {
  const nearlyFull = await openLmdbEngine({ path: join(directory, 'a'), lowDiskBytes: 2 ** 60 });
  expect(() => nearlyFull.assertSpace()).toThrow(OutOfSpace);
  expect(() => nearlyFull.assertSpace()).toThrow('left on the disk');
  // The engine itself refuses nothing: truncation must go on.
  await nearlyFull.write((tx) => tx.put('doc', key, key));
  await nearlyFull.close();
  const path = join(directory, 'b');
  const engine = await openLmdbEngine({ path, quotaBytes: 1_000_000 });
  engine.assertSpace();
  await engine.write((tx) => tx.put('doc', key, Buffer.alloc(1_000_000)));
  await expect.poll(() => space(engine.assertSpace.bind(engine)), { timeout: 5000 }).toBe('quota');
  await engine.write((tx) => tx.delete('doc', key));
  await expect.poll(() => space(engine.assertSpace.bind(engine)), { timeout: 5000 }).toBe('enough');
  await engine.close();
});

function space(assertSpace: () => void): string {
  try {
    assertSpace();
    return 'enough';
  } catch (error) {
    return (error as OutOfSpace).reason;
  }
}

const slowFlush = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  usleep(300000);
  return real(fd);
}`;

const slowWriter = `
import { openLmdbEngine } from './storage/index.ts';
const engine = await openLmdbEngine({ path: process.argv[1] });
const started = performance.now();
const isVisible = () => engine.latest.has('doc', Buffer.from('k'));
let seenAfter;
const poll = setInterval(() => { if (isVisible()) seenAfter ??= performance.now() - started; }, 5);
await engine.write((tx) => tx.put('doc', Buffer.from('k'), Buffer.from('v')));
const acknowledgedAfter = performance.now() - started;
seenAfter ??= acknowledgedAfter;
clearInterval(poll);
console.log(JSON.stringify({ acknowledgedAfter, seenAfter, isVisible: isVisible() }));
await engine.close();
`;

function hasCompiler(): boolean {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

test.skipIf(!hasCompiler())(
  'a write is neither acknowledged nor visible before its flush has ended',
  { timeout: 20_000 },
  async () => {
    const [source, library] = [join(directory, 'slow.c'), join(directory, 'slow.so')];
    writeFileSync(source, slowFlush);
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', slowWriter, join(directory, 'data')],
      { env: { ...process.env, LD_PRELOAD: library }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const measured = JSON.parse(await text(child.stdout)) as {
      acknowledgedAfter: number;
      seenAfter: number;
      isVisible: boolean;
    };
    expect(measured.isVisible).toBe(true);
    expect(measured.acknowledgedAfter).toBeGreaterThan(295);
    expect(measured.seenAfter).toBeGreaterThan(295);
  },
);

test('a write the store refuses after its body has succeeded spoils the batch and nothing of it stays', async () => {
  const engine = await openLmdbEngine({ path: join(directory, 'data') });
  try {
    const failures: unknown[] = [];
    engine.onFailure = (error) => failures.push(error);
    const [good, bad] = [Buffer.from('good'), Buffer.from('bad')];
    const { doc } = (engine as unknown as { stores: { doc: LmdbStore } }).stores;
    const putSync = doc.putSync.bind(doc);
    const full = new Error('MDB_MAP_FULL');
    doc.putSync = (key, value, options) => {
      if (key.equals(bad)) throw full;
      return putSync(key, value, options);
    };
    const writes = await Promise.allSettled([
      engine.write((tx) => tx.put('doc', good, good)),
      engine.write((tx) => tx.put('doc', bad, bad), undefined, true),
      engine.write((tx) => tx.put('stat', good, good)),
    ]);
    expect(writes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(failures).toEqual([full]);
    expect(engine.latest.has('doc', good)).toBe(false);
    expect(engine.latest.has('stat', good)).toBe(false);
  } finally {
    await engine.close();
  }
});
