/**
 * How much work a backtracking search can be at most, as a function of the length n of its input.
 *
 * A pattern is deterministic when each character tells which of its parts comes next (one-unambiguous regular
 * languages, Brüggemann-Klein and Wood 1998): all other choices fail at once, and a try at one
 * place takes n steps. For the others the ways to try are counted: a repetition of one way has n lengths, a sequence
 * multiplies the ways of its parts, an alternation adds them, and a repetition of something with
 * w ways has w to the number of its rounds. That is a bound for the worst case, no estimate.
 */
import { type CharSet, charSet, noChars } from './regex-char-set.ts';

interface Part {
  /** Ways to match at one place, of at most `length` characters. */
  ways(length: number): number;
  /** The least number of characters that it takes. */
  readonly width: number;
  readonly isDeterministic: boolean;
  /** With which characters it begins. */
  readonly first: CharSet;
  /** With which characters it can go on where it could also end. */
  readonly more: CharSet;
}

/** Steps that take about 0.1 s at most. */
const stepsMax = 3e7;
/** A longer input than any that a document can hold. */
const lengthMax = 2 ** 24;
/** PCRE2's limit for parentheses in parentheses. */
const depthMax = 250;

/**
 * The longest input (in UTF-16 units) on which the search is certain to be short: 0 when there is none.
 * The regular expression has flag u.
 */
export function safeLength({ source, flags }: RegExp): number {
  const reader = new Reader(source, flags);
  const { ways, isDeterministic } = reader.alternatives(0);
  const isAnchored = source.startsWith('^') && !reader.hasAlternatives;
  const isSafe = (length: number): boolean =>
    (isDeterministic ? Math.min(length, ways(length)) : ways(length)) *
      source.length *
      (isAnchored ? 1 : length) <=
    stepsMax;
  if (isSafe(lengthMax)) return lengthMax;
  let safe = 0;
  for (let step = lengthMax / 2; step >= 1; step /= 2) if (isSafe(safe + step)) safe += step;
  return safe;
}

const empty: Part = {
  ways: () => 1,
  width: 0,
  isDeterministic: true,
  first: noChars,
  more: noChars,
};
const unbounded: Part = { ...empty, ways: () => Number.POSITIVE_INFINITY, isDeterministic: false };

class Reader {
  readonly #source: string;
  readonly #flags: string;
  #at = 0;
  /** Whether the pattern itself, outside of all groups, has more than one alternative. */
  hasAlternatives = false;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  alternatives(depth: number): Part {
    const all = [this.#sequence(depth)];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      all.push(this.#sequence(depth));
    }
    if (all.length === 1) return all[0]!;
    if (depth === 0) this.hasAlternatives = true;
    return alternation(all);
  }

  #sequence(depth: number): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) {
      const part = this.#quantified(this.#atom(depth));
      if (part !== empty) parts.push(part);
    }
    return parts.length < 2 ? (parts[0] ?? empty) : sequence(parts);
  }

  #quantified(part: Part): Part {
    const quantifier = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;
    quantifier.lastIndex = this.#at;
    const match = quantifier.exec(this.#source);
    if (match === null) return part;
    this.#at = quantifier.lastIndex;
    const [, sign, from, comma, to] = match;
    const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0;
    let most = Number.POSITIVE_INFINITY;
    if (sign === '?') most = 1;
    else if (from !== undefined && comma === undefined) most = least;
    else if (to) most = Number(to);
    return repetition(part, least, most);
  }

  #atom(depth: number): Part {
    if (this.#source[this.#at] === '(') return this.#group(depth);
    const atom =
      /\[(?:\\[\s\S]|[^\]\\])*\]|\\u\{[^}]*\}|\\u[\da-f]{4}|\\p\{[^}]*\}|\\x..|\\c.|\\k<[^>]*>|\\\d+|\\[\s\S]|[\s\S]/iuy;
    atom.lastIndex = this.#at;
    const text = atom.exec(this.#source)![0];
    this.#at = atom.lastIndex;
    if (text === '^' || text === '$' || text === '\\b' || text === '\\B') return empty;
    // It is compared with a text of any length.
    if (/^\\(?:k<|[1-9])/.test(text)) {
      return { ...unbounded, ways: (length) => Math.max(1, length) };
    }
    return { ...empty, width: 1, first: charSet(text, this.#flags) };
  }

  #group(depth: number): Part {
    if (depth === depthMax) {
      this.#at = this.#source.length;
      return unbounded;
    }
    const opening = /\((\?(?:<?[=!]|:|<[^>]*>))?/y;
    opening.lastIndex = this.#at;
    const kind = opening.exec(this.#source)![1];
    this.#at = opening.lastIndex;
    const inside = this.alternatives(depth + 1);
    this.#at++;
    if (kind === undefined || !/[=!]$/.test(kind)) return inside;
    // What looks around takes nothing, but its own work.
    if (inside.ways(lengthMax) <= 2) return empty;
    return { ...unbounded, ways: inside.ways };
  }
}

function alternation(parts: readonly Part[]): Part {
  let isDeterministic = true;
  let first = noChars;
  let more = noChars;
  for (const part of parts) {
    isDeterministic &&= part.isDeterministic && (first & part.first) === noChars;
    first |= part.first;
    more |= part.more;
  }
  return {
    ways: (length) => parts.reduce((sum, { ways }) => sum + ways(length), 0),
    width: Math.min(...parts.map(({ width }) => width)),
    isDeterministic,
    first,
    more,
  };
}

function sequence(parts: readonly Part[]): Part {
  let isDeterministic = true;
  let first = noChars;
  let more = noChars;
  let width = 0;
  for (const part of parts) {
    isDeterministic &&= part.isDeterministic && (more & part.first) === noChars;
    if (width === 0) first |= part.first;
    more = part.width === 0 ? more | part.more | part.first : part.more;
    width += part.width;
  }
  return {
    ways: (length) => parts.reduce((product, { ways }) => product * ways(length), 1),
    width,
    isDeterministic,
    first,
    more,
  };
}

function repetition(part: Part, least: number, most: number): Part {
  if (most === 0) return empty;
  const { width, first } = part;
  const more = least === most ? part.more : part.more | first;
  return {
    ways(length) {
      const ways = part.ways(length);
      const rounds = Math.min(most, width > 0 ? length / width : least + length);
      if (ways <= 1) return Math.max(1, rounds - least + 1);
      // The sum over the numbers of rounds, for two ways or more.
      return Math.max(1, 2 * ways ** rounds);
    },
    width: least * width,
    isDeterministic:
      part.isDeterministic && (most === 1 || (width > 0 && (part.more & first) === noChars)),
    first,
    more,
  };
}
