/**
 * Letters that count as the same: simple case folding (Unicode, CaseFolding.txt, one code point to one)
 * and letters without their diacritical marks.
 */
import type { Language } from './language.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
const ascii = /^[\x00-\x7f]*$/;

/** In Turkish the I without a dot is the capital of the i without one. */
const turkish: ReadonlyMap<string, string> = new Map([
  ['I', 'ı'],
  ['İ', 'i'],
]);

const lowerCase = new Map<string, string>();
const withoutMarks = new Map<string, string>();

/** Every letter in lower case. */
export function folded(text: string, language: Language): string {
  const isTurkish = language === 'turkish';
  if (!isTurkish && ascii.test(text)) return text.toLowerCase();
  let result = '';
  for (const character of text) {
    result += (isTurkish ? turkish.get(character) : undefined) ?? foldedCharacter(character);
  }
  return result;
}

function foldedCharacter(character: string): string {
  let found = lowerCase.get(character);
  if (found === undefined) {
    found = simpleFolding(character);
    lowerCase.set(character, found);
  }
  return found;
}

/** By way of the capital, so that both small sigmas, and the long and the short s, are one. */
function simpleFolding(character: string): string {
  if (character === 'ı') return character;
  const upper = character.toUpperCase();
  const lower = (isOne(upper) ? upper : character).toLowerCase();
  return isOne(lower) ? lower : character;
}

function isOne(text: string): boolean {
  return [...text].length === 1;
}

/** Marks go away, wherever they stand; a letter that is one with its mark becomes the letter. */
export function withoutDiacritics(text: string): string {
  if (ascii.test(text)) return text;
  let result = '';
  for (const character of text) {
    let found = withoutMarks.get(character);
    if (found === undefined) {
      const parts = character.normalize('NFD');
      const letters = parts.replace(/\p{Diacritic}/gu, '');
      found = letters === parts ? character : letters;
      withoutMarks.set(character, found);
    }
    result += found;
  }
  return result;
}
