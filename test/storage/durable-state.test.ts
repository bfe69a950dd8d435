import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  DurableStateDamaged,
  openDurableState,
  openMemoryDurableState,
} from '../../storage/index.ts';

let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'arkset-durable-'));
  path = join(directory, 'member.json');
});

afterEach(() => rmSync(directory, { recursive: true }));

test('facts are there after reopening, each the one written last', async () => {
  const state = await openDurableState(path);
  expect(state.read()).toEqual({});
  const config = { members: [1] };
  const writes = [
    state.write({ vote: { term: 1 }, config }),
    state.write({ vote: { term: 2 }, rollbackId: 1 }),
    state.write({ vote: { term: 3 } }),
  ];
  config.members.push(2);
  expect(state.read()).toEqual({});
  await Promise.all(writes);
  const expected = { vote: { term: 3 }, config: { members: [1] }, rollbackId: 1 };
  expect(state.read()).toEqual(expected);
  expect((await openDurableState(path)).read()).toEqual(expected);
  await state.write({ rollbackId: undefined });
  expect((await openDurableState(path)).read()).not.toHaveProperty('rollbackId');
});

test('writes are acknowledged in order, and each is readable when it is', async () => {
  const state = await openDurableState(path);
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async (_, term) => {
      await state.write({ vote: term });
      expect(state.read().vote).toBeGreaterThanOrEqual(term);
      order.push(term);
    }),
  );
  expect(order).toEqual(Array.from({ length: 20 }, (_, term) => term));
});

test('a half-written successor does not matter', async () => {
  const state = await openDurableState(path);
  await state.write({ vote: 1 });
  writeFileSync(`${path}.new`, '{"for');
  const again = await openDurableState(path);
  expect(again.read()).toEqual({ vote: 1 });
  await again.write({ vote: 2 });
  expect((await openDurableState(path)).read()).toEqual({ vote: 2 });
});

test('every damaged byte of the file is noticed', async () => {
  const state = await openDurableState(path);
  await state.write({ vote: { term: 12, candidate: 'a' } });
  const good = readFileSync(path);
  for (let i = 0; i < good.length; i += 1) {
    const bad = Buffer.from(good);
    bad[i]! ^= 1;
    writeFileSync(path, bad);
    await expect(openDurableState(path)).rejects.toThrow(DurableStateDamaged);
    writeFileSync(path, good.subarray(0, i));
    await expect(openDurableState(path)).rejects.toThrow(DurableStateDamaged);
  }
});

test('after a failed write nothing is accepted any more', async () => {
  const state = await openDurableState(join(directory, 'missing', 'member.json'));
  await expect(state.write({ vote: 1 })).rejects.toThrow('ENOENT');
  await expect(state.write({ vote: 2 })).rejects.toThrow('ENOENT');
  expect(state.read()).toEqual({});
});

test.each([
  { loseUnsynced: true, expected: { vote: 1 } },
  { loseUnsynced: false, expected: { vote: 2 } },
])(
  'in memory, a crash that loses unsynced writes ($loseUnsynced) leaves what it must',
  async (crash) => {
    const flushes: (() => void)[] = [];
    const state = openMemoryDurableState({
      flush: () => new Promise<void>((resolve) => flushes.push(resolve)),
    });
    const first = state.write({ vote: 1 });
    flushes.shift()!();
    await first;
    const second = state.write({ vote: 2 });
    state.crash({ loseUnsynced: crash.loseUnsynced });
    flushes.shift()!();
    await expect(second).rejects.toThrow('crashed');
    expect(state.read()).toEqual(crash.expected);
    const third = state.write({ config: 3 });
    flushes.shift()!();
    await third;
    expect(state.read()).toEqual({ ...crash.expected, config: 3 });
  },
);
