/**
 * What a `$text` asks for, read from its search string (manual: $text). Words stand for their terms, any
 * of which is enough; all of the phrases in quotation marks must be there; a hyphen in front of a word or
 * a phrase, behind a space, negates it and what hangs on to it.
 */
import type { Language } from './language.ts';
import { type TokenOptions, termsOf } from './tokens.ts';

export interface TextSearch {
  readonly options: TokenOptions;
  /** By which the index is read: without case and diacritics, each once, in the order of their bytes. */
  readonly indexTerms: readonly string[];
  /** By which documents are checked. */
  readonly terms: readonly string[];
  readonly negatedTerms: readonly string[];
  readonly phrases: readonly string[];
  readonly negatedPhrases: readonly string[];
}

/** Throws nothing: every string asks for something, if only for nothing. */
export function parseSearch(search: string, language: Language, options: TokenOptions): TextSearch {
  const { words, negatedWords, phrases, negatedPhrases } = readSearch(search);
  const text = beforeNul(words.join(' '));
  const negated = beforeNul(negatedWords.join(' '));
  return {
    options,
    indexTerms: distinct(termsOf(text, language)),
    terms: distinct(termsOf(text, language, options)),
    negatedTerms: distinct(termsOf(negated, language, options)),
    phrases,
    negatedPhrases,
  };
}

/** A NUL ends a text. */
function beforeNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function distinct(terms: readonly string[]): string[] {
  return [...new Set(terms)].sort((a, b) => Buffer.from(a).compare(Buffer.from(b)));
}

interface SearchParts {
  readonly words: string[];
  readonly negatedWords: string[];
  readonly phrases: string[];
  readonly negatedPhrases: string[];
}

function readSearch(search: string): SearchParts {
  const parts: SearchParts = { words: [], negatedWords: [], phrases: [], negatedPhrases: [] };
  let isNegated = false;
  /** Where the open phrase began; undefined outside of phrases. */
  let phraseStart: number | undefined;
  let afterSpace = true;
  for (const { 0: token, index } of search.matchAll(/[\n\v\f\r ]+|[-"]|[^\n\v\f\r "-]+/g)) {
    if (/^[\n\v\f\r ]/.test(token)) {
      afterSpace = true;
      continue;
    }
    if (afterSpace && phraseStart === undefined && token !== '-') isNegated = false;
    if (token === '"') {
      if (phraseStart === undefined) phraseStart = index + 1;
      else {
        (isNegated ? parts.negatedPhrases : parts.phrases).push(search.slice(phraseStart, index));
        phraseStart = undefined;
      }
    } else if (token === '-') {
      if (phraseStart === undefined && afterSpace) isNegated = true;
    } else if (!isNegated) parts.words.push(token);
    else if (phraseStart === undefined) parts.negatedWords.push(token);
    afterSpace = false;
  }
  return parts;
}
