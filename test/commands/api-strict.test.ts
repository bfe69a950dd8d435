/** What a client that wants version 1 of the Stable API strictly may not ask for (manual: "Stable API"). */
import type { Document } from 'mongodb';
import { expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();

function unstable(field: string): [number, string] {
  return [323, `BSON field '${field}' is not allowed with apiStrict:true.`];
}

function index(spec: Document): Document {
  return { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', ...spec }] };
}

test.each<[Document, [number, string]]>([
  [{ find: 'c', showRecordId: true }, unstable('FindCommandRequest.showRecordId')],
  [{ find: 'c', returnKey: false }, unstable('FindCommandRequest.returnKey')],
  [{ find: 'c', min: { a: 1 }, hint: { a: 1 } }, unstable('FindCommandRequest.min')],
  [{ find: 'c', max: { a: 1 }, hint: { a: 1 } }, unstable('FindCommandRequest.max')],
  [{ find: 'c', tailable: true }, unstable('FindCommandRequest.tailable')],
  [{ find: 'c', tailable: true, awaitData: true }, unstable('FindCommandRequest.awaitData')],
  [{ find: 'c', noCursorTimeout: true }, unstable('FindCommandRequest.noCursorTimeout')],
  [{ find: 'c', oplogReplay: true }, unstable('FindCommandRequest.oplogReplay')],
  [{ create: 'c', capped: true, size: 4096 }, unstable('create.capped')],
  [{ create: 'c', storageEngine: {} }, unstable('create.storageEngine')],
  [{ create: 'c', indexOptionDefaults: {} }, unstable('create.indexOptionDefaults')],
  [{ create: 'c', autoIndexId: true }, unstable('create.autoIndexId')],
  [index({ sparse: true }), unstable('createIndexes.indexes.sparse')],
  [index({ background: true }), unstable('createIndexes.indexes.background')],
  [index({ storageEngine: {} }), unstable('createIndexes.indexes.storageEngine')],
  [{ listIndexes: 'c', includeBuildUUIDs: true }, unstable('listIndexes.includeBuildUUIDs')],
  [
    index({ key: { a: 'text' } }),
    [323, "Provided apiStrict:true, but the index type 'text' is not in API Version 1"],
  ],
  [
    { distinct: 'c', key: 'a' },
    [323, 'Provided apiStrict:true, but the command distinct is not in API Version 1'],
  ],
])('%j is refused', async (command, failure) => {
  const strict = { ...command, apiVersion: '1', apiStrict: true };
  expect(await failureOf(db.command(strict))).toEqual(failure);
});

test('what is in version 1 is answered, and without apiStrict the rest too', async () => {
  await db.command({ ...index({ unique: true }), apiVersion: '1', apiStrict: true });
  await db.command({ find: 'c', apiVersion: '1', apiStrict: true, hint: { a: 1 } });
  await db.command({ find: 'c', apiVersion: '1', apiStrict: false, showRecordId: true });
});
