/** Which texts of a document are in an index, and the scores of their terms. */
import { describe, expect, test } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { termScores, textIndexOf, textPaths } from '../../src/text/index.ts';
import { type Fields, outcome } from '../query/documents.ts';

function indexOf(weights: Fields, options: Fields = {}) {
  return textIndexOf(
    encodeDocument({
      key: { _fts: 'text', _ftsx: 1 },
      weights,
      default_language: 'english',
      language_override: 'language',
      textIndexVersion: 3,
      ...options,
    }),
  );
}

function scores(weights: Fields, document: Fields, options: Fields = {}): Fields {
  const found = termScores(indexOf(weights, options), encodeDocument(document), 0);
  return Object.fromEntries([...found].sort());
}

const wildcard = { '$**': 1 };

describe('the scores of', () => {
  test.each<[Fields, Fields, Fields]>([
    [{ a: 1 }, { a: 'coffee' }, { coffe: 1 }],
    [{ a: 1 }, { a: 'cake' }, { cake: 1.1 }],
    [{ a: 1 }, { a: 'CAKE' }, { cake: 1.1 }],
    [{ a: 1 }, { a: 'cake ' }, { cake: 1 }],
    [{ a: 1 }, { a: 'Baking a cake' }, { bake: 0.75, cake: 0.75 }],
    [{ a: 1 }, { a: 'cake cake' }, { cake: 1.5 }],
    [{ a: 1 }, { a: 'cake cake cake tea' }, { cake: 1.75 * 0.875, tea: 0.625 }],
    [
      { a: 10, b: 1 },
      { a: 'cake', b: 'tea cake' },
      { cake: 11.75, tea: 0.75 },
    ],
    [{ a: 1 }, { b: 'cake' }, {}],
    [{ a: 1 }, { a: 5 }, {}],
    [{ a: 1 }, { a: { b: 'cake' } }, {}],
    [{ a: 1 }, { a: ['cake', 1, 'tea', ['milk']] }, { cake: 1.1, tea: 1.1 }],
    [{ 'a.b': 1 }, { a: { b: 'cake' } }, { cake: 1.1 }],
    [{ 'a.b': 1 }, { a: [{ b: 'cake' }, { b: ['tea'] }, 'milk'] }, { cake: 1.1, tea: 1.1 }],
    [{ 'a.0': 1 }, { a: ['cake'] }, {}],
    [{ a: 2, 'a.b': 3 }, { a: { b: 'cake' } }, { cake: 1.1 * 3 }],
    [wildcard, { _id: 'x', a: 'cake', b: { c: [['tea']] } }, { cake: 1.1, tea: 1.1, x: 1.1 }],
    [
      { ...wildcard, b: 2 },
      { a: 'cake', b: 'tea' },
      { cake: 1.1, tea: 2.2 },
    ],
    [{ a: 1 }, { a: 'cake\0tea' }, { cake: 1.1 }],
  ])('weights %j and document %j are %j', (weights, document, expected) => {
    expect(scores(weights, document)).toEqual(expected);
  });
});

describe('the language', () => {
  test.each<[Fields, Fields, Fields]>([
    [{ a: 1 }, { language: 'none', a: 'the runs' }, { runs: 0.75, the: 0.75 }],
    [{ a: 1 }, { language: 'es', a: 'corriendo' }, { corr: 1 }],
    [{ 'a.b': 1 }, { language: 'none', a: { b: 'runs' } }, { runs: 1.1 }],
    [{ 'a.b': 1 }, { a: [{ b: 'runs' }, { language: 'none', b: 'runs' }] }, { run: 1, runs: 1.1 }],
    [wildcard, { a: 'runs', language: 'none' }, { runs: 1.1 }],
    [wildcard, { a: { language: 'none', b: 'runs' }, c: 'runs' }, { run: 1, runs: 1.1 }],
  ])('of weights %j and document %j gives %j', (weights, document, expected) => {
    expect(scores(weights, document)).toEqual(expected);
  });

  test('may stand in another field, and have another default', () => {
    const options = { default_language: 'none', language_override: 'lang' };
    expect(scores({ a: 1 }, { a: 'runs', language: 5 }, options)).toEqual({ runs: 1.1 });
    expect(scores({ a: 1 }, { a: 'runs', lang: 'en' }, options)).toEqual({ run: 1 });
  });

  test.each<[Fields, number, string]>([
    [{ language: 1 }, 17261, 'found language override field in document with non-string type'],
    [{ language: 'klingon' }, 17262, 'language override unsupported: klingon'],
  ])('%j is refused', (document, code, message) => {
    expect(outcome(() => scores({ a: 1 }, document))).toEqual({ code, message });
  });
});

test('a change matters at the texts, at what says their language, and at the other fields of the key', () => {
  expect(textPaths(indexOf(wildcard))).toBe(undefined);
  const key = { x: 1, _fts: 'text', _ftsx: 1, y: -1 };
  expect([...textPaths(indexOf({ 'a.b.c': 1, d: 1 }, { key }))!].sort()).toEqual([
    'a.b.c',
    'a.b.language',
    'a.language',
    'd',
    'language',
    'x',
    'y',
  ]);
});
