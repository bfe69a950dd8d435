/** What validate finds when an index is not what its documents make it. */
import { describe, expect, test } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { createIndexes, insertMany, validateCollection } from '../../src/database/index.ts';
import { KeyExtractor } from '../../src/query/index.ts';
import {
  type CollectionInfo,
  deleteIndexKey,
  insertIndexKey,
  type WriteTransaction,
} from '../../storage/index.ts';
import { openPrimary, operation, raw } from './support/member.ts';

const namespace = 'a.c';

type Damage = (transaction: WriteTransaction, info: CollectionInfo) => void;

/** Two documents, of which only the first has keys; the errors after `damage`. */
async function errorsAfter(options: Record<string, unknown>, damage: Damage): Promise<unknown> {
  const { database, engine } = await openPrimary();
  const documents = [raw({ _id: 1, a: 7 }), raw({ _id: 2, b: 7 })];
  await insertMany(database, operation(), { namespace, documents, ordered: true });
  await createIndexes(database, operation(), namespace, [
    raw({ key: { a: 1 }, name: 'a_1', ...options }),
  ]);
  const info = database.catalog.byNamespace(namespace) as CollectionInfo;
  await engine.write((transaction) => damage(transaction, info));
  return (await validateCollection(database, operation(), info)).errors;
}

const extractor = new KeyExtractor([{ path: 'a', direction: 1 }]);

function keyOf(document: Record<string, unknown>) {
  const [key] = extractor.keys(encodeDocument(document), 0).keys;
  if (key === undefined) throw new Error('there is no key');
  return key;
}

describe.each([
  ['sparse', { sparse: true }],
  ['partial', { partialFilterExpression: { a: { $gt: 1 } } }],
])('of a %s index', (_kind, options) => {
  test('nothing, when it is right', async () => {
    expect(await errorsAfter(options, () => {})).toEqual([]);
  });

  test('a key that should not be there', async () => {
    const plant: Damage = (transaction, { indexes }) => {
      const { keyString, typeBits } = keyOf({});
      insertIndexKey(transaction, indexes[1]!, keyString, typeBits, 2);
    };
    expect(await errorsAfter(options, plant)).toEqual(['index a_1 has 2 keys instead of 1']);
  });

  test('a key that is missing', async () => {
    const take: Damage = (transaction, { indexes }) => {
      deleteIndexKey(transaction, indexes[1]!, keyOf({ a: 7 }).keyString, 1);
    };
    expect(await errorsAfter(options, take)).toEqual([
      'index a_1 lacks a key of record 1',
      'index a_1 has 0 keys instead of 1',
    ]);
  });

  test('a key in the place of another', async () => {
    const swap: Damage = (transaction, { indexes }) => {
      deleteIndexKey(transaction, indexes[1]!, keyOf({ a: 7 }).keyString, 1);
      const { keyString, typeBits } = keyOf({ a: 8 });
      insertIndexKey(transaction, indexes[1]!, keyString, typeBits, 1);
    };
    expect(await errorsAfter(options, swap)).toEqual(['index a_1 lacks a key of record 1']);
  });
});
