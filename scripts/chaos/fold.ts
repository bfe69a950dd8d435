/**
 * A member's data must be what its log says, no more and no less: the whole log is applied to an
 * empty store, and the two stores are compared byte by byte, table by table.
 */
import { Database } from '../../src/database/index.ts';
import {
  type Engine,
  openLmdbEngine,
  openMemoryEngine,
  scanOplog,
  type Table,
} from '../../storage/index.ts';

const replicatedTables: readonly Table[] = ['catalog', 'doc', 'index', 'oplog', 'session', 'stat'];
const batchSize = 256;

/** The first difference of each table; empty when data and log agree. The log must be whole. */
export async function foldDifferences(storePath: string): Promise<string[]> {
  const store = await openLmdbEngine({ path: storePath });
  const folded = openMemoryEngine();
  try {
    const database = await Database.open({ engine: folded, replicated: true });
    let batch: Buffer[] = [];
    const entries = scanOplog(store.latest, {});
    while (entries.next()) {
      const { buffer, start } = entries;
      batch.push(Buffer.from(buffer.subarray(start, start + buffer.readInt32LE(start))));
      if (batch.length === batchSize) {
        await database.appendReplicated(batch);
        batch = [];
      }
    }
    entries.close();
    if (batch.length > 0) await database.appendReplicated(batch);
    return compareStores(store, folded);
  } finally {
    await folded.close();
    await store.close();
  }
}

/** The first difference of each replicated table of two stores. */
export function compareStores(a: Engine, b: Engine): string[] {
  return replicatedTables.flatMap((table) => firstDifference(a, b, table) ?? []);
}

function firstDifference(a: Engine, b: Engine, table: Table): string | undefined {
  const left = a.latest.cursor(table, {});
  const right = b.latest.cursor(table, {});
  try {
    for (let row = 0; ; row++) {
      const hasLeft = left.next();
      const leftRow = hasLeft ? rowText(left.key, left.value) : undefined;
      const rightRow = right.next() ? rowText(right.key, right.value) : undefined;
      if (leftRow !== rightRow) return `${table} row ${row}: ${leftRow} against ${rightRow}`;
      if (leftRow === undefined) return undefined;
    }
  } finally {
    left.close();
    right.close();
  }
}

function rowText(key: Buffer, value: Buffer): string {
  return `${key.toString('hex')} = ${value.toString('hex')}`;
}
