/**
 * A member's data must be what its log says, no more and no less: the whole log is applied to an
 * empty store, and the two stores are compared byte by byte, table by table. Undoing entries again
 * must lead back to the very bytes that were there before them.
 */
import { compareGtids, type Gtid } from '../../src/ark/gtid.ts';
import { Database } from '../../src/database/index.ts';
import {
  type KeyValueCursor,
  openLmdbEngine,
  openMemoryEngine,
  type Reader,
  scanOplog,
  type Table,
} from '../../storage/index.ts';

const replicatedTables: readonly Table[] = ['catalog', 'doc', 'index', 'oplog', 'session', 'stat'];
const batchSize = 256;

/** Collections of the database `local` have ids from here on: they are each member's own. */
const firstLocalId = 0x8000_0000;
const oplogStatKey = Buffer.from('oplog');

/** An engine, or a state of one that stays. */
export interface Store {
  readonly latest: Reader;
}

/** When batches of the fold begin, and the clock that ends them; default: the real ones. */
export interface FoldingTime {
  readonly schedule?: (run: () => void) => void;
  readonly monotonicMs?: () => number;
}

/** The first difference of each table; empty when data and log agree. The log must be whole. */
export async function foldDifferences(storePath: string): Promise<string[]> {
  const store = await openLmdbEngine({ path: storePath });
  try {
    return await foldedDifferences(store);
  } finally {
    await store.close();
  }
}

/** The same for a store that is open and at rest; nothing dropped may be waiting in it. */
export async function foldedDifferences(store: Store, time: FoldingTime = {}): Promise<string[]> {
  const folded = openMemoryEngine(time);
  try {
    const database = await Database.open({ engine: folded, replicated: true, ...time });
    await append(database, logOf(store));
    while (await database.reap(() => true));
    return compareStores(store, folded);
  } finally {
    await folded.close();
  }
}

/**
 * Folds the log, taking note of the store at some places, then undoes it and compares there. Returns
 * what differs. The log must be whole.
 */
export async function undoDifferences(
  store: Store,
  places: number,
  time: FoldingTime = {},
): Promise<string[]> {
  const engine = openMemoryEngine(time);
  try {
    const database = await Database.open({ engine, replicated: true, ...time });
    const log = logOf(store);
    const marks: { at: Gtid; dump: ReadonlyMap<string, string> }[] = [];
    const step = Math.max(1, Math.ceil(log.length / (places + 1)));
    for (let from = 0; from < log.length; from += step) {
      await append(database, log.slice(from, from + step));
      const at = database.lastAppended;
      if (at !== undefined) marks.push({ at, dump: dumpOf(engine) });
    }
    const differences: string[] = [];
    for (const { at, dump } of marks.reverse()) {
      for (let last = database.lastAppended; !isSame(last, at); ) {
        last = (await database.undoSlice(at, 64)).last;
      }
      const now = dumpOf(engine);
      for (const row of new Set([...dump.keys(), ...now.keys()])) {
        if (dump.get(row) === now.get(row)) continue;
        differences.push(
          `undone to (${at.term}, ${at.opid}): ${row} = ${now.get(row)} against ${dump.get(row)}`,
        );
        break;
      }
    }
    return differences;
  } finally {
    await engine.close();
  }
}

function isSame(a: Gtid | undefined, b: Gtid): boolean {
  return a !== undefined && compareGtids(a, b) === 0;
}

function logOf(store: Store): Buffer[] {
  const entries = scanOplog(store.latest, {});
  const log: Buffer[] = [];
  while (entries.next()) {
    const { buffer, start } = entries;
    log.push(Buffer.from(buffer.subarray(start, start + buffer.readInt32LE(start))));
  }
  entries.close();
  return log;
}

async function append(database: Database, log: readonly Buffer[]): Promise<void> {
  for (let from = 0; from < log.length; from += batchSize) {
    await database.appendReplicated(log.slice(from, from + batchSize));
  }
}

function dumpOf(engine: Store): Map<string, string> {
  const rows = new Map<string, string>();
  for (const table of [...replicatedTables, 'drop' as const]) {
    const cursor = engine.latest.cursor(table, {});
    while (cursor.next()) {
      rows.set(`${table} ${cursor.key.toString('hex')}`, cursor.value.toString('hex'));
    }
    cursor.close();
  }
  return rows;
}

/**
 * The first difference of each replicated table of two stores. A log that begins later than the other
 * (the member was copied from another) is compared from there on.
 */
export function compareStores(a: Store, b: Store): string[] {
  const [first, second] = [firstKey(a), firstKey(b)];
  const isCut = Buffer.compare(first, second) !== 0;
  const from = Buffer.compare(first, second) > 0 ? first : second;
  return replicatedTables.flatMap(
    (table) => firstDifference(a, b, table, isCut ? from : undefined) ?? [],
  );
}

function firstKey(engine: Store): Buffer {
  const cursor = engine.latest.cursor('oplog', {});
  try {
    return cursor.next() ? Buffer.from(cursor.key) : Buffer.alloc(0);
  } finally {
    cursor.close();
  }
}

function firstDifference(
  a: Store,
  b: Store,
  table: Table,
  logFrom: Buffer | undefined,
): string | undefined {
  const range = table === 'oplog' && logFrom !== undefined ? { lower: logFrom } : {};
  const left = a.latest.cursor(table, range);
  const right = b.latest.cursor(table, range);
  const next = (cursor: KeyValueCursor): string | undefined => {
    while (cursor.next()) {
      const { key } = cursor;
      if (table === 'stat' && logFrom !== undefined && oplogStatKey.equals(key)) continue;
      if (table !== 'oplog' && table !== 'session' && isLocal(key)) continue;
      return rowText(key, cursor.value);
    }
    return undefined;
  };
  try {
    for (let row = 0; ; row++) {
      const leftRow = next(left);
      const rightRow = next(right);
      if (leftRow !== rightRow) return `${table} row ${row}: ${leftRow} against ${rightRow}`;
      if (leftRow === undefined) return undefined;
    }
  } finally {
    left.close();
    right.close();
  }
}

function isLocal(key: Buffer): boolean {
  return key.length >= 4 && !oplogStatKey.equals(key) && key.readUInt32BE(0) >= firstLocalId;
}

function rowText(key: Buffer, value: Buffer): string {
  return `${key.toString('hex')} = ${value.toString('hex')}`;
}
