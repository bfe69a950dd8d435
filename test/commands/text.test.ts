/** Text indexes and `$text`, by the manual's pages. */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();
const articles = db.collection('articles');

beforeAll(async () => {
  await articles.createIndex({ subject: 'text' });
  await articles.insertMany([
    { _id: 1, subject: 'coffee', views: 50 },
    { _id: 2, subject: 'Coffee Shopping', views: 5 },
    { _id: 3, subject: 'Baking a cake', views: 90 },
    { _id: 4, subject: 'baking', views: 100 },
    { _id: 5, subject: 'Café Con Leche', views: 200 },
    { _id: 6, subject: 'Сырники', views: 80 },
    { _id: 7, subject: 'coffee and cream', views: 10 },
    { _id: 8, subject: 'Cafe con Leche', views: 10 },
  ] as never[]);
});

async function found(text: Document, rest: Document = {}): Promise<unknown[]> {
  const documents = await articles.find({ $text: text, ...rest } as Document).toArray();
  return documents.map(({ _id }) => _id as unknown as number).sort();
}

describe('the examples of the $text page', () => {
  test.each<[Document, number[]]>([
    [{ $search: 'coffee' }, [1, 2, 7]],
    [{ $search: 'bake coffee cake' }, [1, 2, 3, 4, 7]],
    [{ $search: '"coffee shop"' }, [2]],
    [{ $search: "\\'coffee shop\\'" }, [1, 2, 7]],
    [{ $search: 'coffee -shop' }, [1, 7]],
    [{ $search: 'leche', $language: 'es' }, [5, 8]],
    [{ $search: 'сы́рники CAFÉS' }, [5, 6, 8]],
    [{ $search: 'Coffee', $caseSensitive: true }, [2]],
    [{ $search: '"Café Con Leche"', $caseSensitive: true }, [5]],
    [{ $search: 'Coffee -shop', $caseSensitive: true }, [2]],
    [{ $search: 'CAFÉ' }, [5, 8]],
    [{ $search: 'CAFÉ', $diacriticSensitive: true }, [5]],
    [{ $search: 'leches -cafés', $diacriticSensitive: true }, [8]],
    [{ $search: 'the' }, []],
    [{ $search: '-coffee' }, []],
  ])('%j finds %j', async (text, ids) => {
    expect(await found(text)).toEqual(ids);
  });
});

test('the score is that of the manual', async () => {
  const stores = db.collection('stores');
  await stores.createIndex({ name: 'text', description: 'text' });
  await stores.insertMany([
    { _id: 1, name: 'Java Hut', description: 'Coffee and cakes' },
    { _id: 2, name: 'Burger Buns', description: 'Gourmet hamburgers' },
    { _id: 3, name: 'Coffee Shop', description: 'Just coffee' },
    { _id: 4, name: 'Clothes Clothes Clothes', description: 'Discount clothing' },
    { _id: 5, name: 'Java Shopping', description: 'Indonesian goods' },
  ] as never[]);
  const score = { $meta: 'textScore' as const };
  const scored = await stores
    .find({ $text: { $search: 'java coffee shop' } }, { projection: { score } })
    .sort({ score })
    .toArray();
  expect(scored.map((one) => [one._id, one.score])).toEqual([
    [3, 2.25],
    [1, 1.5],
    [5, 1.5],
  ]);
  expect(Object.keys(scored[0]!)).toEqual(['_id', 'name', 'description', 'score']);
  const piped = await stores
    .aggregate([{ $match: { $text: { $search: 'clothes' } } }, { $project: { _id: 1, score } }])
    .toArray();
  expect(piped).toEqual([{ _id: 4, score: (2 - 2 ** -2) * 1 + 0.75 }]);
});

test('listIndexes shows the normal form', async () => {
  const c = db.collection('forms');
  await c.createIndex({ a: 1, title: 'text', body: 'text', z: -1 }, { weights: { title: 10 } });
  expect((await c.indexes())[1]).toEqual({
    v: 2,
    key: { a: 1, _fts: 'text', _ftsx: 1, z: -1 },
    name: 'a_1_title_text_body_text_z_-1',
    weights: { body: 1, title: 10 },
    default_language: 'english',
    language_override: 'language',
    textIndexVersion: 3,
  });
});
