/** Words to their stems by the algorithms of the Snowball project (snowballstem.org). */
import { createRequire } from 'node:module';
import type { Language } from './language.ts';

interface Stemmer {
  stem(word: string): string;
}

interface Snowball {
  newStemmer(language: string): Stemmer;
}

const require = createRequire(import.meta.url);
const stemmers = new Map<Language, Stemmer>();
let snowball: Snowball | undefined;

/** The stem of a word in lower case. Other letters are to the algorithms as consonants are. */
export function stem(word: string, language: Language): string {
  if (language === 'none') return word;
  let stemmer = stemmers.get(language);
  if (stemmer === undefined) {
    // Loaded by who indexes text, not by every member as it starts.
    snowball ??= require('snowball-stemmers') as Snowball;
    stemmer = snowball.newStemmer(language);
    stemmers.set(language, stemmer);
  }
  return stemmer.stem(word);
}
