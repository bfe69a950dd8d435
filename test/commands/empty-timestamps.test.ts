/**
 * `Timestamp(0, 0)` in a top-level field is filled in by the server, unless the command asks not to
 * (manual: "Timestamps"; `bypassEmptyTsReplacement`, which the database tools send).
 */
import { type Document, Timestamp } from 'mongodb';
import { beforeEach, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client, db } = await startShop();
const things = db.collection<Document & { _id: number }>('things');
const at = Timestamp.fromBits(0, 0);

beforeEach(async () => {
  await db.dropDatabase();
  await things.insertOne({ _id: 1 });
});

const writes: readonly [string, (more: Document) => Promise<unknown>, number][] = [
  ['insert', (more) => db.command({ insert: 'things', documents: [{ _id: 2, at }], ...more }), 2],
  [
    'a replacement',
    (more) => db.command({ update: 'things', updates: [{ q: { _id: 1 }, u: { at } }], ...more }),
    1,
  ],
  [
    'an upserted replacement',
    (more) =>
      db.command({
        update: 'things',
        updates: [{ q: { _id: 3 }, u: { at }, upsert: true }],
        ...more,
      }),
    3,
  ],
  [
    'findAndModify',
    (more) => db.command({ findAndModify: 'things', query: { _id: 1 }, update: { at }, ...more }),
    1,
  ],
  [
    'the insert of a bulkWrite',
    (more) => bulkWrite({ insert: 0, document: { _id: 4, at } }, more),
    4,
  ],
  [
    'the replacement of a bulkWrite',
    (more) => bulkWrite({ update: 0, filter: { _id: 1 }, updateMods: { at } }, more),
    1,
  ],
];

function bulkWrite(operation: Document, more: Document): Promise<Document> {
  const nsInfo = [{ ns: 'shop.things' }];
  return client.db('admin').command({ bulkWrite: 1, ops: [operation], nsInfo, ...more });
}

async function isEmptyAfter(write: Promise<unknown>, _id: number): Promise<boolean> {
  await write;
  const found = await things.findOne({ _id });
  expect(found?.at).toBeInstanceOf(Timestamp);
  return at.equals(found?.at);
}

test.each(writes)('%s has its empty timestamps filled in', async (_, write, id) => {
  expect(await isEmptyAfter(write({}), id)).toBe(false);
  expect(await isEmptyAfter(write({ bypassEmptyTsReplacement: false }), id)).toBe(false);
});

test.each(writes)('%s keeps them when asked to', async (_, write, id) => {
  expect(await isEmptyAfter(write({ bypassEmptyTsReplacement: true }), id)).toBe(true);
});

test('what is no boolean is refused', async () => {
  await expect(writes[1]?.[1]({ bypassEmptyTsReplacement: 'yes' })).rejects.toMatchObject({
    code: 14,
  });
});
