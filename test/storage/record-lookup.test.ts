import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  borrowRecord,
  type Engine,
  makeCollectionInfo,
  openMemoryEngine,
  putRecord,
  type Reader,
  RecordLookup,
} from '../../storage/index.ts';

const engines: Engine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

const info = makeCollectionInfo({
  id: 7,
  uuid: Buffer.alloc(16),
  namespace: 'a.b',
  options: Buffer.alloc(0),
  indexes: [],
});

/** An engine with these records; each document holds its record id. */
async function holding(recordIds: readonly number[]): Promise<Engine> {
  const engine = openMemoryEngine();
  engines.push(engine);
  await engine.write((transaction) => {
    for (const id of recordIds) putRecord(transaction, info, id, documentOf(id));
  });
  return engine;
}

function documentOf(recordId: number): Buffer {
  const document = Buffer.from([12, 0, 0, 0, 16, 0x61, 0, 0, 0, 0, 0, 0]);
  document.writeInt32LE(recordId, 7);
  return document;
}

function idIn(record: { buffer: Buffer; start: number } | undefined): number | undefined {
  return record?.buffer.readInt32LE(record.start + 7);
}

/** Counts what is asked of the reader. */
function counted(reader: Reader): Reader & { lookUps: number; cursors: number; open: number } {
  return {
    lookUps: 0,
    cursors: 0,
    open: 0,
    get: (table, key) => reader.get(table, key),
    has: (table, key) => reader.has(table, key),
    borrow(table, key) {
      this.lookUps++;
      return reader.borrow(table, key);
    },
    cursor(table, range) {
      this.cursors++;
      this.open++;
      const cursor = reader.cursor(table, range);
      const close = cursor.close.bind(cursor);
      cursor.close = () => {
        this.open--;
        close();
      };
      return cursor;
    },
  };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

describe('a record lookup', () => {
  test('finds what single look-ups find, in whatever order it is asked', async () => {
    const engine = await holding(upTo(200).filter((id) => id % 7 !== 0));
    const stretch = fc
      .tuple(fc.integer({ min: 1, max: 210 }), fc.constantFrom(-3, -2, -1, 1, 2, 3, 5))
      .chain(([from, step]) =>
        fc
          .integer({ min: 1, max: 40 })
          .map((length) => Array.from({ length }, (_, i) => from + i * step)),
      );
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 12 }), (stretches) => {
        const reader = counted(engine.latest);
        const records = new RecordLookup(reader, info);
        const asked = stretches.flat().filter((id) => id > 0);
        const found = asked.map((id) => idIn(records.borrow(id)));
        records.close();
        expect(found).toEqual(asked.map((id) => idIn(borrowRecord(engine.latest, info, id))));
        expect(reader.open).toBe(0);
      }),
    );
  });

  test.each([
    ['up', (ids: number[]) => ids],
    ['down', (ids: number[]) => ids.reverse()],
  ])('reads neighbours %s with one cursor', async (_, order) => {
    const engine = await holding(upTo(100));
    const reader = counted(engine.latest);
    const records = new RecordLookup(reader, info);
    const found = order(upTo(100)).map((id) => idIn(records.borrow(id)));
    records.close();
    expect(found).toEqual(order(upTo(100)));
    expect(reader.cursors).toBe(1);
    expect(reader.lookUps).toBeLessThan(6);
  });

  test('goes on with its cursor over records that are gone', async () => {
    const left = upTo(100).filter((id) => id % 3 !== 0);
    const engine = await holding(left);
    const reader = counted(engine.latest);
    const records = new RecordLookup(reader, info);
    expect(left.map((id) => idIn(records.borrow(id)))).toEqual(left);
    records.close();
    expect(reader.cursors).toBe(1);
  });

  test('seldom opens a cursor for runs that do not last', async () => {
    const engine = await holding(upTo(1000));
    const reader = counted(engine.latest);
    const records = new RecordLookup(reader, info);
    for (let run = 0; run < 160; run++) {
      const from = ((run * 37) % 99) * 10 + 1;
      for (let id = from; id < from + 6; id++) expect(idIn(records.borrow(id))).toBe(id);
    }
    records.close();
    expect(reader.cursors).toBe(1);
  });

  test('opens no cursor in a write, where records are added and removed under it', async () => {
    const engine = await holding(upTo(50));
    await engine.write((transaction) => {
      const opened: unknown[] = [];
      const watched = Object.assign(Object.create(transaction), {
        put: transaction.put.bind(transaction),
        borrow: transaction.borrow.bind(transaction),
        cursor: (...range: unknown[]) => opened.push(range),
      });
      const records = new RecordLookup(watched, info);
      expect(upTo(50).map((id) => idIn(records.borrow(id)))).toEqual(upTo(50));
      expect(opened).toEqual([]);
    });
  });
});
