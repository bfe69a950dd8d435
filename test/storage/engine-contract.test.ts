import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Engine,
  type KeyRange,
  openLmdbEngine,
  openMemoryEngine,
  type Reader,
  SnapshotTooOld,
  TooManyReaders,
  type WriteTransaction,
} from '../../storage/index.ts';

const key = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n, 0);
  return bytes;
};

const text = (value: string): Buffer => Buffer.from(value);

function read(reader: Reader, range: KeyRange = {}): number[] {
  const cursor = reader.cursor('doc', range);
  const found: number[] = [];
  while (cursor.next()) found.push(cursor.key.readUInt32BE(0));
  cursor.close();
  return found;
}

const directories: string[] = [];
const engines: Engine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'arkset-storage-'));
  directories.push(directory);
  return directory;
}

const kinds: { name: string; open: (options?: { maxSnapshots: number }) => Promise<Engine> }[] = [
  { name: 'lmdb', open: (options) => openLmdbEngine({ path: temporaryDirectory(), ...options }) },
  { name: 'memory', open: async (options) => openMemoryEngine(options) },
];

describe.each(kinds)('the $name engine', ({ open }) => {
  async function opened(options?: { maxSnapshots: number }): Promise<Engine> {
    const engine = await open(options);
    engines.push(engine);
    return engine;
  }

  test('gives back what a write put', async () => {
    const engine = await opened();
    expect(
      await engine.write((tx) => {
        tx.put('doc', key(1), text('one'));
        tx.put('meta', key(1), text(''));
        return 7;
      }),
    ).toBe(7);
    expect(engine.latest.get('doc', key(1))).toEqual(text('one'));
    expect(engine.latest.borrow('doc', key(1))).toEqual(text('one'));
    expect(engine.latest.get('meta', key(1))).toEqual(Buffer.alloc(0));
    expect(engine.latest.has('doc', key(2))).toBe(false);
    expect(engine.latest.get('doc', key(2))).toBeUndefined();
  });

  test('undoes a body that throws, and only that one', async () => {
    const engine = await opened();
    const outcomes = await Promise.allSettled([
      engine.write((tx) => tx.put('doc', key(1), text('a'))),
      engine.write((tx) => {
        tx.put('doc', key(1), text('b'));
        tx.put('doc', key(2), text('b'));
        tx.delete('doc', key(1));
        throw new Error('no');
      }),
      engine.write((tx) => tx.put('doc', key(3), tx.get('doc', key(1))!)),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(read(engine.latest)).toEqual([1, 3]);
    expect(engine.latest.get('doc', key(3))).toEqual(text('a'));
  });

  test('a buffered body sees its own changes and those of the bodies before, and can be undone', async () => {
    const engine = await opened();
    const outcomes = await Promise.allSettled([
      engine.write((tx) => tx.put('doc', key(1), text('a'))),
      engine.write(
        (tx) => {
          expect(tx.get('doc', key(1))).toEqual(text('a'));
          tx.put('doc', key(2), text('b'));
          expect(tx.delete('doc', key(1))).toBe(true);
          expect(tx.delete('doc', key(1))).toBe(false);
          expect(tx.has('doc', key(1))).toBe(false);
          expect(tx.borrow('doc', key(2))).toEqual(text('b'));
          tx.append('oplog', key(5), text('5'));
          tx.append('oplog', key(6), text('6'));
        },
        undefined,
        true,
      ),
      engine.write(
        (tx) => {
          tx.put('doc', key(2), text('c'));
          tx.put('doc', key(3), text('c'));
          tx.append('oplog', key(7), text('7'));
          throw new Error('no');
        },
        undefined,
        true,
      ),
      engine.write((tx) => tx.append('oplog', key(6), text('x')), undefined, true),
      engine.write((tx) => tx.append('oplog', key(7), tx.get('doc', key(2))!), undefined, true),
      engine.write((tx) => expect(read(tx)).toEqual([2])),
      engine.write((tx) => expect(read(tx)).toEqual([2]), undefined, true),
      engine.write((tx) => tx.append('oplog', key(8), text('8')), undefined, true),
    ]);
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled')).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(read(engine.latest)).toEqual([2]);
    expect(engine.latest.get('doc', key(2))).toEqual(text('b'));
    for (const n of [5, 6, 7, 8]) expect(engine.latest.has('oplog', key(n))).toBe(true);
    expect(engine.latest.get('oplog', key(7))).toEqual(text('b'));
  });

  test('a buffered body opens no cursor on a table it has changed', async () => {
    const engine = await opened();
    const write = engine.write(
      (tx) => {
        expect(read(tx)).toEqual([]);
        tx.put('doc', key(1), text('a'));
        tx.cursor('stat', {}).close();
        read(tx);
      },
      undefined,
      true,
    );
    await expect(write).rejects.toThrow('can not open a cursor on doc');
    expect(engine.latest.has('doc', key(1))).toBe(false);
  });

  test('a buffered body changes no table under its open cursor', async () => {
    const engine = await opened();
    const write = engine.write(
      (tx) => {
        tx.cursor('stat', {});
        tx.cursor('doc', {}).close();
        tx.put('doc', key(1), text('a'));
        tx.put('stat', key(1), text('a'));
      },
      undefined,
      true,
    );
    await expect(write).rejects.toThrow('can not change stat under its open cursor');
    expect(engine.latest.has('doc', key(1))).toBe(false);
  });

  test('a buffered body that opened a cursor after its first changes can still be undone', async () => {
    const engine = await opened();
    const body = (fails: boolean) => (tx: WriteTransaction) => {
      tx.put('stat', key(1), text(fails ? 'c' : 'b'));
      tx.put('stat', key(1), text(fails ? 'd' : 'e'));
      tx.delete('stat', key(2));
      tx.append('oplog', key(fails ? 6 : 7), text('own'));
      // What the body before has put into `doc` is seen, so the store was given it.
      expect(read(tx)).toEqual([1]);
      expect(tx.get('stat', key(1))).toEqual(text(fails ? 'd' : 'e'));
      expect(tx.has('stat', key(2))).toBe(false);
      tx.put('stat', key(3), text('own'));
      if (fails) throw new Error('no');
    };
    const outcomes = await Promise.allSettled([
      engine.write(
        (tx) => {
          tx.put('doc', key(1), text('a'));
          tx.put('stat', key(1), text('a'));
          tx.put('stat', key(2), text('a'));
          tx.append('oplog', key(5), text('5'));
        },
        undefined,
        true,
      ),
      engine.write(body(true), undefined, true),
      engine.write((tx) => {
        expect(tx.get('stat', key(1))).toEqual(text('a'));
        expect(tx.get('stat', key(2))).toEqual(text('a'));
        expect(tx.has('stat', key(3))).toBe(false);
        expect(tx.has('oplog', key(6))).toBe(false);
      }),
      engine.write(body(false), undefined, true),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(engine.latest.get('stat', key(1))).toEqual(text('e'));
    expect(engine.latest.has('stat', key(2))).toBe(false);
    expect(engine.latest.has('stat', key(3))).toBe(true);
    expect(engine.latest.has('oplog', key(6))).toBe(false);
    expect(engine.latest.get('oplog', key(7))).toEqual(text('own'));
  });

  test('runs bodies in call order, each seeing the ones before, and settles in that order', async () => {
    const engine = await opened();
    const applied: number[] = [];
    const settled: number[] = [];
    const writes = Array.from({ length: 300 }, (_, i) =>
      engine
        .write(
          (tx) => {
            const count = tx.get('meta', text('n'))?.readUInt32BE(0) ?? 0;
            tx.put('meta', text('n'), key(count + 1));
            if (i % 7 === 3) throw new Error('undone');
            return i;
          },
          { applied: (results) => applied.push(...results) },
        )
        .then(
          () => settled.push(i),
          () => settled.push(i),
        ),
    );
    await Promise.all(writes);
    const good = Array.from({ length: 300 }, (_, i) => i).filter((i) => i % 7 !== 3);
    expect(applied).toEqual(good);
    expect(settled).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(engine.latest.get('meta', text('n'))?.readUInt32BE(0)).toBe(good.length);
  });

  test('shows nothing outside a body before it is durable, not even to a body', async () => {
    const engine = await opened();
    await engine.write((tx) => tx.put('doc', key(1), text('old')));
    const snapshot = engine.snapshot();
    let isDurable = false;
    const write = engine.write(
      (tx) => {
        tx.put('doc', key(1), text('new'));
        tx.put('doc', key(2), text('new'));
        expect(tx.borrow('doc', key(1))).toEqual(text('new'));
        expect(engine.latest.get('doc', key(1))).toEqual(text('old'));
        expect(snapshot.borrow('doc', key(1))).toEqual(text('old'));
        expect(read(engine.latest)).toEqual([1]);
        expect(read(snapshot)).toEqual([1]);
        expect(read(tx)).toEqual([1, 2]);
        expect(engine.latest.has('doc', key(2))).toBe(false);
      },
      {
        applied: () => {
          expect(engine.latest.get('doc', key(1))).toEqual(text('old'));
          queueMicrotask(() => {
            if (!isDurable) expect(engine.latest.get('doc', key(1))).toEqual(text('old'));
          });
        },
        durable: () => expect(engine.latest.get('doc', key(1))).toEqual(text('new')),
      },
    );
    await write.then(() => {
      isDurable = true;
    });
    expect(engine.latest.get('doc', key(1))).toEqual(text('new'));
    expect(snapshot.get('doc', key(1))).toEqual(text('old'));
    snapshot.close();
  });

  test('keeps a snapshot as it was, over writes and awaits', async () => {
    const engine = await opened();
    await engine.write((tx) => {
      for (let i = 0; i < 100; i += 1) tx.put('doc', key(i), text(`first ${i}`));
    });
    const snapshot = engine.snapshot();
    const cursor = snapshot.cursor('doc', { lower: key(10) });
    expect(cursor.next()).toBe(true);
    await engine.write((tx) => {
      for (let i = 0; i < 100; i += 2) tx.delete('doc', key(i));
      for (let i = 1; i < 100; i += 2) tx.put('doc', key(i), text('second'));
    });
    expect(read(snapshot).length).toBe(100);
    expect(snapshot.get('doc', key(11))).toEqual(text('first 11'));
    expect(cursor.next()).toBe(true);
    expect(cursor.value).toEqual(text('first 11'));
    cursor.close();
    expect(engine.stats().pinnedSnapshots).toBe(1);
    snapshot.close();
    snapshot.close();
    expect(engine.stats().pinnedSnapshots).toBe(0);
    expect(() => snapshot.get('doc', key(1))).toThrow('closed');
    expect(read(engine.latest).length).toBe(50);
  });

  test('keeps a cursor of latest on its state while it is open, seeks included', async () => {
    const engine = await opened();
    await engine.write((tx) => {
      for (let i = 0; i < 20; i += 1) tx.put('doc', key(i), key(i));
    });
    const cursor = engine.latest.cursor('doc', {});
    expect(cursor.next()).toBe(true);
    await engine.write((tx) => {
      for (let i = 0; i < 20; i += 1) tx.delete('doc', key(i));
    });
    cursor.seek(key(15));
    expect(cursor.next() && cursor.key.readUInt32BE(0)).toBe(15);
    await engine.write((tx) => {
      expect(cursor.next() && cursor.key.readUInt32BE(0)).toBe(16);
      cursor.seek(key(3));
      tx.put('doc', key(50), key(50));
      expect(cursor.next() && cursor.key.readUInt32BE(0)).toBe(3);
    });
    expect(cursor.next() && cursor.key.readUInt32BE(0)).toBe(4);
    cursor.close();
    expect(cursor.next()).toBe(false);
    expect(read(engine.latest)).toEqual([50]);
  });

  test('refuses snapshots over the cap and takes old ones away', async () => {
    const engine = await opened({ maxSnapshots: 3 });
    const snapshots = [engine.snapshot(), engine.snapshot(), engine.snapshot()];
    expect(() => engine.snapshot()).toThrow(TooManyReaders);
    expect(engine.closeSnapshotsOlderThan(60_000)).toBe(0);
    expect(engine.closeSnapshotsOlderThan(0)).toBe(3);
    expect(() => snapshots[0]!.get('doc', key(1))).toThrow(SnapshotTooOld);
    engine.snapshot().close();
  });

  test('lets a body change the table under its cursor', async () => {
    const engine = await opened();
    await engine.write((tx) => {
      for (let i = 0; i < 1000; i += 10) tx.put('doc', key(i), Buffer.alloc(100, 1));
    });
    const visited = await engine.write((tx) => {
      const found: number[] = [];
      const cursor = tx.cursor('doc', { upper: key(900) });
      while (cursor.next()) {
        const n = cursor.key.readUInt32BE(0);
        found.push(n);
        if (n % 30 === 0) tx.delete('doc', key(n));
        else tx.put('doc', key(n), Buffer.alloc(1000, 2));
        if (n % 20 === 0 && n > 0) tx.put('doc', key(n - 5), Buffer.alloc(10, 3));
        if (n % 50 === 0) tx.put('doc', key(n + 5), Buffer.alloc(10, 3));
        expect(cursor.key.readUInt32BE(0)).toBe(n);
      }
      return found;
    });
    const expected: number[] = [];
    for (let n = 0; n < 900; n += 10) expected.push(n, ...(n % 50 === 0 ? [n + 5] : []));
    expect(visited).toEqual(expected);
  });

  test('leaves a cursor where it is when its body changes another table', async () => {
    const engine = await opened();
    await engine.write((tx) => {
      for (let i = 0; i < 500; i += 1) tx.put('doc', key(i), Buffer.alloc(100, 1));
    });
    const visited = await engine.write((tx) => {
      const found: number[] = [];
      const cursor = tx.cursor('doc', {});
      while (cursor.next()) {
        const n = cursor.key.readUInt32BE(0);
        found.push(n);
        // Scattered, so that pages of the other table split and merge meanwhile.
        tx.put('index', key((n * 7919) % 500), Buffer.alloc(300, 2));
        if (n % 3 === 0) tx.delete('index', key((n * 31) % 500));
      }
      return found;
    });
    expect(visited).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  test('ends the cursors and the transaction of a body with it', async () => {
    const engine = await opened();
    await engine.write((tx) => tx.put('doc', key(1), key(1)));
    const leaked = await engine.write((tx) => ({ cursor: tx.cursor('doc', {}), tx }));
    expect(leaked.cursor.next()).toBe(false);
    expect(() => leaked.tx.put('doc', key(2), key(2))).toThrow('over');
    expect(() => leaked.tx.get('doc', key(1))).toThrow('over');
  });

  test('appends only behind the last key', async () => {
    const engine = await opened();
    await engine.write((tx) => {
      tx.append('oplog', key(5), key(5));
      tx.append('oplog', key(6), key(6));
    });
    await expect(engine.write((tx) => tx.append('oplog', key(6), key(1)))).rejects.toThrow(
      'not greater',
    );
    await expect(engine.write((tx) => tx.append('oplog', key(2), key(1)))).rejects.toThrow(
      'not greater',
    );
    expect(engine.latest.get('oplog', key(6))).toEqual(key(6));
  });

  test('tells whether a delete found something', async () => {
    const engine = await opened();
    await engine.write((tx) => tx.put('doc', key(5), key(5)));
    expect(await engine.write((tx) => tx.delete('doc', key(5)))).toBe(true);
    expect(await engine.write((tx) => tx.delete('doc', key(5)))).toBe(false);
  });

  test('keeps values of every size, borrowed and copied', async () => {
    const engine = await opened();
    const sizes = [0, 1, 100, 4095, 8191, 8192, 8193, 65_536, 1_000_000, 17_000_000];
    await engine.write((tx) => {
      for (const size of sizes) tx.put('doc', key(size), Buffer.alloc(size, size % 251));
    });
    const snapshot = engine.snapshot();
    for (const reader of [engine.latest, snapshot]) {
      const copies = sizes.map((size) => reader.get('doc', key(size))!);
      sizes.forEach((size, i) => {
        const borrowed = reader.borrow('doc', key(size))!;
        expect(borrowed.length).toBe(size);
        expect(borrowed.byteLength).toBe(size);
        expect(borrowed.equals(Buffer.alloc(size, size % 251))).toBe(true);
        expect(copies[i]!.equals(borrowed)).toBe(true);
      });
      const cursor = reader.cursor('doc', {});
      for (const size of sizes) {
        expect(cursor.next()).toBe(true);
        expect(cursor.key).toEqual(key(size));
        expect(cursor.value.equals(Buffer.alloc(size, size % 251))).toBe(true);
      }
      cursor.close();
    }
    snapshot.close();
    await engine.write((tx) => {
      for (const size of sizes) {
        expect(tx.borrow('doc', key(size))!.equals(Buffer.alloc(size, size % 251))).toBe(true);
      }
    });
  });

  test('refuses a key that is empty or too long before anything is written', async () => {
    const engine = await opened();
    await expect(
      engine.write((tx) => {
        tx.put('doc', key(1), key(1));
        tx.put('doc', Buffer.alloc(0), key(1));
      }),
    ).rejects.toThrow();
    expect(read(engine.latest)).toEqual([]);
  });

  test('walks like a sorted array, in every range and direction, with seeks', async () => {
    const engine = await opened();
    const ranges = fc.record({
      lower: fc.option(fc.nat(120), { nil: undefined }),
      upper: fc.option(fc.nat(120), { nil: undefined }),
      reverse: fc.boolean(),
      moves: fc.array(fc.oneof(fc.constant(undefined), fc.nat(120)), { maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 100 })),
        fc.array(ranges, { minLength: 5, maxLength: 5 }),
        async (numbers, walks) => {
          const snapshots = await engine.write((tx) => {
            for (const n of read(tx)) tx.delete('doc', key(n));
            for (const n of numbers) tx.put('doc', key(n), key(n * 2));
            for (const walk of walks) checkWalk(tx, numbers, walk);
            return true;
          });
          expect(snapshots).toBe(true);
          const snapshot = engine.snapshot();
          for (const walk of walks) checkWalk(engine.latest, numbers, walk);
          for (const walk of walks) checkWalk(snapshot, numbers, walk);
          snapshot.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  test('waits for queued writes when it closes', async () => {
    const engine = await open();
    const settled: number[] = [];
    for (let i = 0; i < 200; i += 1) {
      void engine.write((tx) => tx.put('doc', key(i), key(i))).then(() => settled.push(i));
    }
    await engine.close();
    expect(settled.length).toBe(200);
    await expect(engine.write(() => 1)).rejects.toThrow('closed');
  });
});

interface Walk {
  readonly lower: number | undefined;
  readonly upper: number | undefined;
  readonly reverse: boolean;
  readonly moves: readonly (number | undefined)[];
}

function checkWalk(reader: Reader, numbers: readonly number[], walk: Walk): void {
  const { lower, upper, reverse, moves } = walk;
  const inRange = numbers
    .filter((n) => (lower === undefined || n >= lower) && (upper === undefined || n < upper))
    .sort((a, b) => (reverse ? b - a : a - b));
  const cursor = reader.cursor('doc', {
    reverse,
    ...(lower === undefined ? {} : { lower: key(lower) }),
    ...(upper === undefined ? {} : { upper: key(upper) }),
  });
  let at = 0;
  const step = (): void => {
    const expected = inRange[at];
    expect(cursor.next()).toBe(expected !== undefined);
    if (expected === undefined) return;
    expect(cursor.key).toEqual(key(expected));
    expect(cursor.value).toEqual(key(expected * 2));
    at += 1;
  };
  for (const move of moves) {
    if (move === undefined) step();
    else {
      cursor.seek(key(move));
      const found = inRange.findIndex((n) => (reverse ? n <= move : n >= move));
      at = found < 0 ? inRange.length : found;
      step();
    }
  }
  while (at < inRange.length) step();
  step();
  cursor.close();
}
