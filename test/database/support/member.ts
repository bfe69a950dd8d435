/** A member's database in memory, as primary of term 1, and what its tables hold. */
import { BsonType, encodeDocument, type RawValue } from '../../../src/bson/index.ts';
import {
  type AppendedEntry,
  Database,
  internalOperation,
  type OperationContext,
} from '../../../src/database/index.ts';
import { type Engine, openMemoryEngine, tables } from '../../../storage/index.ts';

export interface TestMember {
  readonly engine: Engine;
  readonly database: Database;
  readonly entries: AppendedEntry[];
}

/** Its clocks stand still: no work takes long. */
export async function openMember(engine: Engine = openMemoryEngine()): Promise<TestMember> {
  const database = await Database.open({
    engine,
    replicated: true,
    now: () => 1_700_000_000_000,
    monotonicMs: () => 0,
  });
  const entries: AppendedEntry[] = [];
  database.onAppended = (appended) => {
    entries.push(...appended);
  };
  return { engine, database, entries };
}

export async function openPrimary(engine?: Engine): Promise<TestMember> {
  const member = await openMember(engine);
  member.database.setWriteGate({ assertWritable() {}, term: () => 1 });
  return member;
}

/** A document as a command's field. */
export function raw(document: Record<string, unknown>): RawValue {
  const buffer = encodeDocument(document);
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}

export function operation(): OperationContext {
  return internalOperation();
}

export function retryable(txnNumber: number, id = 1): OperationContext {
  const lsid = encodeDocument({ id: Buffer.from([5, 0, 0, 0, 0]), n: id });
  const session = encodeDocument({ id: { n: id } });
  return {
    ...internalOperation(),
    session: { lsid: session.length > 0 ? session : lsid, txnNumber: BigInt(txnNumber) },
  };
}

const replicatedTables = ['catalog', 'doc', 'index', 'oplog', 'session', 'stat', 'drop'] as const;

/** All rows of the tables that are the same on every member, but those of `local` collections. */
export function contents(engine: Engine, only: readonly string[] = replicatedTables): string[] {
  const rows: string[] = [];
  for (const table of tables) {
    if (!only.includes(table)) continue;
    const cursor = engine.latest.cursor(table, {});
    while (cursor.next()) {
      const { key } = cursor;
      if (table !== 'oplog' && table !== 'session' && (key[0] as number) >= 0x80) continue;
      rows.push(`${table} ${key.toString('hex')} ${Buffer.from(cursor.value).toString('hex')}`);
    }
    cursor.close();
  }
  return rows;
}
