import { expect, it } from 'vitest';
import { createIndexes, insertMany } from '../../src/database/index.ts';
import { openPrimary, operation, raw } from './support/member.ts';

const namespace = 'a.one';
const index = raw({ key: { a: 1, b: 1 }, name: 'a_1_b_1' });
const parallel = { a: [1, 2], b: [3, 4] };

it('a document with parallel arrays fails alone: the others of its insert go in', async () => {
  const { database } = await openPrimary();
  await createIndexes(database, operation(), namespace, [index]);
  const documents = [
    { _id: 1, a: 1 },
    { _id: 2, ...parallel },
    { _id: 3, a: 3 },
  ].map(raw);

  const unordered = { namespace, documents, ordered: false };
  const result = await insertMany(database, operation(), unordered);

  expect(result.inserted).toBe(2);
  expect(result.writeErrors).toMatchObject([{ index: 1, code: 171 }]);
  expect(database.measure(namespace).count).toBe(2);
});

it('an index build in slices that meets parallel arrays is given up', async () => {
  const { database } = await openPrimary();
  const documents = Array.from({ length: 1200 }, (_, _id) => raw({ _id, a: _id }));
  documents.push(raw({ _id: 'last', ...parallel }));
  await insertMany(database, operation(), { namespace, documents, ordered: true });

  await expect(createIndexes(database, operation(), namespace, [index])).rejects.toMatchObject({
    code: 171,
  });

  expect(database.catalog.byNamespace(namespace)?.indexes).toHaveLength(1);
});
