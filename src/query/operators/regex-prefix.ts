/** What every match of an anchored pattern starts with, as the server finds it for index bounds. */
export function literalPrefix(
  pattern: string,
  options: string,
): { prefix: string | undefined; prefixIsExact: boolean } {
  const none = { prefix: undefined, prefixIsExact: false };
  if (options.includes('i') || options.includes('x')) return none;
  let rest: string;
  if (pattern.startsWith('\\A')) rest = pattern.slice(2);
  else if (pattern.startsWith('^') && !options.includes('m')) rest = pattern.slice(1);
  else return none;
  // An alternative need not start as the first one does.
  if (pattern.includes('|')) return none;
  let prefix = '';
  for (let at = 0; at < rest.length; ) {
    let char = rest[at]!;
    let length = 1;
    if (char === '\\') {
      char = rest[at + 1] ?? '';
      if (char === '' || /[A-Za-z0-9]/.test(char)) return found(prefix, false);
      length = 2;
    } else if ('.[({^$)'.includes(char)) {
      return found(prefix, char === '.' && rest.slice(at) === '.*' && options.includes('s'));
    } else if ('*?+'.includes(char)) {
      return found(prefix, false);
    }
    const next = rest[at + length];
    if (next === '*' || next === '?' || next === '{') return found(prefix, false);
    prefix += char;
    at += length;
  }
  return found(prefix, true);

  function found(text: string, prefixIsExact: boolean) {
    // A cut in the middle of a surrogate pair is no prefix of UTF-8 bytes.
    const whole = /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
    return whole === '' ? none : { prefix: whole, prefixIsExact };
  }
}
