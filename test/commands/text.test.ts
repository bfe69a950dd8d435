/** Text indexes and `$text`, by the manual's pages. */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

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

const noPlan =
  'failed to use text index to satisfy $text query (if text index is compound, are equality predicates given for all prefix fields?)';

/** The error a find with `filter` ends with. */
function refusal(filter: Document, options: Document = {}): Promise<[number, string]> {
  return failureOf(articles.find(filter, options).toArray());
}

const cake = { $text: { $search: 'cake' } };

describe('what is refused', () => {
  test.each<[Document, number, string]>([
    [{ $text: 'cake' }, 2, '$text expects an object'],
    [{ $text: {} }, 4, 'Missing expected field "$search"'],
    [{ $text: { $search: 5 } }, 14, '"$search" had the wrong type. Expected string, found int'],
    [
      { $text: { $search: 'x', $language: 5 } },
      14,
      '"$language" had the wrong type. Expected string, found int',
    ],
    [
      { $text: { $search: 'x', $caseSensitive: 1 } },
      14,
      '"$caseSensitive" had the wrong type. Expected bool, found int',
    ],
    [{ $text: { $search: 'x', $other: 1 } }, 2, 'extra fields in $text'],
    [
      { $text: { $search: 'x', $language: 'klingon' } },
      2,
      'unsupported language: "klingon" for text index version 3',
    ],
    [{ $and: [cake, cake] }, 2, 'Too many text expressions'],
    [{ $nor: [cake] }, 2, 'text expression not allowed in nor'],
    [{ ...cake, loc: { $near: [0, 0] } }, 2, 'text and geoNear not allowed in same query'],
    [
      { a: { $elemMatch: { b: 1, ...cake } } },
      2,
      '$text can only be applied to the top-level document',
    ],
    [{ a: cake }, 2, 'unknown operator: $text'],
  ])('%j', async (filter, code, message) => {
    expect(await refusal(filter)).toEqual([code, message]);
  });

  test.each<[Document, number, string]>([
    [{ hint: { _id: 1 } }, 2, 'text and hint not allowed in same query'],
    [{ hint: 'subject_text' }, 2, 'text and hint not allowed in same query'],
    [{ sort: { $natural: 1 } }, 2, 'text expression not allowed with $natural sort order'],
  ])('beside %j', async (options, code, message) => {
    expect(await refusal(cake, options)).toEqual([code, message]);
  });

  test.each<[string, Document]>([
    ['a list of databases', { listDatabases: 1, filter: cake }],
    ['a list of collections', { listCollections: 1, filter: cake }],
    [
      'array filters',
      { findAndModify: 'articles', update: { $set: { 'a.$[e]': 1 } }, arrayFilters: [cake] },
    ],
    ['$pull', { findAndModify: 'articles', update: { $pull: { a: { b: 1, ...cake } } } }],
  ])('in %s', async (_place, command) => {
    const asked = db.admin().command;
    const [code, message] = await failureOf(
      'listDatabases' in command ? asked.call(db.admin(), command) : db.command(command),
    );
    expect([code, message.includes('$text is not allowed in this context')]).toEqual([2, true]);
  });

  test('where no text index is', async () => {
    await db.collection('plain').insertOne({ subject: 'cake' });
    expect(await failureOf(db.collection('plain').find(cake).toArray())).toEqual([
      27,
      'text index required for $text query',
    ]);
    expect(await failureOf(db.collection('gone').find(cake).toArray())).toEqual([
      27,
      "text index required for $text query (no such collection 'shop.gone')",
    ]);
  });

  test.each<[string, Document]>([
    ['find', { find: 'gone', filter: cake }],
    ['count', { count: 'gone', query: cake }],
    ['distinct', { distinct: 'gone', key: 'a', query: cake }],
    ['findAndModify', { findAndModify: 'gone', query: cake, remove: true }],
    ['findAndModify', { findAndModify: 'gone', query: cake, update: { $set: { a: 1 } } }],
    ['update', { update: 'gone', updates: [{ q: cake, u: { $set: { a: 1 } } }] }],
    ['update', { update: 'gone', updates: [{ q: cake, u: { $set: { a: 1 } }, upsert: true }] }],
    ['delete', { delete: 'gone', deletes: [{ q: cake, limit: 0 }] }],
  ])('%s in a collection that is not there', async (_name, command) => {
    const [code, message] = await db.command(command).then(
      ({ writeErrors }) => [writeErrors?.[0].code, writeErrors?.[0].errmsg],
      (error) => [error.code, error.message],
    );
    expect(code).toBe(27);
    expect(message).toContain(
      "text index required for $text query (no such collection 'shop.gone')",
    );
    expect(await db.listCollections({ name: 'gone' }).toArray()).toEqual([]);
  });

  test('anywhere but in the first stage of a pipeline', async () => {
    const message = '$match with $text is only allowed as the first pipeline stage';
    const pipeline = [{ $skip: 1 }, { $match: cake }];
    expect(await failureOf(articles.aggregate(pipeline).toArray())).toEqual([17313, message]);
    await db.createCollection('some', {
      viewOn: 'articles',
      pipeline: [{ $match: { views: 90 } }],
    });
    await db.createCollection('all', { viewOn: 'articles', pipeline: [] });
    const some = db.collection('some').find(cake).toArray();
    expect(await failureOf(some)).toEqual([17313, message]);
    expect(await db.collection('all').countDocuments(cake)).toBe(1);
  });

  test('an $or with a branch that has no index', async () => {
    const [code, message] = await refusal({ $or: [cake, { views: 5 }] });
    expect(code).toBe(291);
    expect(message).toMatch(
      'Failed to produce a solution for TEXT under OR - other non-TEXT clauses under OR have to be indexed as well.',
    );
  });
});

describe('together with others', () => {
  test('all predicates hold', async () => {
    expect(await found({ $search: 'coffee' }, { views: { $gt: 10 } })).toEqual([1]);
    const either = { $or: [{ $text: { $search: 'cream' } }, { _id: { $in: [3, 7] } }], views: 10 };
    const documents = await articles.find(either as Document).toArray();
    expect(documents.map(({ _id }) => _id)).toEqual([7]);
    expect(await articles.countDocuments({ $or: [cake, { _id: 1 as never }] })).toBe(2);
  });

  test('every command finds by text', async () => {
    const c = db.collection('commands');
    await c.createIndex({ t: 'text' });
    await c.insertMany(
      ['tea', 'tea milk', 'milk', 'cake'].map((t, a) => ({ _id: a, t, a }) as never),
    );
    const tea = { $text: { $search: 'tea' } };
    expect(await c.countDocuments(tea)).toBe(2);
    expect(await db.command({ count: 'commands', query: tea })).toMatchObject({ n: 2 });
    expect(await c.distinct('a', tea)).toEqual([0, 1]);
    expect(await c.updateMany(tea, { $set: { seen: true } })).toMatchObject({ modifiedCount: 2 });
    const first = await c.findOneAndUpdate(
      { $text: { $search: 'milk tea' } },
      { $set: { best: true } },
      { sort: { score: { $meta: 'textScore' } } as never },
    );
    expect(first).toMatchObject({ a: 1 });
    expect(await c.deleteMany(tea)).toMatchObject({ deletedCount: 2 });
    expect(await c.countDocuments(tea)).toBe(0);
    const upserted = await c.updateOne(tea, { $set: { t: 'tea' } }, { upsert: true });
    expect(upserted).toMatchObject({ upsertedCount: 1 });
    expect(await c.countDocuments(tea)).toBe(1);
  });
});

describe('explain', () => {
  const planOf = async (filter: Document, options: Document = {}) => {
    const { queryPlanner } = await articles.find(filter, options).explain('queryPlanner');
    return queryPlanner as Document;
  };

  test('shows how the words are found', async () => {
    const planner = await planOf({ $text: { $search: '"baked cake" -tea', $language: 'en' } });
    expect(planner.parsedQuery).toEqual({
      $text: {
        $search: '"baked cake" -tea',
        $language: 'en',
        $caseSensitive: false,
        $diacriticSensitive: false,
      },
    });
    const scan = {
      stage: 'IXSCAN',
      keyPattern: { _fts: 'text', _ftsx: 1 },
      indexName: 'subject_text',
      isMultiKey: true,
      isUnique: false,
      isSparse: false,
      isPartial: false,
      indexVersion: 2,
      direction: 'backward',
      indexBounds: {},
    };
    expect(planner.winningPlan).toEqual({
      isCached: false,
      stage: 'TEXT_MATCH',
      indexPrefix: {},
      indexName: 'subject_text',
      parsedTextQuery: {
        terms: ['bake', 'cake'],
        negatedTerms: ['tea'],
        phrases: ['baked cake'],
        negatedPhrases: [],
      },
      textIndexVersion: 3,
      inputStage: { stage: 'FETCH', inputStage: { stage: 'OR', inputStages: [scan, scan] } },
    });
  });

  test('shows how the scores are', async () => {
    const { winningPlan } = await planOf(cake, { sort: { score: { $meta: 'textScore' } } });
    expect(winningPlan).toMatchObject({
      stage: 'SORT',
      sortPattern: { $computed0: { $meta: 'textScore' } },
      inputStage: { stage: 'TEXT_MATCH', inputStage: { stage: 'TEXT_OR' } },
    });
    const other = await planOf({ ...cake, views: 90 });
    expect(other.winningPlan).toMatchObject({
      stage: 'FETCH',
      filter: { views: { $eq: 90 } },
      inputStage: { stage: 'TEXT_MATCH' },
    });
  });
});

test('a compound index wants its fields in front', async () => {
  const c = db.collection('compound');
  await c.createIndex({ shop: 1, day: -1, t: 'text', z: 1 });
  await c.insertMany([
    { shop: 'a', day: 1, t: 'tea', z: 1 },
    { shop: 'a', day: 2, t: 'tea', z: 2 },
    { shop: 'b', day: 1, t: 'tea' },
    { day: 1, t: 'tea' },
  ]);
  const tea = { $text: { $search: 'tea' } };
  const days = async (filter: Document) =>
    (await c.find({ ...tea, ...filter } as Document).toArray()).map(({ day, z }) => [day, z ?? 0]);
  expect(await days({ shop: 'a', day: 2 })).toEqual([[2, 2]]);
  expect(await days({ shop: 'a', $and: [{ day: 1 }] })).toEqual([[1, 1]]);
  expect(await days({ shop: null, day: 1 })).toEqual([[1, 0]]);
  expect(await days({ shop: 'a', day: 2, z: 3 })).toEqual([]);
  for (const filter of [
    {},
    { shop: 'a' },
    { shop: 'a', day: { $gt: 1 } },
    { shop: { $in: ['a'] }, day: 1 },
  ]) {
    const [code, message] = await failureOf(c.find({ ...tea, ...filter } as Document).toArray());
    expect([code, message.includes(noPlan)]).toEqual([291, true]);
  }
  const { queryPlanner } = await c.find({ ...tea, shop: 'a', day: 2 }).explain('queryPlanner');
  const { winningPlan } = queryPlanner as { winningPlan: Document };
  expect(winningPlan.inputStage.indexPrefix).toEqual({ shop: 'a', day: 2 });
  expect(await failureOf(c.insertOne({ shop: ['a'], day: 1, t: 'tea' }))).toEqual([
    201,
    expect.stringMatching(/^Field 'shop' of text index contains an array in document: \{ _id: /),
  ]);
});
