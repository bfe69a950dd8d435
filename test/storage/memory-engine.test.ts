import { expect, test } from 'vitest';
import { openMemoryEngine } from '../../storage/index.ts';

const key = Buffer.from('k');
const [old, fresh] = [Buffer.from('old'), Buffer.from('new')];

/** A disk whose flushes wait until they are let go. */
function slowDisk() {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let arrived = (): void => {};
  return {
    flush: () =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ resolve, reject });
        arrived();
      }),
    release: () => waiting.shift()!.resolve(),
    fail: (error: Error) => waiting.shift()!.reject(error),
    isFlushing: () =>
      new Promise<void>((resolve) => {
        if (waiting.length > 0) resolve();
        else arrived = resolve;
      }),
  };
}

test('a write is visible and acknowledged when the flush has ended, not before', async () => {
  const disk = slowDisk();
  const engine = openMemoryEngine({ flush: disk.flush });
  let isAcknowledged = false;
  const write = engine
    .write((tx) => tx.put('doc', key, fresh))
    .then(() => {
      isAcknowledged = true;
    });
  await disk.isFlushing();
  expect(isAcknowledged).toBe(false);
  expect(engine.latest.has('doc', key)).toBe(false);
  disk.release();
  await write;
  expect(engine.latest.get('doc', key)).toEqual(fresh);
});

test.each([
  { loseUnsynced: true, expected: old },
  { loseUnsynced: false, expected: fresh },
])('a crash that loses unsynced writes ($loseUnsynced) leaves what it must', async (crash) => {
  const disk = slowDisk();
  const engine = openMemoryEngine({ flush: disk.flush });
  const first = engine.write((tx) => tx.put('doc', key, old));
  await disk.isFlushing();
  disk.release();
  await first;
  const snapshot = engine.snapshot();
  const unsynced = engine.write((tx) => tx.put('doc', key, fresh));
  await disk.isFlushing();
  const queued = engine.write((tx) => tx.put('doc', Buffer.from('q'), fresh));
  engine.crash({ loseUnsynced: crash.loseUnsynced });
  await expect(unsynced).rejects.toThrow('crashed');
  await expect(queued).rejects.toThrow('crashed');
  expect(engine.latest.get('doc', key)).toEqual(crash.expected);
  expect(engine.latest.has('doc', Buffer.from('q'))).toBe(false);
  expect(() => snapshot.get('doc', key)).toThrow();
  disk.release();
  const after = engine.write((tx) => tx.get('doc', key));
  await disk.isFlushing();
  disk.release();
  expect(await after).toEqual(crash.expected);
});

test('a failed flush rejects all that is queued, and tells the owner once', async () => {
  const disk = slowDisk();
  const engine = openMemoryEngine({ flush: disk.flush });
  const failures: unknown[] = [];
  engine.onFailure = (error) => failures.push(error);
  const first = engine.write((tx) => tx.put('doc', key, fresh));
  await disk.isFlushing();
  const second = engine.write((tx) => tx.put('doc', key, fresh));
  const broken = new Error('the disk broke');
  disk.fail(broken);
  await expect(first).rejects.toBe(broken);
  await expect(second).rejects.toBe(broken);
  await expect(engine.write(() => 1)).rejects.toBe(broken);
  expect(failures).toEqual([broken]);
  expect(engine.latest.has('doc', key)).toBe(false);
});

test('a broken observer is the owner’s to know; the write stands', async () => {
  const engine = openMemoryEngine();
  const failures: unknown[] = [];
  engine.onFailure = (error) => failures.push(error);
  const bug = new Error('bug');
  await engine.write((tx) => tx.put('doc', key, fresh), {
    applied: () => {
      throw bug;
    },
  });
  expect(failures).toEqual([bug]);
  expect(engine.latest.get('doc', key)).toEqual(fresh);
});
