import { describe, expect, it } from 'vitest';
import { insertMany } from '../../src/database/index.ts';
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
