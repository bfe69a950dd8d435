/**
 * What classes mean behind `(*UCP)`: Unicode's properties in the place of ASCII, as in PCRE2's
 * documentation (pcre2pattern, "Generic character types" and "POSIX character classes").
 */
import { horizontalSpace, verticalSpace } from './regex-escape.ts';

const word = '\\p{L}\\p{N}_';
/** Connectors but for the underscore, and all that is neither letter, number nor connector. */
const noWord =
  '\\u203f\\u2040\\u2054\\ufe33\\ufe34\\ufe4d-\\ufe4f\\uff3f\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}\\p{M}\\p{S}\\p{Z}\\p{C}';
const space = `\\p{Z}${horizontalSpace}${verticalSpace}`;
const noSpace =
  '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\0-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\p{Co}\\p{Cn}';
const visible = '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}';

/** Inside of a class, by the letter of the escape. */
export const unicodeClassEscapes: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: word,
  W: noWord,
  s: space,
  S: noSpace,
};

/** Outside of a class. */
export const unicodeEscapes: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${word}]`,
  W: `[^${word}]`,
  s: `[${space}]`,
  S: `[^${space}]`,
  b: `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`,
  B: `(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}]))`,
};

export const unicodePosix: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '\\p{Nd}',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space,
  blank: horizontalSpace,
  punct: '\\p{P}$+<=>\\^`\\|~',
  xdigit: '0-9a-fA-F',
  word,
  cntrl: '\\p{Cc}',
  print: `${visible}\\p{Zs}`,
  graph: visible,
  ascii: '\\0-\\x7f',
};

export const unicodeNegatedPosix: Readonly<Record<string, string>> = {
  alpha: '\\P{L}',
  digit: '\\P{Nd}',
  upper: '\\P{Lu}',
  lower: '\\P{Ll}',
  space: noSpace,
  word: noWord,
};
