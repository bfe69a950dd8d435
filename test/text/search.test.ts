/** The search string of `$text` taken apart (manual: $text, Search Field). */
import { expect, test } from 'vitest';
import { parseSearch } from '../../src/text/index.ts';

interface Parts {
  readonly terms?: readonly string[];
  readonly negatedTerms?: readonly string[];
  readonly phrases?: readonly string[];
  readonly negatedPhrases?: readonly string[];
}

const rows: readonly (readonly [search: string, parts: Parts])[] = [
  ['', {}],
  ['coffee cake coffee', { terms: ['cake', 'coffe'] }],
  ['the', {}],
  ['-coffee', { negatedTerms: ['coffe'] }],
  ['cake -coffee', { terms: ['cake'], negatedTerms: ['coffe'] }],
  ['- coffee', { terms: ['coffe'] }],
  ['pre-market', { terms: ['market', 'pre'] }],
  ['-foo-bar baz', { terms: ['baz'], negatedTerms: ['bar', 'foo'] }],
  ['--foo', { negatedTerms: ['foo'] }],
  ['"coffee shop"', { terms: ['coffe', 'shop'], phrases: ['coffee shop'] }],
  ['cake "a b" c', { terms: ['b', 'c', 'cake'], phrases: ['a b'] }],
  ['-"coffee shop" cake', { terms: ['cake'], negatedPhrases: ['coffee shop'] }],
  ['- "coffee shop"', { terms: ['coffe', 'shop'], phrases: ['coffee shop'] }],
  ['-"a"-"b" c', { terms: ['c'], negatedPhrases: ['a', 'b'] }],
  ['"one -two"', { terms: ['one', 'two'], phrases: ['one -two'] }],
  ['"open phrase', { terms: ['open', 'phrase'] }],
  ['""', { phrases: [''] }],
  ['hello\0world', { terms: ['hello'] }],
  ['b a\nc', { terms: ['b', 'c'] }],
];

test.each(rows)('%j', (search, parts) => {
  const { terms, negatedTerms, phrases, negatedPhrases, indexTerms } = parseSearch(
    search,
    'english',
    {},
  );
  const none = { terms: [], negatedTerms: [], phrases: [], negatedPhrases: [] };
  expect({ terms, negatedTerms, phrases, negatedPhrases }).toEqual({ ...none, ...parts });
  expect(indexTerms).toEqual(terms);
});

test('the index is read without case and marks, whatever documents are checked by', () => {
  const options = { isCaseSensitive: true, isDiacriticSensitive: true };
  const { terms, indexTerms, negatedTerms } = parseSearch('Café -Thé', 'none', options);
  expect([terms, indexTerms, negatedTerms]).toEqual([['Café'], ['cafe'], ['Thé']]);
});
