/** Which searches are certain to be short, and that they are. */
import { describe, expect, test } from 'vitest';
import { translateRegex } from '../../src/expressions/index.ts';
import { safeLength } from '../../src/expressions/regex-cost.ts';

function safe(pattern: string, options = ''): number {
  return safeLength(translateRegex(pattern, options));
}

const longest = 2 ** 24;

describe('a search that is certain to be short', () => {
  test.each([
    ['^abc', ''],
    ['^abc$', 'i'],
    ['^\\d{4}-\\d{2}-\\d{2}$', ''],
    ['^(?:\\+1[-. ])?\\(?\\d{3}\\)?[-. ]?\\d{4}$', ''],
    ['^$', ''],
  ])('/%s/%s: on any input', (pattern, options) => {
    expect(safe(pattern, options)).toBe(longest);
  });

  test.each([
    ['', '', 5e5],
    ['abc', '', 5e5],
    ['^.*$', '', 5e5],
    ['^[a-z0-9]+(-[a-z0-9]+)*$', '', 5e5],
    ['^[a-z0-9]+(-[a-z0-9]+)*$', 'i', 5e5],
    ['^(a|b)*$', '', 5e5],
    ['(a|b)c', '', 5e5],
    ['^"(?:[^"\\\\]|\\\\.)*"$', '', 5e5],
    ['.*foo', '', 1500],
    ['(foo|bar)+', '', 1500],
    ['[a-z]+@[a-z]+\\.com', '', 1000],
    ['\\w+@\\w+\\.com', 'i', 1000],
    ['[äöü]+x', 'i', 1000],
    ['(\\w)\\s+x', '', 1000],
    ['.*a.*b', '', 100],
    ['(.*)\\1', '', 100],
  ])('/%s/%s: on %i characters and more', (pattern, options, length) => {
    expect(safe(pattern, options)).toBeGreaterThan(length);
    expect(safe(pattern, options)).toBeLessThan(longest);
  });

  test.each([
    ['^(a+)+$', ''],
    ['^(a*)*$', ''],
    ['^(\\w+\\s?)*$', ''],
    ['^(a|aa)+$', ''],
    ['^(a|A)+$', 'i'],
    ['^(k|\\x{212a})+$', 'i'],
    ['^(é+)+$', ''],
    ['^(\\p{L}+)+$', ''],
    ['^(.|ä)+$', ''],
    ['^(?:a?){30}b', ''],
    ['^(?:a{1,9}){1,9}$', ''],
    ['(?=(a+)+$)', ''],
    ['(?>(a+)+)b', ''],
    ['^(?:(.*)\\1)+$', ''],
    ['^\\w+([.-]?\\w+)*@', ''],
    [`${'('.repeat(251)}a${')'.repeat(251)}`, ''],
  ])('/%s/%s: on less than 40 characters', (pattern, options) => {
    expect(safe(pattern, options)).toBeLessThan(40);
  });

  test.each([
    ['^(a+)+$', 'a'],
    ['^(a|aa)+$', 'a'],
    ['^[a]+(b[a]+)*$', 'ab'],
    ['^(a|b)*$', 'ab'],
    ['a+b', 'a'],
    ['.*a.*b', 'a'],
    ['(.*)\\1x', 'a'],
    ['\\d+\\d+x', '1'],
    ['^(?:a?){8}b', 'a'],
    ['(?=(a+)+$)x', 'a'],
  ])('/%s/ ends soon on the worst input of its safe length', (pattern, repeated) => {
    const length = Math.min(safe(pattern), 1e6);
    const input = `${repeated.repeat(length).slice(0, length - 1)}!`;
    const start = process.cpuUsage().user;
    expect(translateRegex(pattern, '').test(input)).toBe(false);
    expect(process.cpuUsage().user - start).toBeLessThan(1_000_000);
  });
});
