/**
 * PCRE2 looks back by a fixed number of characters: each alternative of a lookbehind must match texts of
 * one length only (pcre2pattern, "Lookbehind assertions", as of PCRE2 10.42). JavaScript takes any.
 */

/** The number of characters a part matches; undefined when there are several. */
type Width = number | undefined;

/** Whether a lookbehind of a regular expression with flag u has an alternative of no fixed length. */
export function hasOpenLookbehind(source: string): boolean {
  if (!/\(\?<[=!]/.test(source)) return false;
  const reader = new Reader(source);
  reader.alternatives();
  return reader.isOpen;
}

const escapeSequence =
  /\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c.|k<([^>]*)>|([1-9]\d*)|[\s\S])/uy;
const characterClass = /\[(?:\\[\s\S]|[^\]\\])*\]/uy;
const group = /\((?:\?(?::|(<?[=!])|<([^>]*)>))?/uy;
const quantifier = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/uy;

class Reader {
  readonly #source: string;
  #at = 0;
  /** Widths of the groups there are, by name and by number. */
  readonly #groups = new Map<string, Width>();
  #captures = 0;
  isOpen = false;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(isLookbehind = false): Width {
    let width = this.#sequence(isLookbehind);
    while (this.#source[this.#at] === '|') {
      this.#at++;
      if (this.#sequence(isLookbehind) !== width) width = undefined;
    }
    return width;
  }

  #sequence(isLookbehind: boolean): Width {
    let total: Width = 0;
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) {
      const width = this.#quantified(this.#atom());
      total = total === undefined || width === undefined ? undefined : total + width;
    }
    if (isLookbehind && total === undefined) this.isOpen = true;
    return total;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #atom(): Width {
    const escaped = this.#take(escapeSequence);
    if (escaped !== null) {
      const [text, name, number] = escaped;
      if (text === '\\b' || text === '\\B') return 0;
      const reference = name ?? number;
      return reference === undefined ? 1 : this.#groups.get(reference);
    }
    if (this.#take(characterClass) !== null) return 1;
    const opened = this.#take(group);
    if (opened !== null) return this.#group(opened);
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.#at += char.length;
    return char === '^' || char === '$' ? 0 : 1;
  }

  #group([text, assertion, name]: RegExpExecArray): Width {
    const number = text === '(' || name !== undefined ? ++this.#captures : undefined;
    const width = this.alternatives(assertion?.startsWith('<'));
    this.#at++;
    if (number !== undefined) this.#groups.set(String(number), width);
    if (name !== undefined) this.#groups.set(name, width);
    return assertion === undefined ? width : 0;
  }

  #quantified(width: Width): Width {
    const found = this.#take(quantifier);
    if (found === null || width === 0) return width;
    const [, sign, least, comma, most] = found;
    const isOne = sign === undefined && (comma === '' || least === most);
    return isOne && width !== undefined ? width * Number(least) : undefined;
  }
}
