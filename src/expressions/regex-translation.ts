/**
 * PCRE2 patterns as JavaScript regular expressions of the same meaning (flag u, sometimes i).
 *
 * Rewritten are: `.`, `^`, `$` and the options m, s, x; inline options; `\A \z \Z \h \v \R \N \Q..\E`,
 * `\x{..}`; POSIX classes; `(?P<n>..)`, `(?P=n)`, `(?'n'..)`; comments; atomic groups and possessive
 * quantifiers (a lookahead that captures, and a reference to it); an option i that begins or ends inside
 * the pattern (its letters in both cases); `(*UTF)` and `(*UCP)`; `\K` (an empty group). Refused are
 * recursion, conditionals, `\G`, `\X` and branch reset.
 */
import { MongoServerError } from '../errors/index.ts';
import { anyCase, anyCaseClass } from './regex-case.ts';
import { asciiClasses, classEscapes, type PosixClasses, translateClass } from './regex-class.ts';
import {
  type Escape,
  escapeLiteral,
  horizontalSpace,
  RegexError,
  readCommonEscape,
  space,
  verticalSpace,
} from './regex-escape.ts';
import { hasOpenLookbehind } from './regex-lookbehind.ts';
import {
  unicodeClassEscapes,
  unicodeEscapes,
  unicodeNegatedPosix,
  unicodePosix,
} from './regex-unicode.ts';

export function translateRegex(pattern: string, options: string): RegExp {
  try {
    try {
      return new Translation(pattern, options, false).regex();
    } catch (error) {
      if (!(error instanceof CaseChanges)) throw error;
      return new Translation(pattern, options, true).regex();
    }
  } catch (error) {
    if (!(error instanceof RegexError || error instanceof SyntaxError)) throw error;
    throw new MongoServerError(51091, `Regular expression is invalid: ${error.message}`);
  }
}

/** The option i begins or ends inside the pattern: letters must be spelled out. */
class CaseChanges extends Error {}

interface Options {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
  extended: boolean;
}

interface Group {
  /** Where its output begins. */
  readonly output: number;
  readonly outer: Options;
  /** Written behind the closing parenthesis. */
  readonly suffix: string;
}

/** Names of groups that the pattern itself has not: in the place of `\K`, and of atomic groups. */
export const keepName = /^keep\d+_$/;
export const atomicName = /^atomic\d+_$/;
const endOrLastNewline = '(?=\\n?$)';

class Translation {
  readonly #pattern: string;
  #at = 0;
  readonly #out: string[] = [];
  /** Where the last atom begins in the output: what a quantifier is about. */
  #atom = -1;
  readonly #groups: Group[] = [];
  #options: Options;
  /** Letters of any case are spelled out; else the flag i says it of the whole. */
  readonly #isSpelled: boolean;
  /** Behind `(*UCP)`. */
  #isUnicode = false;
  /** The JavaScript number of each group of the pattern. */
  readonly #numbers: number[] = [0];
  #made = 0;
  #atomics = 0;
  #keeps = 0;

  constructor(pattern: string, options: string, isSpelled: boolean) {
    this.#pattern = pattern;
    this.#isSpelled = isSpelled;
    this.#options = {
      ignoreCase: options.includes('i'),
      multiline: options.includes('m'),
      dotAll: options.includes('s'),
      extended: options.includes('x'),
    };
  }

  regex(): RegExp {
    this.#startOptions();
    while (this.#at < this.#pattern.length) this.#next();
    if (this.#groups.length > 0) throw new RegexError('missing closing parenthesis');
    const source = this.#out.join('').replace(/\\\uFFFF(\d+);/g, (_whole, number: string) => {
      const made = this.#numbers[Number(number)];
      if (made === undefined) throw new RegexError('reference to non-existent subpattern');
      return `(?:\\${made})`;
    });
    if (hasOpenLookbehind(source)) throw new RegexError('lookbehind assertion is not fixed length');
    return new RegExp(source, this.#options.ignoreCase && !this.#isSpelled ? 'iu' : 'u');
  }

  /** `(*UTF)` and `(*UCP)`; text is Unicode in any case. */
  #startOptions(): void {
    const option = /\(\*(UTF8?|UCP)\)/y;
    for (
      let match = option.exec(this.#pattern);
      match !== null;
      match = option.exec(this.#pattern)
    ) {
      this.#at = option.lastIndex;
      if (match[1] === 'UCP') this.#isUnicode = true;
    }
  }

  get #spells(): boolean {
    return this.#isSpelled && this.#options.ignoreCase;
  }

  #emitAtom(text: string): void {
    this.#atom = this.#out.length;
    this.#out.push(text);
  }

  #emitCharacter(char: string): void {
    this.#emitAtom(this.#spells ? anyCase(char) : escapeLiteral(char));
  }

  /** What the text of an earlier group is found by again. */
  #emitReference(text: string): void {
    if (this.#spells) {
      throw new RegexError('a back reference under an option i that begins inside a pattern');
    }
    this.#emitAtom(text);
  }

  #next(): void {
    const pattern = this.#pattern;
    const char = pattern[this.#at]!;
    switch (char) {
      case '\\':
        this.#escape();
        return;
      case '[': {
        const read = translateClass(
          pattern,
          this.#at,
          this.#isUnicode ? unicodeClasses : asciiClasses,
          (at) => this.#classEscape(at),
        );
        this.#emitAtom(this.#spells ? anyCaseClass(read.text) : read.text);
        this.#at = read.next;
        return;
      }
      case '(':
        this.#open();
        return;
      case ')':
        this.#close();
        return;
      case '|':
        this.#out.push('|');
        this.#atom = -1;
        this.#at++;
        return;
      case '.':
        this.#emitAtom(this.#options.dotAll ? '[^]' : '[^\\n]');
        this.#at++;
        return;
      case '^':
        this.#emitAtom(this.#options.multiline ? '(?<![^\\n])' : '^');
        this.#at++;
        return;
      case '$':
        this.#emitAtom(this.#options.multiline ? '(?![^\\n])' : endOrLastNewline);
        this.#at++;
        return;
      default:
        if ('*+?{'.includes(char) && this.#quantifier()) return;
        this.#literal(char);
    }
  }

  #literal(char: string): void {
    if (this.#options.extended) {
      if (/\s/.test(char)) {
        this.#at++;
        return;
      }
      if (char === '#') {
        const end = this.#pattern.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#pattern.length : end + 1;
        return;
      }
    }
    const whole = String.fromCodePoint(this.#pattern.codePointAt(this.#at)!);
    this.#emitCharacter(whole);
    this.#at += whole.length;
  }

  /** False when a brace is no quantifier but itself. */
  #quantifier(): boolean {
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})([+?]?)/.exec(
      this.#pattern.slice(this.#at, this.#at + 24),
    );
    if (match === null) return false;
    if (this.#atom < 0) throw new RegexError('quantifier does not follow a repeatable item');
    const [whole, kind] = match;
    this.#at += whole.length;
    if (kind !== '+') this.#out.push(whole);
    else {
      const name = this.#atomicName();
      this.#out[this.#atom] = `(?:(?=(?<${name}>${this.#out[this.#atom]!}`;
      this.#out.push(`${whole.slice(0, -1)}))\\k<${name}>)`);
      this.#countGroupAt(this.#atom);
    }
    this.#atom = -1;
    return true;
  }

  #atomicName(): string {
    return `atomic${this.#atomics++}_`;
  }

  /** A capturing group put in at a place of the output: groups of the pattern behind it move on. */
  #countGroupAt(output: number): void {
    const inside = this.#out.slice(output + 1).join('');
    const opened = (inside.match(/\((?!\?)|\(\?<(?![=!])/g) ?? []).length;
    const first = (this.#out[output]!.slice(4).match(/\((?!\?)|\(\?<(?![=!])/g) ?? []).length - 1;
    this.#made++;
    const moved = opened + Math.max(0, first);
    for (let i = this.#numbers.length - moved; i < this.#numbers.length; i++) {
      if (i > 0) this.#numbers[i] = this.#numbers[i]! + 1;
    }
  }

  #open(): void {
    const rest = this.#pattern.slice(this.#at);
    const push = (text: string, length: number, suffix = ')'): void => {
      this.#groups.push({ output: this.#out.length, outer: { ...this.#options }, suffix });
      this.#out.push(text);
      this.#atom = -1;
      this.#at += length;
    };
    if (!rest.startsWith('(?')) {
      if (rest.startsWith('(*')) throw new RegexError('(*VERB) is not supported');
      this.#numbers.push(++this.#made);
      push('(', 1);
      return;
    }
    if (rest.startsWith('(?#')) {
      const end = rest.indexOf(')');
      if (end < 0) throw new RegexError('missing ) after (?# comment');
      this.#at += end + 1;
      return;
    }
    const plain = /^\(\?(?:[:=!]|<[=!])/.exec(rest);
    if (plain !== null) {
      push(plain[0], plain[0].length);
      return;
    }
    const named = /^\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
    if (named !== null) {
      this.#numbers.push(++this.#made);
      push(`(?<${named[1] ?? named[2]!}>`, named[0].length);
      return;
    }
    const reference = /^\(\?P=([A-Za-z_]\w*)\)/.exec(rest);
    if (reference !== null) {
      this.#emitReference(`\\k<${reference[1]!}>`);
      this.#at += reference[0].length;
      return;
    }
    if (rest.startsWith('(?>')) {
      const name = this.#atomicName();
      this.#made++;
      push(`(?:(?=(?<${name}>`, 3, `))\\k<${name}>)`);
      return;
    }
    this.#inlineOptions(rest, push);
  }

  #inlineOptions(rest: string, push: (text: string, length: number) => void): void {
    const match = /^\(\?([imsx]*)(?:-([imsx]*))?([:)])/.exec(rest);
    if (match === null) throw new RegexError('unrecognized or unsupported group after (?');
    const [whole, on = '', off = '', end] = match;
    const isAtStart = this.#out.length === 0 && end === ')';
    if (end === ':') push('(?:', whole.length);
    else this.#at += whole.length;
    const ignoreCase = (this.#options.ignoreCase || on.includes('i')) && !off.includes('i');
    if (ignoreCase !== this.#options.ignoreCase && !this.#isSpelled && !isAtStart) {
      throw new CaseChanges();
    }
    this.#options = {
      ignoreCase,
      multiline: (this.#options.multiline || on.includes('m')) && !off.includes('m'),
      dotAll: (this.#options.dotAll || on.includes('s')) && !off.includes('s'),
      extended: (this.#options.extended || on.includes('x')) && !off.includes('x'),
    };
  }

  #close(): void {
    const group = this.#groups.pop();
    if (group === undefined) throw new RegexError('unmatched closing parenthesis');
    // One piece, so that a quantifier behind it is about the whole group.
    const inside = this.#out.splice(group.output).join('');
    this.#emitAtom(`${inside}${group.suffix}`);
    this.#options = group.outer;
    this.#at++;
  }

  #escape(): void {
    const pattern = this.#pattern;
    const rest = pattern.slice(this.#at + 1);
    if (rest[0] === 'Q') {
      const end = pattern.indexOf('\\E', this.#at + 2);
      const text = pattern.slice(this.#at + 2, end < 0 ? undefined : end);
      for (const char of text) this.#emitCharacter(char);
      this.#at = end < 0 ? pattern.length : end + 2;
      return;
    }
    const reference = /^(?:([1-9]\d?)|g\{?([1-9]\d?)\}?)/.exec(rest);
    if (reference !== null) {
      this.#emitReference(`\\\uFFFF${reference[1] ?? reference[2]!};`);
      this.#at += 1 + reference[0].length;
      return;
    }
    const name = /^k(?:<(\w+)>|\{(\w+)\}|'(\w+)')/.exec(rest);
    if (name !== null) {
      this.#emitReference(`\\k<${name[1] ?? name[2] ?? name[3]!}>`);
      this.#at += 1 + name[0].length;
      return;
    }
    if (rest[0] === 'K') {
      this.#made++;
      this.#emitAtom(`(?<keep${this.#keeps++}_>)`);
      this.#at += 2;
      return;
    }
    const simple = this.#simpleEscape(rest[0]);
    if (simple !== undefined) {
      this.#emitAtom(simple);
      this.#at += 2;
      return;
    }
    const common = readCommonEscape(pattern, this.#at);
    if (common === undefined) {
      throw new RegexError(`unrecognized or unsupported character follows \\: ${rest[0]}`);
    }
    const code = this.#spells ? /^\\u\{([0-9a-f]+)\}$/.exec(common.text) : null;
    if (code === null) this.#emitAtom(common.text);
    else this.#emitCharacter(String.fromCodePoint(Number.parseInt(code[1]!, 16)));
    this.#at = common.next;
  }

  #simpleEscape(letter: string | undefined): string | undefined {
    if (letter === undefined) return undefined;
    const unicode = this.#isUnicode ? unicodeEscapes[letter] : undefined;
    return unicode ?? simpleEscapes[letter];
  }

  #classEscape(at: number): Escape {
    const char = this.#pattern[at + 1] ?? '';
    const unicode = this.#isUnicode ? unicodeClassEscapes[char] : undefined;
    if (unicode !== undefined) return { text: unicode, next: at + 2 };
    const known = Object.hasOwn(classEscapes, char) ? classEscapes[char] : undefined;
    if (known !== undefined) return { text: known, next: at + 2 };
    if (char === 'S') return { text: '\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}', next: at + 2 };
    const common = readCommonEscape(this.#pattern, at);
    if (common === undefined) {
      throw new RegexError('escape sequence is invalid in character class');
    }
    return common;
  }
}

const unicodeClasses: PosixClasses = { named: unicodePosix, negated: unicodeNegatedPosix };

const simpleEscapes: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: endOrLastNewline,
  b: '\\b',
  B: '\\B',
  s: `[${space}]`,
  S: `[^${space}]`,
  h: `[${horizontalSpace}]`,
  H: `[^${horizontalSpace}]`,
  v: `[${verticalSpace}]`,
  V: `[^${verticalSpace}]`,
  N: '[^\\n]',
  R: `(?:\\r\\n|[${verticalSpace}])`,
};
