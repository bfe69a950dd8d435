/** Finding by `_id` with hints of where documents were before: always what the `_id` index says. */
import { ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { decodeDocument, encodeDocument, encodeValue } from '../../src/bson/index.ts';
import { findById } from '../../src/plan/index.ts';
import { KeyExtractor } from '../../src/query/index.ts';
import {
  deleteIndexKey,
  deleteRecord,
  insertIndexKey,
  putRecord,
  type WriteTransaction,
} from '../../storage/index.ts';
import { collectionOf, type TestCollection } from './test-collection.ts';

function found({ engine, info }: TestCollection, id: unknown) {
  const record = findById(engine.latest, info, encodeValue(id));
  if (record === undefined) return undefined;
  return { recordId: record.recordId, ...decodeDocument(record.buffer, record.start) };
}

function insert(
  { info }: TestCollection,
  transaction: WriteTransaction,
  recordId: number,
  document: Record<string, unknown>,
): void {
  const bytes = encodeDocument(document);
  const index = info.indexes[0]!;
  const [key] = new KeyExtractor(index.keyPattern).keys(bytes, 0).keys;
  putRecord(transaction, info, recordId, bytes);
  insertIndexKey(transaction, index, key!.keyString, key!.typeBits, recordId);
}

function remove(
  { info }: TestCollection,
  transaction: WriteTransaction,
  recordId: number,
  id: unknown,
): void {
  const index = info.indexes[0]!;
  const [key] = new KeyExtractor(index.keyPattern).keys(encodeDocument({ _id: id }), 0).keys;
  deleteRecord(transaction, info, recordId);
  deleteIndexKey(transaction, index, key!.keyString, recordId);
}

test('a document is found again where it was', async () => {
  const collection = await collectionOf([{ _id: 'a' }, { _id: 'b', n: 1 }]);
  for (let i = 0; i < 3; i++) {
    expect(found(collection, 'b')).toEqual({ recordId: 2, _id: 'b', n: 1 });
    expect(found(collection, 'c')).toBeUndefined();
  }
});

test('a deleted document is not found any more', async () => {
  const collection = await collectionOf([{ _id: 'a' }]);
  expect(found(collection, 'a')).toBeDefined();
  await collection.engine.write((transaction) => remove(collection, transaction, 1, 'a'));
  expect(found(collection, 'a')).toBeUndefined();
});

test('a document that was deleted and inserted again is found in its new record', async () => {
  const collection = await collectionOf([{ _id: 'a', n: 1 }]);
  expect(found(collection, 'a')).toEqual({ recordId: 1, _id: 'a', n: 1 });
  await collection.engine.write((transaction) => {
    remove(collection, transaction, 1, 'a');
    insert(collection, transaction, 2, { _id: 'a', n: 2 });
  });
  for (let i = 0; i < 2; i++)
    expect(found(collection, 'a')).toEqual({ recordId: 2, _id: 'a', n: 2 });
});

test('a record that holds another document now is not taken for the old one', async () => {
  const collection = await collectionOf([{ _id: 'a' }]);
  expect(found(collection, 'a')).toBeDefined();
  await collection.engine.write((transaction) => {
    remove(collection, transaction, 1, 'a');
    insert(collection, transaction, 1, { _id: 'b' });
  });
  expect(found(collection, 'a')).toBeUndefined();
  expect(found(collection, 'b')).toEqual({ recordId: 1, _id: 'b' });
});

test('each state of the store is answered from itself', async () => {
  const collection = await collectionOf([{ _id: 'a', n: 1 }]);
  const before = collection.engine.snapshot();
  await collection.engine.write((transaction) => {
    remove(collection, transaction, 1, 'a');
    insert(collection, transaction, 2, { _id: 'a', n: 2 });
  });
  for (let i = 0; i < 2; i++) {
    expect(findById(before, collection.info, encodeValue('a'))?.recordId).toBe(1);
    expect(findById(collection.engine.latest, collection.info, encodeValue('a'))?.recordId).toBe(2);
  }
  before.close();
});

test('two stores whose collections have the same number do not answer for each other', async () => {
  const one = await collectionOf([{ _id: 'a', of: 'one' }]);
  const other = await collectionOf([{ _id: 'b' }, { _id: 'a', of: 'other' }]);
  for (let i = 0; i < 2; i++) {
    expect(found(one, 'a')).toEqual({ recordId: 1, _id: 'a', of: 'one' });
    expect(found(other, 'a')).toEqual({ recordId: 2, _id: 'a', of: 'other' });
  }
});

test('an equal number of another type finds the document, before and after', async () => {
  const collection = await collectionOf([{ _id: 5, n: 1 }]);
  for (const id of [5n, 5, 5n, 5])
    expect(found(collection, id)).toEqual({ recordId: 1, _id: 5, n: 1 });
});

test('ids of every length and kind are found', async () => {
  const ids = [
    '',
    'x'.repeat(59),
    'x'.repeat(60),
    'x'.repeat(3000),
    Buffer.from(encodeDocument({ a: 1 })),
    new ObjectId('0123456789abcdef01234567'),
    true,
    new Date(5),
  ];
  const collection = await collectionOf(ids.map((_id) => ({ _id })));
  for (let i = 0; i < 2; i++) {
    ids.forEach((id, at) => {
      expect(found(collection, id)?.recordId).toBe(at + 1);
    });
  }
});
