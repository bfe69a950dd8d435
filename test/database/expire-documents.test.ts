/** TTL indexes: which documents a pass deletes, and that members agree. */
import { describe, expect, test } from 'vitest';
import { decodeDocument } from '../../src/bson/index.ts';
import {
  createCollection,
  createIndexes,
  encodeOptions,
  expireDocuments,
  insertMany,
} from '../../src/database/index.ts';
import { scanRecords } from '../../storage/index.ts';
import {
  contents,
  openMember,
  openPrimary,
  operation,
  raw,
  type TestMember,
} from './support/member.ts';

const namespace = 'a.c';
/** What the clock of a test member says. */
const now = 1_700_000_000_000;

function ago(seconds: number): Date {
  return new Date(now - seconds * 1000);
}

async function primaryWith(
  options: Record<string, unknown>,
  documents: readonly Record<string, unknown>[],
  key: Record<string, unknown> = { d: 1 },
): Promise<TestMember> {
  const member = await openPrimary();
  await createIndexes(member.database, operation(), namespace, [
    raw({ key, name: 'd_1', ...options }),
  ]);
  await insertMany(member.database, operation(), {
    namespace,
    documents: documents.map(raw),
    ordered: true,
  });
  return member;
}

function ids({ database, engine }: TestMember): unknown[] {
  const cursor = scanRecords(engine.latest, database.catalog.byNamespace(namespace)!, {});
  const found: unknown[] = [];
  while (cursor.next()) found.push(decodeDocument(cursor.buffer, cursor.start)._id);
  cursor.close();
  return found;
}

const always = () => true;

const documents = [
  { _id: 'over', d: ago(61) },
  { _id: 'just', d: ago(60) },
  { _id: 'not yet', d: ago(59) },
  { _id: 'future', d: ago(-1000) },
  { _id: 'earliest of an array', d: [ago(-5), ago(100), 7] },
  { _id: 'young array', d: [ago(1), ago(2)] },
  { _id: 'long ago', d: new Date(-1000) },
  { _id: 'a number', d: 5 },
  { _id: 'text', d: '1970-01-01' },
  { _id: 'null', d: null },
  { _id: 'missing' },
  { _id: 'deep', d: { d: ago(100) } },
];
const expired = ['over', 'just', 'earliest of an array', 'long ago'];
const kept = documents.map(({ _id }) => _id).filter((id) => !expired.includes(id));

describe('a pass', () => {
  test.each([[{ d: 1 }], [{ d: -1 }]])('deletes what is over, by the index %j', async (key) => {
    const member = await primaryWith({ expireAfterSeconds: 60 }, documents, key);
    expect(await expireDocuments(member.database, always)).toBe(expired.length);
    expect(ids(member)).toEqual(kept);
    expect(await expireDocuments(member.database, always)).toBe(0);
  });

  test('deletes by a hidden index too', async () => {
    const member = await primaryWith({ expireAfterSeconds: 60, hidden: true }, documents);
    expect(await expireDocuments(member.database, always)).toBe(expired.length);
  });

  test('passes over documents a partial index does not have', async () => {
    const options = { expireAfterSeconds: 60, partialFilterExpression: { _id: { $gt: 'm' } } };
    const member = await primaryWith(options, documents);
    expect(await expireDocuments(member.database, always)).toBe(1);
    expect(ids(member)).not.toContain('over');
  });

  test('deletes nothing for an index without a time', async () => {
    const member = await primaryWith({}, documents);
    expect(await expireDocuments(member.database, always)).toBe(0);
  });

  test('stops when it may not go on', async () => {
    const member = await primaryWith({ expireAfterSeconds: 60 }, documents);
    expect(await expireDocuments(member.database, () => false)).toBe(0);
    let asked = 0;
    expect(await expireDocuments(member.database, () => ++asked === 1)).toBe(0);
    expect(ids(member)).toHaveLength(documents.length);
  });

  test('is repeated by a secondary and taken back by undo', async () => {
    const primary = await primaryWith({ expireAfterSeconds: 60 }, documents);
    const before = contents(primary.engine);
    const target = primary.database.lastAppended!;
    await expireDocuments(primary.database, always);

    const secondary = await openMember();
    for (const { bytes } of primary.entries) await secondary.database.appendReplicated([bytes]);
    expect(contents(secondary.engine)).toEqual(contents(primary.engine));
    expect(ids(secondary)).toEqual(kept);

    await secondary.database.undoSlice(target, 1000);
    expect(contents(secondary.engine)).toEqual(before);
  });
});

test('documents of a clustered collection expire by the date that is their _id', async () => {
  const member = await openPrimary();
  const clusteredIndex = { v: 2, key: { _id: 1 }, name: '_id_', unique: true };
  await createCollection(
    member.database,
    operation(),
    namespace,
    encodeOptions({ clusteredIndex, expireAfterSeconds: 60n }),
  );
  await insertMany(member.database, operation(), {
    namespace,
    documents: [{ _id: ago(61) }, { _id: ago(59) }, { _id: 'text' }].map(raw),
    ordered: true,
  });
  expect(await expireDocuments(member.database, always)).toBe(1);
  expect(ids(member)).toEqual([ago(59), 'text']);
});

test.each(['d', '$d'])(
  'measurements of a time series expire by their time, in %s',
  async (timeField) => {
    const member = await openPrimary();
    const timeseries = { timeField, granularity: 'hours', bucketMaxSpanSeconds: 2_592_000 };
    await createCollection(
      member.database,
      operation(),
      namespace,
      encodeOptions({ timeseries, expireAfterSeconds: 60n }),
    );
    await insertMany(member.database, operation(), {
      namespace,
      documents: [59, 61, 1, 60].map((_id) => raw({ [timeField]: ago(_id), _id })),
      ordered: true,
    });
    expect(await expireDocuments(member.database, always)).toBe(2);
    expect(ids(member)).toEqual([59, 1]);
  },
);
