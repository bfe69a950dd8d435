import { describe, expect, test } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { createIndexes, Database, insertMany } from '../../src/database/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import {
  contents,
  openMember,
  openPrimary,
  operation,
  raw,
  type TestMember,
} from './support/member.ts';

function insert({ database }: TestMember, namespace: string, documents: Record<string, unknown>[]) {
  return insertMany(database, operation(), {
    namespace,
    documents: documents.map(raw),
    ordered: true,
  });
}

describe('the write path', () => {
  test('gives a GTID back when the body throws, so the log has no holes', async () => {
    const { database, entries } = await openPrimary();
    await database.write(operation(), 'a.c', (writer) => {
      writer.note({ op: 'n', ns: '', o: encodeDocument({ msg: 'one' }) });
    });
    const failing = database.write(operation(), 'a.c', (writer) => {
      writer.note({ op: 'n', ns: '', o: encodeDocument({ msg: 'two' }) });
      writer.seal();
      throw new MongoServerError('BadValue', 'no');
    });
    await expect(failing).rejects.toThrow('no');
    await database.write(operation(), 'a.c', (writer) => {
      writer.note({ op: 'n', ns: '', o: encodeDocument({ msg: 'three' }) });
    });
    expect(entries.map(({ gtid }) => gtid.opid)).toEqual([0, 1]);
  });

  test('asks the gate inside the body', async () => {
    const member = await openMember();
    await expect(insert(member, 'a.c', [{ _id: 1 }])).rejects.toMatchObject({
      codeName: 'NotWritablePrimary',
    });
    let isPrimary = true;
    member.database.setWriteGate({
      assertWritable() {
        if (!isPrimary) throw new MongoServerError('NotWritablePrimary', 'not primary');
      },
      term: () => 1,
    });
    const queued = insert(member, 'a.c', [{ _id: 1 }]);
    isPrimary = false;
    await expect(queued).rejects.toMatchObject({ codeName: 'NotWritablePrimary' });
    expect(member.entries).toEqual([]);
  });

  test('writes no entry for the database local', async () => {
    const member = await openPrimary();
    await insert(member, 'local.mine', [{ _id: 1 }]);
    expect(member.entries).toEqual([]);
    expect(member.database.catalog.byNamespace('local.mine')!.id).toBeGreaterThanOrEqual(
      0x8000_0000,
    );
  });

  test('hands entries over before they are durable, in order', async () => {
    const { database } = await openPrimary();
    const events: string[] = [];
    database.onAppended = (entries) => {
      for (const { gtid } of entries) events.push(`appended ${gtid.opid}`);
    };
    database.onDurable = (gtid) => events.push(`durable ${gtid.opid}`);
    await Promise.all([1, 2].map((_id) => insert({ database } as TestMember, 'a.c', [{ _id }])));
    expect(events.filter((event) => event.startsWith('appended'))).toEqual([
      'appended 0',
      'appended 1',
      'appended 2',
    ]);
    expect(events.indexOf('durable 2')).toBeGreaterThan(events.indexOf('appended 2'));
  });

  test('a crash leaves whole entries with all that belongs to them', async () => {
    const engine = openMemoryEngine();
    const primary = await openPrimary(engine);
    await insert(primary, 'a.c', [{ _id: 1 }, { _id: 2 }]);
    const before = contents(engine);
    const lost = insert(primary, 'a.c', [{ _id: 3 }]).catch(() => undefined);
    engine.crash({ loseUnsynced: true });
    await Promise.race([lost, new Promise((resolve) => setImmediate(resolve))]);
    const reopened = await openMember(engine);
    expect(contents(reopened.engine)).toEqual(before);
    expect(reopened.database.lastAppended).toEqual({ term: 1, opid: 1 });
  });

  test('a reopened database goes on where the log ends', async () => {
    const engine = openMemoryEngine();
    const primary = await openPrimary(engine);
    await insert(primary, 'a.c', [{ _id: 1 }]);
    const again = await Database.open({ engine, replicated: true });
    expect(again.lastAppended).toEqual(primary.database.lastAppended);
    expect(again.lastHash).toBe(primary.database.lastHash);
    expect(again.lastClusterTime).toEqual(primary.database.lastClusterTime);
  });
});

describe('an index built in slices', () => {
  const documents = Array.from({ length: 1200 }, (_, _id) => ({ _id, a: _id % 100, t: [_id, 1] }));

  async function build(): Promise<{ primary: TestMember; moments: string[][] }> {
    const primary = await openPrimary();
    await insert(primary, 'a.c', documents);
    const building = createIndexes(primary.database, operation(), 'a.c', [
      raw({ key: { a: 1, t: 1 }, name: 'a_1_t_1' }),
    ]);
    const meanwhile = insert(primary, 'a.c', [{ _id: 5000, a: 7, t: 2 }]);
    await Promise.all([building, meanwhile]);
    return { primary, moments: [] };
  }

  test('is complete, writes in between included, and ready on every member', async () => {
    const { primary } = await build();
    const kinds = primary.entries.filter(({ bytes }) => bytes.includes('indexBuildSlice'));
    expect(kinds.length).toBeGreaterThan(1);
    const [index] = primary.database.catalog.byNamespace('a.c')!.indexes.slice(1);
    expect(index).toMatchObject({ state: 'ready', multikeyPaths: [false, true] });
    const secondary = await openMember();
    for (const { bytes } of primary.entries) await secondary.database.appendReplicated([bytes]);
    expect(contents(secondary.engine)).toEqual(contents(primary.engine));
  });

  test('can be undone at every slice', async () => {
    const { primary } = await build();
    const secondary = await openMember();
    const moments: string[][] = [];
    for (const { bytes } of primary.entries) {
      await secondary.database.appendReplicated([bytes]);
      moments.push(contents(secondary.engine));
    }
    const build0 = primary.entries.findIndex(({ bytes }) => bytes.includes('startIndexBuild'));
    for (let at = primary.entries.length - 2; at >= build0 - 1; at -= 1) {
      await secondary.database.undoSlice(primary.entries[at]!.gtid, 1);
      expect(contents(secondary.engine)).toEqual(moments[at]);
    }
  });
});
