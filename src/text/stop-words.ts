import type { Language } from './language.ts';
import { stopWordLists } from './tables/stop-words.ts';

const byLanguage = new Map<Language, ReadonlySet<string>>();
const noWords: ReadonlySet<string> = new Set();

/** Words of the language that are not indexed, in lower case. */
export function stopWordsOf(language: Language): ReadonlySet<string> {
  let words = byLanguage.get(language);
  if (words === undefined) {
    const list = stopWordLists[language];
    words = list === undefined ? noWords : new Set(list.trim().split(/\s+/));
    byLanguage.set(language, words);
  }
  return words;
}
