/**
 * Random documents and searches: what is found with a text index, and the scores, are what the analyser
 * says of each document by itself, whatever was inserted, changed and deleted before and after the index.
 */
import { serialize } from 'bson';
import fc from 'fast-check';
import type { Document } from 'mongodb';
import { expect, test } from 'vitest';
import {
  languageOf,
  matchesSearch,
  parseSearch,
  termScores,
  textIndexOf,
} from '../../src/text/index.ts';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();

const words = [
  'run',
  'Running',
  'the',
  'café',
  'Cafe',
  'tea-time',
  'não',
  'läuft',
  "dog's",
  'ИЗ',
  '',
];
const word = fc.constantFrom(...words);
const text = fc.array(word, { maxLength: 5 }).map((list) => list.join(' '));
const language = fc.constantFrom('en', 'german', 'none', 'pt');
const value = fc.oneof(text, fc.array(fc.oneof(text, fc.integer())), fc.constant(null));
const inner = fc.record({ t: value, language }, { requiredKeys: [] });
const document = fc.record(
  {
    a: value,
    b: fc.oneof(inner, fc.array(inner, { maxLength: 3 })),
    n: fc.integer({ max: 2, min: 0 }),
    language,
  },
  { requiredKeys: ['n'] },
);
const key = fc.constantFrom<Document>(
  { a: 'text' },
  { 'b.t': 'text', a: 'text' },
  { '$**': 'text' },
  { n: 1, a: 'text' },
  { a: 'text', n: -1 },
);
const piece = fc
  .tuple(
    fc.constantFrom('', '', '', '-'),
    fc.boolean(),
    fc.array(word, { minLength: 1, maxLength: 2 }),
  )
  .map(([minus, isPhrase, list]) => `${minus}${isPhrase ? `"${list.join(' ')}"` : list.join(' ')}`);
const search = fc.record({
  $search: fc.array(piece, { minLength: 1, maxLength: 4 }).map((list) => list.join(' ')),
  $language: fc.oneof(language, fc.constant('')),
  $caseSensitive: fc.boolean(),
  $diacriticSensitive: fc.boolean(),
});

test('a search with the index finds what a look at every document finds', {
  timeout: 60_000,
}, async () => {
  let run = 0;
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        key,
        default_language: language,
        weights: fc.record({ a: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
        before: fc.array(document, { maxLength: 6 }),
        after: fc.array(document, { maxLength: 6 }),
        changes: fc.array(fc.tuple(fc.nat(), document), { maxLength: 4 }),
        deletions: fc.array(fc.nat(), { maxLength: 2 }),
        searches: fc.array(search, { minLength: 1, maxLength: 6 }),
      }),
      async ({ key, default_language, weights, before, after, changes, deletions, searches }) => {
        const c = db.collection<{ _id: number }>(`run${run++}`);
        const insert = async (list: readonly Document[], from: number) => {
          if (list.length === 0) return;
          await c.insertMany(list.map((one, at) => ({ _id: from + at, ...one })));
        };
        await insert(before, 0);
        await c.createIndex(key as never, { default_language, weights });
        await insert(after, before.length);
        const count = before.length + after.length;
        for (const [at, one] of changes) await c.replaceOne({ _id: at % (count + 1) }, one);
        for (const at of deletions) await c.deleteOne({ _id: at % (count + 1) });
        const [, { name: _name, ...spec }] = (await c.indexes()) as unknown as [unknown, Document];
        const facts = textIndexOf(Buffer.from(serialize(spec)));
        const documents = (await c.find().toArray()) as (Document & { _id: number })[];
        for (const $text of searches) {
          const asked = parseSearch(
            $text.$search,
            languageOf($text.$language || default_language)!,
            {
              isCaseSensitive: $text.$caseSensitive,
              isDiacriticSensitive: $text.$diacriticSensitive,
            },
          );
          const expected = new Map<number, number>();
          for (const one of documents) {
            if ('n' in key && key.n === 1 && one.n !== 1) continue;
            const bytes = Buffer.from(serialize(one));
            const scores = termScores(facts, bytes, 0);
            const found = asked.indexTerms.filter((term) => scores.has(term));
            if (found.length === 0 || !matchesSearch(facts, asked, bytes, 0)) continue;
            expected.set(
              one._id,
              found.reduce((sum, term) => sum + scores.get(term)!, 0),
            );
          }
          hits += expected.size;
          const filter = { $text, ...('n' in key && key.n === 1 ? { n: 1 } : {}) };
          const projection = { _id: 1, score: { $meta: 'textScore' } };
          const scored = await c.find(filter, { projection }).toArray();
          const plain = await c.find(filter, { projection: { _id: 1 } }).toArray();
          const ids = [...expected.keys()].sort();
          expect(plain.map(({ _id }) => _id).sort()).toEqual(ids);
          expect(scored.map(({ _id }) => _id).sort()).toEqual(ids);
          for (const { _id, score } of scored as unknown as { _id: number; score: number }[]) {
            expect(score).toBeCloseTo(expected.get(_id)!, 9);
          }
        }
        expect(await db.command({ validate: c.collectionName })).toMatchObject({ valid: true });
        await c.drop();
      },
    ),
    { numRuns: 40, seed: 20261121 },
  );
  expect(hits).toBeGreaterThan(50);
});
