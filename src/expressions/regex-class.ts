import {
  escapeLiteral,
  horizontalSpace,
  RegexError,
  space,
  verticalSpace,
} from './regex-escape.ts';

/** POSIX classes as the inside of a JavaScript character class. */
const posix: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space,
  blank: '\\t ',
  punct: '!-\\/:-@\\[-`\\{-~',
  xdigit: '0-9a-fA-F',
  word: '\\w',
  cntrl: '\\0-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
  ascii: '\\0-\\x7f',
};

const negatedPosix: Readonly<Record<string, string>> = {
  alpha: '\\0-@\\[-`\\{-\\u{10ffff}',
  digit: '\\D',
  space: '\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}',
  word: '\\W',
};

/** What `[:name:]` and `[:^name:]` stand for. */
export interface PosixClasses {
  readonly named: Readonly<Record<string, string>>;
  readonly negated: Readonly<Record<string, string>>;
}

export const asciiClasses: PosixClasses = { named: posix, negated: negatedPosix };

/** The character class that begins at `at`, and where it ends. */
export function translateClass(
  pattern: string,
  at: number,
  classes: PosixClasses,
  readEscape: (position: number) => { text: string; next: number },
): { text: string; next: number } {
  let next = at + 1;
  let text = '[';
  if (pattern[next] === '^') {
    text += '^';
    next++;
  }
  // A closing bracket in the first place is a literal one.
  for (let isFirst = true; ; isFirst = false) {
    const char = pattern[next];
    if (char === undefined) {
      throw new RegexError('missing terminating ] for character class');
    }
    if (char === ']' && !isFirst) return { text: `${text}]`, next: next + 1 };
    const named = /^\[:(\^?)([a-z]+):\]/.exec(pattern.slice(next, next + 12));
    if (named !== null) {
      const inside = (named[1] === '^' ? classes.negated : classes.named)[named[2]!];
      if (inside === undefined) throw new RegexError('unknown POSIX class name');
      text += inside;
      next += named[0].length;
    } else if (char === '\\') {
      const read = readEscape(next);
      text += read.text;
      next = read.next;
    } else if (char === '-') {
      // Literal at either end and behind a class; in between a range.
      const isLiteral =
        isFirst ||
        pattern[next + 1] === ']' ||
        /\\(?:[dDwWsSpP]|[pP]\{[^}]*\})$/.test(text) ||
        named !== null;
      text += isLiteral ? '\\-' : '-';
      next++;
    } else {
      const point = pattern.codePointAt(next)!;
      const whole = String.fromCodePoint(point);
      text += escapeLiteral(whole);
      next += whole.length;
    }
  }
}

export const classEscapes: Readonly<Record<string, string>> = {
  s: space,
  h: horizontalSpace,
  v: verticalSpace,
  b: '\\x08',
};
