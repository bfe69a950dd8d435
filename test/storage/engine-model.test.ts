import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Engine,
  openLmdbEngine,
  openMemoryEngine,
  type Reader,
  type Snapshot,
  type WriteTransaction,
} from '../../storage/index.ts';

/** Steps of the churn; raise it before a release: an hour is about two million. */
const steps = Number(process.env.ARKSET_CHURN_STEPS ?? 400);

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

const kinds = [
  {
    name: 'lmdb',
    open: (): Promise<Engine> => {
      const path = mkdtempSync(join(tmpdir(), 'arkset-model-'));
      directories.push(path);
      return openLmdbEngine({ path, noSync: true });
    },
  },
  { name: 'memory', open: async (): Promise<Engine> => openMemoryEngine() },
];

/** mulberry32: the same churn for the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Model = ReadonlyMap<number, number>;

function keyOf(n: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(n, 0);
  return key;
}

/** A value that tells its number, of 8 bytes to 12 KB: inside pages and in pages of its own. */
function numbered(n: number): Buffer {
  const value = Buffer.alloc(8 + ((n * 2654435761) % 97 === 0 ? 12_000 : n % 700), n & 0xff);
  value.writeUInt32BE(n, 0);
  return value;
}

function verify(reader: Reader, model: Model): void {
  const cursor = reader.cursor('doc', {});
  const expected = [...model.keys()].sort((a, b) => a - b);
  for (const n of expected) {
    if (!cursor.next()) throw new Error('the cursor ends early');
    if (cursor.key.readUInt32BE(0) !== n) throw new Error(`not key ${n}`);
    if (!cursor.value.equals(numbered(model.get(n)!))) throw new Error(`wrong value at ${n}`);
  }
  expect(cursor.next()).toBe(false);
  cursor.close();
}

function verifyOne(reader: Reader, model: Model, n: number): void {
  const serial = model.get(n);
  const expected = serial === undefined ? undefined : numbered(serial);
  expect(reader.get('doc', keyOf(n))?.equals(expected ?? Buffer.alloc(0))).toBe(
    expected === undefined ? undefined : true,
  );
  expect(reader.has('doc', keyOf(n))).toBe(expected !== undefined);
}

describe.each(kinds)('under churn the $name engine', ({ open }) => {
  test('agrees with a map, in every snapshot too, whatever bodies throw', {
    timeout: 30_000 + steps * 20,
  }, async () => {
    const random = randomNumbers(20_261_121);
    const engine = await open();
    let model = new Map<number, number>();
    const pins: { snapshot: Snapshot; model: Model }[] = [];
    let serial = 0;
    for (let step = 0; step < steps; step += 1) {
      const writes: Promise<unknown>[] = [];
      for (let i = random(6); i >= 0; i -= 1) {
        const before = model;
        const next = new Map(model);
        const isBroken = random(5) === 0;
        const changes = Array.from({ length: 1 + random(20) }, () => {
          serial += 1;
          const key = random(300);
          const isDelete = random(3) === 0;
          if (isDelete) next.delete(key);
          else next.set(key, serial);
          return { key, value: isDelete ? undefined : numbered(serial) };
        });
        const isBuffered = random(2) === 0;
        const body = (tx: WriteTransaction) => {
          if (isBuffered && random(8) === 0) verify(tx, before);
          for (const { key, value } of changes) {
            if (value === undefined) tx.delete('doc', keyOf(key));
            else tx.put('doc', keyOf(key), value);
          }
          if (isBroken) throw new Error('undone');
          if (isBuffered) for (const { key } of changes) verifyOne(tx, next, key);
          else if (changes.length === 1) verify(tx, next);
        };
        const write = engine.write(body, undefined, isBuffered);
        if (isBroken) writes.push(expect(write).rejects.toThrow('undone'));
        else {
          writes.push(write);
          model = next;
        }
      }
      await Promise.all(writes);
      if (random(4) === 0) pins.push({ snapshot: engine.snapshot(), model });
      if (pins.length > 20 || random(8) === 0) {
        const [pin] = pins.splice(random(pins.length || 1), 1);
        if (pin !== undefined) verify(pin.snapshot, pin.model);
        pin?.snapshot.close();
      }
      if (random(10) === 0) verify(engine.latest, model);
    }
    for (const pin of pins) {
      verify(pin.snapshot, pin.model);
      pin.snapshot.close();
    }
    verify(engine.latest, model);
    await engine.close();
  });
});
