import { type DocumentText, textsOf } from './document-texts.ts';
import { folded, withoutDiacritics } from './folding.ts';
import type { TextSearch } from './search.ts';
import type { TextIndex } from './text-index.ts';
import { type TokenOptions, termsOf } from './tokens.ts';

/** Whether the document at `start` is one a search means. */
export function matchesSearch(
  index: TextIndex,
  search: TextSearch,
  buffer: Buffer,
  start: number,
): boolean {
  const texts = textsOf(index, buffer, start);
  return hasOneOf(texts, search.terms, search.options) && hasRest(texts, search);
}

/** The same of a document that is known to have one of the terms the index is read by. */
export function matchesRest(
  index: TextIndex,
  search: TextSearch,
  buffer: Buffer,
  start: number,
): boolean {
  const { isCaseSensitive, isDiacriticSensitive } = search.options;
  if (isCaseSensitive === true || isDiacriticSensitive === true) {
    return matchesSearch(index, search, buffer, start);
  }
  const { negatedTerms, phrases, negatedPhrases } = search;
  if (negatedTerms.length + phrases.length + negatedPhrases.length === 0) return true;
  return hasRest(textsOf(index, buffer, start), search);
}

function hasRest(texts: readonly DocumentText[], search: TextSearch): boolean {
  return (
    !hasOneOf(texts, search.negatedTerms, { ...search.options, keepsStopWords: true }) &&
    search.phrases.every((phrase) => hasPhrase(texts, phrase, search)) &&
    !search.negatedPhrases.some((phrase) => hasPhrase(texts, phrase, search))
  );
}

function hasOneOf(
  texts: readonly DocumentText[],
  terms: readonly string[],
  options: TokenOptions,
): boolean {
  if (terms.length === 0) return false;
  return texts.some(({ text, language }) => {
    const found = new Set(termsOf(text, language, options));
    return terms.some((term) => found.has(term));
  });
}

/** A phrase is part of a text, whether or not it begins and ends with whole words. */
function hasPhrase(
  texts: readonly DocumentText[],
  phrase: string,
  { options }: TextSearch,
): boolean {
  return texts.some(({ text, language }) => {
    const shown = (given: string): string => {
      const cased = options.isCaseSensitive === true ? given : folded(given, language);
      return options.isDiacriticSensitive === true ? cased : withoutDiacritics(cased);
    };
    return shown(text).includes(shown(phrase));
  });
}
