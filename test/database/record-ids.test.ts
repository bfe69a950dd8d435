import { describe, expect, it } from 'vitest';
import { insertMany, runDelete } from '../../src/database/index.ts';
import { NextRecordIds } from '../../src/database/writes/next-record-ids.ts';
import { parseFilter } from '../../src/query/index.ts';
import { contents, openMember, operation, raw, type TestMember } from './support/member.ts';

/** Term by term the primary inserts one document, and the other member follows it. */
async function tenure(term: number, primary: TestMember, secondary: TestMember): Promise<void> {
  primary.database.setWriteGate({ assertWritable() {}, term: () => term });
  const before = primary.entries.length;
  await insertMany(primary.database, operation(), {
    namespace: 'a.b',
    documents: [raw({ _id: term })],
    ordered: true,
  });
  await secondary.database.appendReplicated(
    primary.entries.slice(before).map(({ bytes }) => bytes),
  );
}

describe('a member that is primary again', () => {
  it('gives no record the id of one that was inserted while it was secondary', async () => {
    const [a, b] = [await openMember(), await openMember()];

    await tenure(1, a, b);
    await tenure(2, b, a);
    await tenure(3, a, b);

    const records = contents(a.engine, ['doc']);
    expect(records).toHaveLength(3);
    expect(contents(b.engine)).toEqual(contents(a.engine));
  });
});

describe('the next record ids', () => {
  it('are after a body that threw what they were before it', () => {
    const ids = new NextRecordIds();
    ids.begin();
    ids.set(1, 11);
    ids.begin();
    ids.set(1, 12);
    ids.set(1, 13);
    ids.set(2, 5);
    ids.undo();

    expect([ids.get(1), ids.get(2)]).toEqual([11, undefined]);
  });

  it('go on after a write that failed, though its collection was emptied', async () => {
    const { database, engine } = await openMember();
    database.setWriteGate({ assertWritable() {}, term: () => 1 });
    const insert = (_id: number) =>
      insertMany(database, operation(), {
        namespace: 'a.b',
        documents: [raw({ _id })],
        ordered: true,
      });
    await insert(1);
    const emptied = contents(engine, ['doc']);
    const failure = new Error('a body that throws');
    const broken = database.write(operation(), 'a.b', () => {
      throw failure;
    });
    await expect(broken).rejects.toBe(failure);
    const all = raw({});
    await runDelete(database, operation(), {
      namespace: 'a.b',
      filterSpec: all,
      filter: parseFilter(all.buffer, 0),
      multi: true,
    });
    await insert(1);

    expect(contents(engine, ['doc'])).toHaveLength(1);
    expect(contents(engine, ['doc'])).not.toEqual(emptied);
  });
});
