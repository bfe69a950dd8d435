/**
 * Which groups of a translated pattern are its own: atomic groups and possessive quantifiers are written
 * with a group more, `\\K` is an empty one.
 */
import { atomicName, keepName } from './regex-translation.ts';

export interface PatternGroups {
  /** The numbers of the pattern's own, in order. */
  readonly own: readonly number[];
  /** The names of those in the place of `\\K`, in order. */
  readonly keeps: readonly string[];
}

export function groupsOf({ source }: RegExp): PatternGroups {
  const own: number[] = [];
  const keeps: string[] = [];
  let number = 0;
  // Parentheses of the text are escaped.
  for (const [text, name] of source.matchAll(/\\[\s\S]|\((?!\?)|\(\?<(?![=!])([^>]*)>/g)) {
    if (text.startsWith('\\')) continue;
    number++;
    if (name !== undefined && keepName.test(name)) keeps.push(name);
    else if (name === undefined || !atomicName.test(name)) own.push(number);
  }
  return { own, keeps };
}

/** Where a match begins: at the last `\\K` that took part, if there is one. Needs the flag d then. */
export function startOf(found: RegExpMatchArray, { keeps }: PatternGroups): number {
  let start = found.index!;
  for (const name of keeps) start = Math.max(start, found.indices?.groups?.[name]?.[0] ?? 0);
  return start;
}
