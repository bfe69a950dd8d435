/** Words to their stems by the algorithms of the Snowball project (snowballstem.org). */
import { createRequire } from 'node:module';
import type { Language } from './language.ts';

interface Snowball {
  newStemmer(language: string): { stem(word: string): string };
}

/** Stems known of one language; a word takes tens of microseconds otherwise. */
const knownStemsMax = 50_000;

interface Stems {
  readonly known: Map<string, string>;
  stem(word: string): string;
}

const require = createRequire(import.meta.url);
const byLanguage = new Map<Language, Stems>();
let snowball: Snowball | undefined;

/** The stem of a word in lower case. Other letters are to the algorithms as consonants are. */
export function stem(word: string, language: Language): string {
  if (language === 'none') return word;
  const stems = stemsOf(language);
  const known = stems.known.get(word);
  if (known !== undefined) return known;
  const found = stems.stem(word);
  if (stems.known.size >= knownStemsMax) stems.known.clear();
  stems.known.set(word, found);
  return found;
}

function stemsOf(language: Language): Stems {
  let stems = byLanguage.get(language);
  if (stems === undefined) {
    // Loaded by who indexes text, not by every member as it starts.
    snowball ??= require('snowball-stemmers') as Snowball;
    const stemmer = snowball.newStemmer(language);
    stems = { known: new Map(), stem: (word) => stemmer.stem(word) };
    byLanguage.set(language, stems);
  }
  return stems;
}
