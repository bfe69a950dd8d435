import { describe, expect, it } from 'vitest';
import {
  dropCollection,
  insertMany,
  openFind,
  runDelete,
  runUpdate,
} from '../../src/database/index.ts';
import { parseFilter, parseUpdate } from '../../src/query/index.ts';
import { OutOfSpace, openMemoryEngine } from '../../storage/index.ts';
import { openPrimary, operation, raw, type TestMember } from './support/member.ts';

const namespace = 'a.b';

function insert({ database }: TestMember, documents: Record<string, unknown>[]) {
  return insertMany(database, operation(), {
    namespace,
    documents: documents.map(raw),
    ordered: true,
  });
}

describe('a batch', () => {
  it('with everything around its documents fits into a reply', async () => {
    const member = await openPrimary();
    const filler = 'x'.repeat(1000);
    await insert(
      member,
      Array.from({ length: 17_000 }, (_, _id) => ({ _id, filler })),
    );
    const source = openFind(member.database, 'local', namespace, {});

    const { documents, isExhausted } = await source.nextBatch({
      maxDocuments: Number.POSITIVE_INFINITY,
    });

    expect(isExhausted).toBe(false);
    expect(documents.byteLength).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(documents.byteLength).toBeGreaterThan(15.9 * 1024 * 1024);
    const rest = await source.nextBatch({ maxDocuments: Number.POSITIVE_INFINITY });
    expect(documents.length + rest.documents.length).toBe(17_000);
    source.close();
  });
});

describe('when the engine has no space for client writes', () => {
  const filterSpec = raw({ a: 1 });
  const filter = parseFilter(filterSpec.buffer, filterSpec.start);

  async function fullMember(): Promise<TestMember> {
    const engine = openMemoryEngine();
    const member = await openPrimary(engine);
    await insert(member, [{ _id: 1, a: 1 }]);
    engine.assertSpace = () => {
      throw new OutOfSpace('quota', 'the quota is used up');
    };
    return member;
  }

  it('inserts and updates are refused with OutOfDiskSpace', async () => {
    const member = await fullMember();
    const refused = { code: 14031, codeName: 'OutOfDiskSpace', message: 'the quota is used up' };

    await expect(insert(member, [{ _id: 2 }])).rejects.toMatchObject(refused);
    await expect(
      runUpdate(member.database, operation(), {
        namespace,
        filterSpec,
        filter,
        update: parseUpdate(raw({ $set: { b: 1 } }), { upsert: false }),
        multi: true,
        upsert: false,
      }),
    ).rejects.toMatchObject(refused);
    expect(member.database.measure(namespace).count).toBe(1);
  });

  it('what gives space back is admitted: deletes and drops', async () => {
    const member = await fullMember();
    const request = { namespace, filterSpec, filter, multi: true };

    await expect(runDelete(member.database, operation(), request)).resolves.toMatchObject({
      deleted: 1,
    });
    await expect(dropCollection(member.database, operation(), namespace)).resolves.toBeDefined();
  });
});
