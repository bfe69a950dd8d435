import { monthNames } from './format-date.ts';

const shortNames = monthNames.map((name) => name.slice(0, 3).toLowerCase());
const romanNumerals = ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x', 'xi', 'xii'];

/** What a regular expression finds months by; `sept` is September too. */
export const monthPattern = `(?:${[
  ...monthNames.map((name) => name.toLowerCase()),
  'sept',
  ...shortNames,
].join('|')})`;
export const romanPattern = '(?:I{1,3}|I[VX]|VI{0,3}|XI{0,2})';

/** 1 to 12 for a name, its first three letters or a Roman numeral, in any case; undefined for others. */
export function monthOf(name: string): number | undefined {
  const lower = name.toLowerCase();
  const short = shortNames.indexOf(lower.slice(0, 3));
  if (short >= 0 && (lower.length === 3 || lower === 'sept')) return short + 1;
  if (short >= 0 && monthNames[short]!.toLowerCase() === lower) return short + 1;
  const roman = romanNumerals.indexOf(lower);
  return roman >= 0 ? roman + 1 : undefined;
}
