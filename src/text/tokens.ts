/**
 * A text as the words it is indexed by: cut at delimiters, without stop words, each reduced to its stem
 * and folded. That is how indexes of `textIndexVersion` 3 do it.
 */
import { folded, withoutDiacritics } from './folding.ts';
import type { Language } from './language.ts';
import { stem } from './stem.ts';
import { stopWordsOf } from './stop-words.ts';

export interface TokenOptions {
  readonly isCaseSensitive?: boolean;
  readonly isDiacriticSensitive?: boolean;
  readonly keepsStopWords?: boolean;
}

/**
 * Characters between words, by their Unicode properties. Not among the properties a regular expression
 * knows is Hyphen; its characters that are no dashes besides stand at the end.
 */
const delimiter =
  /[\p{White_Space}\p{Dash}\p{Quotation_Mark}\p{Terminal_Punctuation}\p{Pattern_Syntax}\p{Sentence_Terminal}\u00ad\u1806\u30fb\uff65]/u;

const asciiDelimiters = Array.from({ length: 128 }, (_, code) =>
  delimiter.test(String.fromCharCode(code)),
);
const otherDelimiters = new Map<number, boolean>();
const apostrophe = 0x27;

/** In English an apostrophe belongs to its word. */
function isDelimiter(code: number, isEnglish: boolean): boolean {
  if (code < 128) return asciiDelimiters[code]! && !(isEnglish && code === apostrophe);
  let found = otherDelimiters.get(code);
  if (found === undefined) {
    found = delimiter.test(String.fromCodePoint(code));
    otherDelimiters.set(code, found);
  }
  return found;
}

/** The words between delimiters, as they stand in the text. */
function wordsOf(text: string, language: Language): string[] {
  const isEnglish = language === 'english';
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!;
    if (isDelimiter(code, isEnglish)) {
      if (start >= 0) words.push(text.slice(start, at));
      start = -1;
    } else if (start < 0) start = at;
    at += code > 0xffff ? 2 : 1;
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

/** Terms known of one language and one set of options: a new word costs microseconds, its stem most of them. */
const knownTermsMax = 50_000;
const knownTerms = new Map<string, Map<string, string | undefined>>();

/** The terms of a text in their order, each as often as it stands there. */
export function termsOf(text: string, language: Language, options: TokenOptions = {}): string[] {
  const { isCaseSensitive, isDiacriticSensitive, keepsStopWords } = options;
  const kind = `${language} ${isCaseSensitive} ${isDiacriticSensitive} ${keepsStopWords}`;
  let known = knownTerms.get(kind);
  if (known === undefined) {
    known = new Map();
    knownTerms.set(kind, known);
  }
  const terms: string[] = [];
  for (const word of wordsOf(text, language)) {
    let term = known.get(word);
    if (term === undefined && !known.has(word)) {
      term = termOf(word, language, options);
      if (known.size >= knownTermsMax) known.clear();
      known.set(word, term);
    }
    if (term !== undefined) terms.push(term);
  }
  return terms;
}

/** Undefined for a stop word. */
function termOf(word: string, language: Language, options: TokenOptions): string | undefined {
  const lower = folded(word, language);
  if (options.keepsStopWords !== true && stopWordsOf(language).has(lower)) return undefined;
  const stemmed = stem(options.isCaseSensitive === true ? word : lower, language);
  return options.isDiacriticSensitive === true ? stemmed : withoutDiacritics(stemmed);
}
