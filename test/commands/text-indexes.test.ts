/** What a text index may be, and that it is kept up. Manual: Text Indexes, Text Index Properties. */
import type { Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { db } = await startShop();

/** Creates an index on a fresh collection, or tells why not. */
let made = 0;
async function create(key: Document, options: Document = {}) {
  const c = db.collection(`made${made++}`);
  await c.createIndex(key as never, options);
  return (await c.indexes())[1] as Document;
}

describe('the normal form', () => {
  const usual = {
    v: 2,
    key: { _fts: 'text', _ftsx: 1 },
    weights: { a: 1 },
    default_language: 'english',
    language_override: 'language',
    textIndexVersion: 3,
  };

  test.each<[Document, Document, Document]>([
    [{ a: 'text' }, {}, usual],
    [{ b: 'text', a: 'text' }, { weights: { a: 10 } }, { ...usual, weights: { a: 10, b: 1 } }],
    [{ a: 'text' }, { weights: { b: 2.9 } }, { ...usual, weights: { a: 1, b: 2 } }],
    [{ '$**': 'text' }, {}, { ...usual, weights: { '$**': 1 } }],
    [{ a: 'text' }, { weights: '$**' }, { ...usual, weights: { '$**': 1, a: 1 } }],
    [{ x: 1, a: 'text', y: -1 }, {}, { ...usual, key: { x: 1, _fts: 'text', _ftsx: 1, y: -1 } }],
    [{ _fts: 'text', _ftsx: 1 }, { weights: { a: 1 } }, usual],
    [{ a: 'text' }, { default_language: 'fr' }, { ...usual, default_language: 'fr' }],
    [{ a: 'text' }, { language_override: 'l' }, { ...usual, language_override: 'l' }],
    [{ a: 'text' }, { textIndexVersion: 3 }, usual],
    [{ a: 'text' }, { sparse: true, hidden: true }, { ...usual, sparse: true, hidden: true }],
    [{ a: 'text' }, { collation: { locale: 'simple' } }, usual],
  ])('of %j with %j is %j', async (key, options, spec) => {
    const { name, ...rest } = await create(key, options);
    expect(name).not.toBe('');
    expect(rest).toEqual(spec);
  });

  test('has its fields in the order of MongoDB', async () => {
    const options = { textIndexVersion: 3, default_language: 'none', name: 'n' };
    expect(Object.keys(await create({ a: 'text' }, options))).toEqual([
      'v',
      'key',
      'name',
      'default_language',
      'weights',
      'language_override',
      'textIndexVersion',
    ]);
  });
});

describe('is refused', () => {
  const interval = 'text index weight must be in the exclusive interval (0,100000) but found: ';
  const reserved = 'text index with reserved fields _fts/_ftsx not allowed';

  test.each<[Document, Document, number, string]>([
    [{ a: 'text', b: 1, c: 'text' }, {}, 67, "'text' fields in index must all be adjacent"],
    [{ a: 'text', b: 2 }, {}, 67, 'expected value 1 or -1 for non-text key in compound index'],
    [{ a: 'text', b: '2d' }, {}, 67, "Can't use more than one index plugin for a single index."],
    [{ _fts: 'text' }, { weights: { a: 1 } }, 67, 'expected _ftsx after _fts'],
    [{ _ftsx: 1, a: 'text' }, {}, 67, reserved],
    [{ a: 'text', _fts: 'text' }, {}, 67, reserved],
    [
      { _fts: 'text', _ftsx: 1 },
      {},
      67,
      "text index option 'weights' must specify fields or the wildcard",
    ],
    [{ a: 'text' }, { weights: { a: 0 } }, 67, `${interval}0`],
    [{ a: 'text' }, { weights: { a: 100_000 } }, 67, `${interval}100000`],
    [{ a: 'text' }, { weights: { a: 'x' } }, 67, 'weight for text index needs numeric type'],
    [{ a: 'text' }, { weights: { '': 1 } }, 67, 'weight cannot be on an empty field'],
    [{ a: 'text' }, { weights: { 'b.': 1 } }, 67, 'weight cannot have empty path component'],
    [{ a: 'text' }, { weights: { $b: 1 } }, 67, 'weight cannot have path component with $ prefix'],
    [{ a: 'text' }, { weights: 'b' }, 67, "text index option 'weights' must be an object"],
    [{ a: 'text' }, { default_language: 'klingon' }, 67, 'default_language is not valid'],
    [{ a: 'text' }, { language_override: 'a.b' }, 67, 'language_override is not valid'],
    [{ a: 'text' }, { language_override: '' }, 67, 'language_override is not valid'],
    [{ a: 'text' }, { textIndexVersion: 4 }, 67, 'bad textIndexVersion: 4'],
    [
      { a: 'text' },
      { collation: { locale: 'en' } },
      67,
      "Index type 'text' does not support collation",
    ],
  ])('%j with %j', async (key, options, code, message) => {
    const [found, text] = await failureOf(create(key, options));
    expect([found, text]).toEqual([code, expect.stringContaining(message)]);
  });

  test('a second one', async () => {
    const c = db.collection('second');
    await c.createIndex({ a: 'text' });
    await c.createIndex({ a: 'text' });
    expect((await failureOf(c.createIndex({ b: 'text' })))[0]).toBe(85);
    expect(await failureOf(c.createIndex({ x: 1, b: 'text' }))).toEqual([
      67,
      'only one text index per collection allowed, found existing text index "a_text"',
    ]);
    await c.dropIndex('a_text');
    await c.createIndex({ b: 'text' });
  });

  test('a document whose language is none', async () => {
    const c = db.collection('languages');
    await c.createIndex({ a: 'text' });
    expect(await failureOf(c.insertOne({ a: 'x', language: 5 }))).toEqual([
      17261,
      'found language override field in document with non-string type',
    ]);
    expect(await failureOf(c.insertOne({ a: 'x', language: 'klingon' }))).toEqual([
      17262,
      'language override unsupported: klingon',
    ]);
  });
});

const one = { $text: { $search: 'one' } };

test('a hidden index, and a partial one that lacks what is asked for, answer nothing', async () => {
  const c = db.collection('hidden');
  await c.createIndex({ a: 'text' }, { partialFilterExpression: { n: { $gt: 1 } } });
  await c.insertMany([1, 2, 3].map((n) => ({ a: 'one', n })));
  const count = (filter: Document) => c.countDocuments({ ...one, ...filter } as Document);
  expect((await failureOf(count({})))[0]).toBe(291);
  expect(await count({ n: { $gt: 1 } })).toBe(2);
  expect(await count({ n: 3 })).toBe(1);
  await db.command({ collMod: 'hidden', index: { name: 'a_text', hidden: true } });
  expect((await failureOf(count({ n: 3 })))[0]).toBe(291);
  await db.command({ collMod: 'hidden', index: { name: 'a_text', hidden: false } });
  expect(await count({ n: 3 })).toBe(1);
});

test('an index built over many documents finds what one that grew with them finds', async () => {
  const grown = db.collection('grown');
  const built = db.collection('built');
  await grown.createIndex({ '$**': 'text' });
  const documents = Array.from({ length: 1200 }, (_, n) => ({
    t: `word${n % 7} ${n % 2 === 0 ? 'even' : 'odd'}`,
    deep: { list: [`x${n}`] },
  }));
  for (const c of [grown, built]) await c.insertMany(documents.map((one) => ({ ...one })));
  await built.createIndex({ '$**': 'text' });
  for (const [search, count] of [
    ['even', 600],
    ['word3', 171],
    ['word3 -even', 86],
    ['x77 x78', 2],
    ['"word3 odd"', 86],
  ] as const) {
    const filter = { $text: { $search: search } };
    expect([search, await grown.countDocuments(filter)]).toEqual([search, count]);
    expect([search, await built.countDocuments(filter)]).toEqual([search, count]);
  }
  for (const name of ['grown', 'built']) {
    expect(await db.command({ validate: name })).toMatchObject({ valid: true, errors: [] });
  }
});

test('the keys follow every change', async () => {
  const c = db.collection('changes');
  await c.createIndex({ t: 'text', 'in.t': 'text' });
  const finds = async (word: string) => c.countDocuments({ $text: { $search: word } });
  await c.insertOne({ _id: 1 as never, t: 'red' });
  await c.updateOne({}, { $set: { t: 'green' } });
  expect([await finds('red'), await finds('green')]).toEqual([0, 1]);
  await c.updateOne({}, { $set: { 'in.t': ['blue'] } });
  await c.updateOne({}, { $push: { 'in.t': 'yellow' as never } });
  expect([await finds('blue'), await finds('yellow')]).toEqual([1, 1]);
  await c.updateOne({}, { $set: { t: 'greens' } });
  await c.updateOne({}, { $set: { language: 'none' } });
  expect([await finds('green'), await finds('greens')]).toEqual([0, 0]);
  await c.updateOne({}, { $set: { 'in.language': 'en', 'in.t': 'running' } });
  expect(await finds('runs')).toBe(1);
  await c.replaceOne({}, { t: 'white' });
  expect([await finds('runs'), await finds('white')]).toEqual([0, 1]);
  await c.deleteOne({});
  expect(await finds('white')).toBe(0);
  expect(await db.command({ validate: 'changes' })).toMatchObject({
    valid: true,
    keysPerIndex: { 't_text_in.t_text': 0 },
  });
});

test('terms of any length are told apart', async () => {
  const c = db.collection('long');
  await c.createIndex({ t: 'text' }, { default_language: 'none' });
  const long = 'y'.repeat(300);
  await c.insertMany([{ t: `${long}a` }, { t: `${long}b` }, { t: 'y' }]);
  for (const search of [`${long}a`, `${long}b`]) {
    const found = await c.find({ $text: { $search: search } }).toArray();
    expect(found.map(({ t }) => t)).toEqual([search]);
  }
});
