/** A pattern that has no meaning here: invalid, or beyond what JavaScript can express. */
export class RegexError extends Error {}

export const space = '\\t-\\r ';
export const horizontalSpace = '\\t \\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
export const verticalSpace = '\\n-\\r\\x85\\u2028\\u2029';

/** The character as a literal, in and outside of a class. */
export function escapeLiteral(char: string): string {
  return /[\^$\\.*+?()[\]{}|/-]/.test(char) ? (char === '-' ? '\\x2d' : `\\${char}`) : char;
}

function codePoint(value: number): string {
  if (!(value <= 0x10ffff)) throw new RegexError('character code point value is too large');
  return `\\u{${value.toString(16)}}`;
}

/** Escapes that are one character, by code point. */
const characters: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

export interface Escape {
  readonly text: string;
  readonly next: number;
}

/** `\x41`, `\x{1F600}`, `\o{101}`, `\012`, `\cA`, `\n`, `\p{L}`, `\d`, `\@`: same in and outside a class. */
export function readCommonEscape(pattern: string, at: number): Escape | undefined {
  const rest = pattern.slice(at + 1);
  const char = rest[0];
  if (char === undefined) throw new RegexError('\\ at end of pattern');
  const found = (pattern_: RegExp): RegExpExecArray | null => pattern_.exec(rest);
  let match = found(/^x\{([0-9a-fA-F]+)\}/);
  match ??= found(/^x([0-9a-fA-F]{0,2})/);
  if (match !== null) {
    return {
      text: codePoint(Number.parseInt(match[1] || '0', 16)),
      next: at + 1 + match[0].length,
    };
  }
  match = found(/^o\{([0-7]+)\}/) ?? found(/^0([0-7]{0,2})/);
  if (match !== null) {
    return { text: codePoint(Number.parseInt(match[1] || '0', 8)), next: at + 1 + match[0].length };
  }
  match = found(/^c([A-Za-z])/);
  if (match !== null) return { text: `\\c${match[1]}`, next: at + 3 };
  match = found(/^([pP])(?:\{(\^?)([\w ]+)\}|([A-Z]))/);
  if (match !== null) return { text: property(match), next: at + 1 + match[0].length };
  const code = characters[char];
  if (code !== undefined) return { text: codePoint(code), next: at + 2 };
  if ('dDwW'.includes(char)) return { text: `\\${char}`, next: at + 2 };
  if (/[A-Za-z0-9]/.test(char)) return undefined;
  const whole = String.fromCodePoint(rest.codePointAt(0)!);
  return { text: escapeLiteral(whole), next: at + 1 + whole.length };
}

function property([, letter, negation, long, short]: RegExpExecArray): string {
  const name = long ?? short!;
  const sign = (letter === 'P') !== (negation === '^') ? 'P' : 'p';
  if (name === 'Any') return sign === 'p' ? '[\\s\\S]' : '[]';
  return name.length <= 2 ? `\\${sign}{${name}}` : `\\${sign}{Script=${name}}`;
}
