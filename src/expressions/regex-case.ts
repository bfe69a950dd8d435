/**
 * Letters of any case, spelled out: for patterns in which the option i begins or ends, since a flag of
 * JavaScript's holds for a whole expression.
 */
import { escapeLiteral } from './regex-escape.ts';

/** Letters that differ in case only; those of the planes that have any. */
let families: ReadonlyMap<string, readonly string[]> | undefined;
const lastCased = 0x1ffff;

function familiesOfLetters(): ReadonlyMap<string, readonly string[]> {
  if (families !== undefined) return families;
  const found = new Map<string, string[]>();
  const cased = /\p{Changes_When_Casemapped}/u;
  for (let code = 0x41; code <= lastCased; code++) {
    const letter = String.fromCodePoint(code);
    if (!cased.test(letter)) continue;
    const family = familyOf(letter);
    const letters = found.get(family);
    if (letters === undefined) found.set(family, [letter]);
    else letters.push(letter);
  }
  families = found;
  return found;
}

function familyOf(letter: string): string {
  const upper = letter.toUpperCase();
  // Not those that become two.
  return (upper.length === letter.length ? upper : letter).toLowerCase();
}

/** A class of the character and all that it equals in another case; the character alone if there is none. */
export function anyCase(char: string): string {
  const same = new RegExp(`^${escapeLiteral(char)}$`, 'iu');
  const letters =
    familiesOfLetters()
      .get(familyOf(char))
      ?.filter((one) => same.test(one)) ?? [];
  const others = letters.filter((one) => one !== char);
  return others.length === 0 ? escapeLiteral(char) : `[${escapeLiteral(char)}${others.join('')}]`;
}

/** The class `[...]` with the letters of other cases that belong to it; of `[^...]` they belong to what it is not. */
export function anyCaseClass(text: string): string {
  const exact = new RegExp(`^${text}$`, 'u');
  const same = new RegExp(`^${text}$`, 'iu');
  let others = '';
  for (const letters of familiesOfLetters().values()) {
    for (const letter of letters) {
      if (exact.test(letter) !== same.test(letter)) others += letter;
    }
  }
  return `${text.slice(0, -1)}${others}]`;
}
