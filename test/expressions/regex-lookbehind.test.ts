/** Lookbehinds: what PCRE2 takes, and what only JavaScript would. */
import { describe, expect, it } from 'vitest';
import { translateRegex } from '../../src/expressions/index.ts';

describe('a lookbehind of one length in each alternative is taken', () => {
  it.each([
    '(?<=a)b',
    '(?<!ab|c)d',
    '(?<=a{3}[bc]\\d)x',
    '(?<=^|\\s)x',
    '(?<=\\bx)y',
    '(?<=(?:ab|cd)e)f',
    '(?<=(a)\\1)b',
    '(?<=(?>ab))c',
    '(?<=a(?=b*))b',
    '(?<=\\x{1F600})x',
    '(?<=[)+])x+',
    '(?m)^x',
  ])('%s', (pattern) => {
    expect(translateRegex(pattern, '')).toBeInstanceOf(RegExp);
  });
});

describe('a lookbehind of several lengths is refused', () => {
  const message = 'Regular expression is invalid: lookbehind assertion is not fixed length';

  it.each([
    '(?<=a+)b',
    '(?<!a?)b',
    '(?<=a{1,2})b',
    '(?<=a|b*)c',
    '(?<=ab(?:c|de))f',
    '(?<=(a*)\\1)b',
    'x(?:y(?<=z{2,}))',
  ])('%s', (pattern) => {
    expect(() => translateRegex(pattern, '')).toThrow(
      expect.objectContaining({ code: 51091, message }),
    );
  });
});
