import { describe, expect, test } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import {
  Database,
  insertMany,
  internalOperation,
  SessionReaper,
  sessionTimeoutMinutes,
} from '../../src/database/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import { contents, openMember, raw, type TestMember } from './support/member.ts';

const timeoutMs = sessionTimeoutMinutes * 60_000;

interface Clocked extends TestMember {
  readonly clock: { now: number };
}

async function openClocked(): Promise<Clocked> {
  const engine = openMemoryEngine();
  const clock = { now: 1_700_000_000_000 };
  const database = await Database.open({ engine, replicated: true, now: () => clock.now });
  database.setWriteGate({ assertWritable() {}, term: () => 1 });
  const entries: TestMember['entries'] = [];
  database.onAppended = (appended) => {
    entries.push(...appended);
  };
  return { engine, database, entries, clock };
}

async function write({ database }: TestMember, session: number, txnNumber: number): Promise<void> {
  const lsid = encodeDocument({ id: { n: session } });
  const context = { ...internalOperation(), session: { lsid, txnNumber: BigInt(txnNumber) } };
  await insertMany(database, context, {
    namespace: 'a.c',
    documents: [raw({ session, txnNumber })],
    ordered: true,
  });
}

function sessions({ engine }: TestMember): number {
  return contents(engine, ['session']).length;
}

/** Looks at everything, whatever the size of a slice. */
async function pass(reaper: SessionReaper, isPrimary = true): Promise<number> {
  let forgotten = 0;
  for (let slice = 0; slice < 10; slice += 1) forgotten += await reaper.runSlice(isPrimary);
  return forgotten;
}

describe('a session record', () => {
  test('is forgotten once idle for longer than a session may be, and not before', async () => {
    const primary = await openClocked();
    const reaper = new SessionReaper(primary.database);
    await write(primary, 1, 1);
    await write(primary, 2, 1);
    await pass(reaper);
    primary.clock.now += timeoutMs - 1;
    await write(primary, 2, 2);
    expect(await pass(reaper)).toBe(0);
    primary.clock.now += 1;
    expect(await pass(reaper)).toBe(1);
    expect(sessions(primary)).toBe(1);
    primary.clock.now += timeoutMs;
    expect(await pass(reaper)).toBe(1);
    expect(sessions(primary)).toBe(0);
  });

  test('is forgotten on every member alike, and undo brings it back', async () => {
    const primary = await openClocked();
    const reaper = new SessionReaper(primary.database);
    for (let session = 0; session < 450; session += 1) await write(primary, session, 1);
    await pass(reaper);
    const before = contents(primary.engine);
    const written = primary.entries.length;
    primary.clock.now += timeoutMs;
    expect(await pass(reaper)).toBe(450);
    expect(primary.entries.length - written).toBe(3);

    const secondary = await openMember();
    for (const { bytes } of primary.entries) await secondary.database.appendReplicated([bytes]);
    expect(contents(secondary.engine)).toEqual(contents(primary.engine));
    await secondary.database.undoSlice(primary.entries[written - 1]!.gtid, 10);
    expect(contents(secondary.engine)).toEqual(before);
  });

  test('is watched by a secondary too, which forgets nothing by itself', async () => {
    const member = await openClocked();
    const reaper = new SessionReaper(member.database);
    await write(member, 1, 1);
    await pass(reaper, false);
    member.clock.now += timeoutMs;
    expect(await pass(reaper, false)).toBe(0);
    expect(sessions(member)).toBe(1);
    // Elected now: it knows how long the session has idled.
    expect(await pass(reaper, true)).toBe(1);
  });
});
