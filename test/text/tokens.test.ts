/** Texts as terms: delimiters, stop words, stems and folding of version 3 (manual: Text Indexes). */
import { expect, it, test } from 'vitest';
import { type Language, languageOf } from '../../src/text/index.ts';
import { type TokenOptions, termsOf } from '../../src/text/tokens.ts';

type Row = readonly [
  text: string,
  terms: readonly string[],
  language?: Language,
  options?: TokenOptions,
];

const rows: readonly Row[] = [
  ['', []],
  ['  \t\n ', []],
  ['Running runs ran', ['run', 'run', 'ran']],
  ['the quick brown fox', ['quick', 'brown', 'fox']],
  ['The THE tHe', []],
  ['the the', ['the', 'the'], 'none'],
  ['the quick', ['the', 'quick'], 'english', { keepsStopWords: true }],
  ['well-known', ['well', 'known']],
  ['hello@world.com, a_b $price #tag', ['hello', 'world', 'com', 'a_b', 'price', 'tag']],
  ["don't", []],
  ["dog's dogs'", ['dog', 'dog']],
  ["d'accord", ['d', 'accord'], 'none'],
  ['“quoted” ‘word’', ['quot', 'word']],
  ['数据库系统', ['数据库系统'], 'none'],
  ['こんにちは、世界。', ['こんにちは', '世界'], 'none'],
  ['a・b‐c–d—e…f', ['a', 'b', 'c', 'd', 'e', 'f'], 'none'],
  ['Café CAFE\u0301 cafe', ['cafe', 'cafe', 'cafe'], 'none'],
  ['Café', ['café'], 'none', { isDiacriticSensitive: true }],
  ['Café', ['Cafe'], 'none', { isCaseSensitive: true }],
  ['Coffee', ['Coffe'], 'english', { isCaseSensitive: true }],
  ['ΣΊΣΥΦΟΣ σίσυφος', ['σισυφοσ', 'σισυφοσ'], 'none'],
  ['Straße STRASSE', ['straße', 'strasse'], 'none'],
  ['IŞIK İzmir', ['ısık', 'izmir'], 'turkish'],
  ['2024 3.14', ['2024', '3', '14'], 'none'],
  ['𝒜𝒷 😀 x', ['𝒜𝒷', '😀', 'x'], 'none'],
];

for (const [text, terms, language = 'english', options] of rows) {
  test(`${JSON.stringify(text)} has the terms ${terms.join(' ')}`, () => {
    expect(termsOf(text, language, options)).toEqual(terms);
  });
}

/** A word of each language, its stem by the Snowball project, and a stop word. */
const languages: readonly (readonly [Language, string, string, string])[] = [
  ['danish', 'bestemmelserne', 'bestem', 'og'],
  ['dutch', 'lichamelijkheden', 'licham', 'het'],
  ['english', 'consignment', 'consign', 'which'],
  ['finnish', 'edeltäjiinsä', 'edeltaj', 'että'],
  ['french', 'continuellement', 'continuel', 'avec'],
  ['german', 'aufeinanderfolgenden', 'aufeinanderfolg', 'über'],
  ['hungarian', 'megváltoztatni', 'megvaltoztatn', 'hogy'],
  ['italian', 'pronunciamento', 'pronunc', 'della'],
  ['norwegian', 'havnedistriktene', 'havnedistrikt', 'ikke'],
  ['portuguese', 'quilométricas', 'quilometr', 'não'],
  ['romanian', 'abandonata', 'abandon', 'și'],
  ['russian', 'важнейшими', 'важн', 'что'],
  ['spanish', 'corriendo', 'corr', 'pero'],
  ['swedish', 'jaktkarlarne', 'jaktkarl', 'och'],
  ['turkish', 'kitapları', 'kitap', 'için'],
];

test.each(languages)('%s: %s has the stem %s, %s is a stop word', (language, word, stem, stop) => {
  const unmarked = (text: string): string => text.normalize('NFD').replace(/\p{Diacritic}/gu, '');
  expect(termsOf(`${word} ${stop}`, language)).toEqual([unmarked(stem)]);
});

it('knows languages by name and code, in any case', () => {
  const given = ['english', 'EN', 'nb', 'Norwegian', 'none', 'no', 'eng', '', 'klingon'];
  expect(given.map(languageOf)).toEqual([
    'english',
    'english',
    'norwegian',
    'norwegian',
    'none',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
