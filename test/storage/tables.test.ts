import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  adjustStat,
  allocateCatalogId,
  appendEntry,
  borrowRecord,
  CatalogState,
  ChecksumMismatch,
  type CollectionInfo,
  checkFormatVersion,
  DuplicateKeyFound,
  deleteCollection,
  deleteEntry,
  deleteIndexKey,
  deleteRecord,
  dropCollectionData,
  type Engine,
  entryAt,
  findUnique,
  firstEntry,
  getRecord,
  type IndexInfo,
  type IndexScanOptions,
  insertIndexKey,
  lastEntry,
  lastRecordId,
  loadCatalog,
  makeCollectionInfo,
  openLmdbEngine,
  openMemoryEngine,
  oplogSize,
  putCollection,
  putMeta,
  putRecord,
  readStat,
  reapDroppedData,
  recordKey,
  reserveCatalogId,
  restoreDroppedData,
  scanIndex,
  scanOplog,
  scanRecords,
  truncateOplog,
  uint32Key,
  verifyRecords,
  WrongFormatVersion,
} from '../../storage/index.ts';

const directories: string[] = [];
const engines: Engine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

const kinds = [
  {
    name: 'lmdb',
    open: () => {
      const path = mkdtempSync(join(tmpdir(), 'arkset-tables-'));
      directories.push(path);
      return openLmdbEngine({ path });
    },
  },
  { name: 'memory', open: async () => openMemoryEngine() },
];

function indexOf(id: number, unique: boolean): IndexInfo {
  return {
    id,
    name: `index ${id}`,
    keyPattern: [{ path: 'a', direction: 1 }],
    unique,
    isIdIndex: false,
    spec: Buffer.from('spec'),
    multikeyPaths: [false],
    state: 'ready',
  };
}

function collectionOf(id: number, indexes: readonly IndexInfo[] = []): CollectionInfo {
  return makeCollectionInfo({
    id,
    uuid: Buffer.alloc(16, id),
    namespace: `db.c${id}`,
    options: Buffer.from('options'),
    indexes,
  });
}

const gtid = (n: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(1, 4);
  bytes.writeUInt32BE(n, 12);
  return bytes;
};

/** Self-delimiting, as key strings are: a type byte, the text, a zero. */
const keyString = (value: string): Buffer => Buffer.from(`\x30${value}\0`);
const bits = Buffer.from([7]);

describe.each(kinds)('on the $name engine', ({ open }) => {
  async function opened(): Promise<Engine> {
    const engine = await open();
    engines.push(engine);
    return engine;
  }

  test('records come back in natural order, forwards and backwards, of their collection only', async () => {
    const engine = await opened();
    const [a, b] = [collectionOf(1), collectionOf(2)];
    const far = 2 ** 40 + 5;
    await engine.write((tx) => {
      for (const id of [3, 1, far, 2]) putRecord(tx, a, id, Buffer.from(`a${id}`));
      putRecord(tx, b, 1, Buffer.from('b1'));
    });
    const ids = (options: Parameters<typeof scanRecords>[2]): number[] => {
      const cursor = scanRecords(engine.latest, a, options);
      const found: number[] = [];
      while (cursor.next()) {
        expect(cursor.buffer.toString('latin1', cursor.start)).toBe(`a${cursor.recordId}`);
        found.push(cursor.recordId);
      }
      cursor.close();
      return found;
    };
    expect(ids({})).toEqual([1, 2, 3, far]);
    expect(ids({ reverse: true })).toEqual([far, 3, 2, 1]);
    expect(ids({ after: 2 })).toEqual([3, far]);
    expect(ids({ from: 2 })).toEqual([2, 3, far]);
    expect(ids({ after: 3, reverse: true })).toEqual([2, 1]);
    expect(ids({ from: 3, reverse: true })).toEqual([3, 2, 1]);
    expect(lastRecordId(engine.latest, a)).toBe(far);
    expect(lastRecordId(engine.latest, collectionOf(9))).toBe(0);
    expect(getRecord(engine.latest, a, far)).toEqual(Buffer.from(`a${far}`));
    const borrowed = borrowRecord(engine.latest, b, 1)!;
    expect(borrowed.buffer.toString('latin1', borrowed.start)).toBe('b1');
    expect(await engine.write((tx) => deleteRecord(tx, a, 2))).toBe(true);
    expect(await engine.write((tx) => deleteRecord(tx, a, 2))).toBe(false);
    expect(verifyRecords(engine.latest, a)).toBe(3);
  });

  test('a record that changed behind our back is noticed', async () => {
    const engine = await opened();
    const info = collectionOf(1);
    await engine.write((tx) => {
      putRecord(tx, info, 1, Buffer.from('document'));
      const stored = tx.get('doc', recordKey(1, 1))!;
      stored[6]! ^= 1;
      tx.put('doc', recordKey(1, 1), stored);
    });
    expect(() => getRecord(engine.latest, info, 1)).toThrow(ChecksumMismatch);
    expect(() => verifyRecords(engine.latest, info)).toThrow(ChecksumMismatch);
  });

  test('a unique index holds a key for one record, which may insert it twice', async () => {
    const engine = await opened();
    const index = indexOf(5, true);
    await engine.write((tx) => {
      insertIndexKey(tx, index, keyString('x'), bits, 10);
      insertIndexKey(tx, index, keyString('x'), bits, 10);
      insertIndexKey(tx, index, keyString('xx'), bits, 11);
    });
    const refused = engine.write((tx) => insertIndexKey(tx, index, keyString('x'), bits, 12));
    await expect(refused).rejects.toThrow(DuplicateKeyFound);
    await expect(refused).rejects.toMatchObject({ recordId: 10 });
    expect(findUnique(engine.latest, index, keyString('x'))).toBe(10);
    expect(await engine.write((tx) => deleteIndexKey(tx, index, keyString('x'), 12))).toBe(false);
    expect(await engine.write((tx) => deleteIndexKey(tx, index, keyString('x'), 10))).toBe(true);
    expect(findUnique(engine.latest, index, keyString('x'))).toBeUndefined();
  });

  test.each([true, false])(
    'an index (unique: %s) scans like a sorted list of key strings, however long',
    async (unique) => {
      const engine = await opened();
      const index = indexOf(7, unique);
      const long = 'm'.repeat(1899);
      const texts = fc.oneof(
        fc.string({ unit: fc.constantFrom('a', 'm', 'z'), maxLength: 4 }),
        fc.string({ unit: fc.constantFrom('a', 'm', 'z'), maxLength: 4 }).map((s) => long + s),
      );
      const scans = fc.record({
        lower: fc.option(texts, { nil: undefined }),
        lowerInclusive: fc.boolean(),
        upper: fc.option(texts, { nil: undefined }),
        upperInclusive: fc.boolean(),
        reverse: fc.boolean(),
        stopAfter: fc.nat(8),
        seekTo: fc.option(texts, { nil: undefined }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.tuple(texts, fc.integer({ min: 1, max: 4 })), {
            selector: ([text, id]) => (unique ? text : `${text} ${id}`),
            maxLength: 30,
          }),
          fc.array(scans, { minLength: 6, maxLength: 6 }),
          async (entries, requests) => {
            await engine.write((tx) => {
              const cursor = tx.cursor('index', {});
              while (cursor.next()) tx.delete('index', Buffer.from(cursor.key));
              insertIndexKey(tx, indexOf(6, unique), keyString('other'), bits, 1);
              insertIndexKey(tx, indexOf(8, unique), keyString('other'), bits, 1);
              for (const [text, id] of entries)
                insertIndexKey(tx, index, keyString(text), bits, id);
            });
            for (const request of requests) checkScan(engine, index, entries, request);
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  test('the oplog keeps its size, its ends, and its order', async () => {
    const engine = await opened();
    await engine.write((tx) => {
      for (let n = 1; n <= 10; n += 1) appendEntry(tx, gtid(n), Buffer.alloc(100, n));
    });
    expect(oplogSize(engine.latest)).toEqual({ count: 10, bytes: 1000 });
    expect(firstEntry(engine.latest)).toEqual({ gtid: gtid(1), entry: Buffer.alloc(100, 1) });
    expect(lastEntry(engine.latest)).toEqual({ gtid: gtid(10), entry: Buffer.alloc(100, 10) });
    expect(entryAt(engine.latest, gtid(4))?.entry).toEqual(Buffer.alloc(100, 4));
    expect(entryAt(engine.latest, gtid(44))).toBeUndefined();
    const scan = (options: Parameters<typeof scanOplog>[1]): number[] => {
      const cursor = scanOplog(engine.latest, options);
      const found: number[] = [];
      while (cursor.next()) {
        found.push(cursor.gtid.readUInt32BE(12));
        expect(cursor.buffer[cursor.start]).toBe(cursor.gtid[15]);
      }
      cursor.close();
      return found;
    };
    expect(scan({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(scan({ after: gtid(8) })).toEqual([9, 10]);
    expect(scan({ from: gtid(8) })).toEqual([8, 9, 10]);
    expect(scan({ after: gtid(10) })).toEqual([]);
    expect(scan({ after: gtid(3), reverse: true })).toEqual([2, 1]);
    expect(scan({ from: gtid(3), reverse: true })).toEqual([3, 2, 1]);
    await expect(engine.write((tx) => appendEntry(tx, gtid(10), Buffer.alloc(1)))).rejects.toThrow(
      'not greater',
    );
    expect(await engine.write((tx) => deleteEntry(tx, gtid(10)))).toBe(true);
    expect(await engine.write((tx) => deleteEntry(tx, gtid(10)))).toBe(false);
    expect(oplogSize(engine.latest)).toEqual({ count: 9, bytes: 900 });
    await engine.write((tx) => appendEntry(tx, gtid(10), Buffer.alloc(5)));
    expect(lastEntry(engine.latest)?.entry.length).toBe(5);
  });

  test('oplog truncation never passes the floor, nor the newest entry, nor its slice', async () => {
    const engine = await opened();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 }),
        fc.option(fc.nat(45), { nil: undefined }),
        fc.nat(600),
        fc.integer({ min: 1, max: 50 }),
        async (sizes, floor, maxBytes, maxDeletes) => {
          const remaining = await engine.write((tx) => {
            const old = scanOplog(tx);
            while (old.next()) deleteEntry(tx, Buffer.from(old.gtid));
            sizes.forEach((size, n) => {
              appendEntry(tx, gtid(n), Buffer.alloc(size));
            });
            const limits = {
              maxBytes,
              maxDeletes,
              floor: floor === undefined ? undefined : gtid(floor),
            };
            const deleted = truncateOplog(tx, limits);
            expect(oplogSize(tx).count).toBe(sizes.length - deleted);
            expect(deleted).toBeLessThanOrEqual(maxDeletes);
            return firstEntry(tx)!.gtid.readUInt32BE(12);
          });
          const left = sizes.slice(remaining).reduce((sum, size) => sum + size, 0);
          expect(oplogSize(engine.latest)).toEqual({
            count: sizes.length - remaining,
            bytes: left,
          });
          expect(remaining).toBeLessThanOrEqual(floor ?? 0);
          expect(remaining).toBeLessThan(sizes.length);
          const isAsSmallAsItMay =
            left <= maxBytes ||
            remaining === maxDeletes ||
            remaining === (floor ?? 0) ||
            remaining === sizes.length - 1;
          expect(isAsSmallAsItMay).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the catalog comes back as it was put, and its states do not change', async () => {
    const engine = await opened();
    const first = collectionOf(1, [indexOf(2, true), indexOf(3, false)]);
    const oplog = makeCollectionInfo({
      ...collectionOf(4),
      table: 'oplog',
      namespace: 'local.oplog.rs',
    });
    await engine.write((tx) => {
      putCollection(tx, first);
      putCollection(tx, oplog);
    });
    const state = loadCatalog(engine.latest);
    expect([...state.collections()]).toEqual([first, oplog]);
    expect(state.byNamespace('local.oplog.rs')?.keyPrefix.length).toBe(0);
    expect(state.byUuid(Buffer.alloc(16, 1))?.id).toBe(1);
    expect(state.indexById(3)?.index.name).toBe('index 3');
    const renamed = state.with({ ...first, namespace: 'db.other' });
    expect(renamed.byNamespace('db.c1')).toBeUndefined();
    expect(state.byNamespace('db.c1')).toEqual(first);
    expect(state.without(1).size).toBe(1);
    expect(() => CatalogState.empty.with(first).with({ ...first, id: 9 })).toThrow(
      'two collections',
    );
    await engine.write((tx) => deleteCollection(tx, 1));
    expect(loadCatalog(engine.latest).size).toBe(1);
  });

  test('a catalog id is handed out once, whoever hands it out', async () => {
    const engine = await opened();
    expect(await engine.write(allocateCatalogId)).toBe(1);
    await engine.write((tx) => reserveCatalogId(tx, 17));
    await engine.write((tx) => reserveCatalogId(tx, 5));
    expect(await engine.write(allocateCatalogId)).toBe(18);
  });

  test('a drop can be taken back until it is reaped, and is reaped in slices', async () => {
    const engine = await opened();
    const index = indexOf(2, false);
    const [info, neighbour] = [collectionOf(1, [index]), collectionOf(3)];
    await engine.write((tx) => {
      for (let id = 1; id <= 25; id += 1) {
        putRecord(tx, info, id, Buffer.from('x'));
        insertIndexKey(tx, index, keyString(`${id}`), bits, id);
      }
      putRecord(tx, neighbour, 1, Buffer.from('y'));
      adjustStat(tx, 1, 25, 25);
      dropCollectionData(tx, { collectionId: 1, indexIds: [2] }, gtid(5));
    });
    const mayReap = (limit: number) => (at: Buffer) => Buffer.compare(at, gtid(limit)) <= 0;
    expect(await reapDroppedData(engine, mayReap(4))).toBeUndefined();
    await engine.write((tx) => restoreDroppedData(tx, { collectionId: 1, indexIds: [2] }));
    expect(await reapDroppedData(engine, mayReap(9))).toBeUndefined();
    await engine.write((tx) => dropCollectionData(tx, { collectionId: 1, indexIds: [2] }, gtid(6)));
    const slices: number[] = [];
    for (;;) {
      const reaped = await reapDroppedData(engine, mayReap(9), 10);
      if (reaped === undefined) break;
      slices.push(reaped);
    }
    expect(slices).toEqual([10, 10, 5, 10, 10, 5]);
    expect(lastRecordId(engine.latest, info)).toBe(0);
    expect(readStat(engine.latest, 1)).toEqual({ count: 0, bytes: 0 });
    expect(getRecord(engine.latest, neighbour, 1)).toEqual(Buffer.from('y'));
    await expect(
      engine.write((tx) => restoreDroppedData(tx, { collectionId: 1, indexIds: [] })),
    ).rejects.toThrow('already reaped');
  });

  test('statistics add up and never become negative', async () => {
    const engine = await opened();
    await engine.write((tx) => adjustStat(tx, 1, 3, 2 ** 33));
    await engine.write((tx) => adjustStat(tx, 1, -1, -1));
    expect(readStat(engine.latest, 1)).toEqual({ count: 2, bytes: 2 ** 33 - 1 });
    await expect(engine.write((tx) => adjustStat(tx, 1, -3, 0))).rejects.toThrow('negative');
  });

  test('a store of another format version is refused', async () => {
    const engine = await opened();
    await checkFormatVersion(engine);
    await checkFormatVersion(engine);
    await engine.write((tx) => putMeta(tx, 'formatVersion', uint32Key(77)));
    await expect(checkFormatVersion(engine)).rejects.toThrow(WrongFormatVersion);
  });
});

interface ScanRequest extends Required<Pick<IndexScanOptions, 'lowerInclusive' | 'reverse'>> {
  readonly lower: string | undefined;
  readonly upper: string | undefined;
  readonly upperInclusive: boolean;
  readonly stopAfter: number;
  readonly seekTo: string | undefined;
}

function checkScan(
  engine: Engine,
  index: IndexInfo,
  entries: readonly (readonly [string, number])[],
  request: ScanRequest,
): void {
  const { lowerInclusive, upperInclusive, reverse, stopAfter } = request;
  const lower = request.lower === undefined ? undefined : keyString(request.lower);
  const upper = request.upper === undefined ? undefined : keyString(request.upper);
  const seekTo = request.seekTo === undefined ? undefined : keyString(request.seekTo);
  const sign = reverse ? -1 : 1;
  const expected = entries
    .map(([text, id]) => ({ key: keyString(text), id }))
    .filter(({ key }) => {
      const low = lower === undefined ? 1 : Buffer.compare(key, lower);
      const high = upper === undefined ? -1 : Buffer.compare(key, upper);
      return (
        (low > 0 || (low === 0 && lowerInclusive)) && (high < 0 || (high === 0 && upperInclusive))
      );
    })
    .sort((a, b) => sign * (Buffer.compare(a.key, b.key) || a.id - b.id));
  const shown = (list: readonly { key: Buffer; id: number }[]): string[] =>
    list.map(({ key, id }) => `${key.length} ${key.subarray(-6).toString()} ${id}`);
  const options = { lower, lowerInclusive, upper, upperInclusive, reverse };
  const found: { key: Buffer; id: number }[] = [];
  let cursor = scanIndex(engine.latest, index, options);
  while (cursor.next()) {
    found.push({ key: Buffer.from(cursor.keyString), id: cursor.recordId });
    expect(Buffer.compare(cursor.typeBits, bits)).toBe(0);
    // Stops in the middle once and goes on from the position.
    if (found.length === stopAfter) {
      const after = cursor.position();
      cursor.close();
      cursor = scanIndex(engine.latest, index, { ...options, after });
    }
  }
  expect(cursor.next()).toBe(false);
  cursor.close();
  expect(shown(found)).toEqual(shown(expected));
  if (seekTo === undefined) return;
  const seeker = scanIndex(engine.latest, index, options);
  if (stopAfter % 2 === 1) seeker.next();
  seeker.seek(seekTo);
  const rest: { key: Buffer; id: number }[] = [];
  while (seeker.next()) rest.push({ key: Buffer.from(seeker.keyString), id: seeker.recordId });
  seeker.close();
  expect(shown(rest)).toEqual(
    shown(expected.filter(({ key }) => sign * Buffer.compare(key, seekTo) >= 0)),
  );
}
