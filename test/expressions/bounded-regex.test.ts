/** Searches that would not end, end with an error; and the same patterns still find what they should. */
import { describe, expect, test } from 'vitest';
import { MongoServerError } from '../../src/errors/index.ts';
import { BoundedRegex, translateRegex } from '../../src/expressions/index.ts';

function bounded(pattern: string, options = ''): BoundedRegex {
  return new BoundedRegex(translateRegex(pattern, options));
}

function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof MongoServerError) return `${error.code} ${error.message}`;
    throw error;
  }
}

function failure(reason: string): string {
  return `51156 Error occurred while executing the regular expression in $op. Result code: ${reason}`;
}

/** pattern, options, an input without end, one that matches, one that does not */
const runaways: readonly (readonly [string, string, string, string, string])[] = [
  ['^(a+)+$', '', `${'a'.repeat(40)}!`, 'a'.repeat(40), 'b'.repeat(40)],
  ['^(A+)+$', 'i', `${'a'.repeat(40)}!`, 'aA'.repeat(20), 'b'.repeat(40)],
  ['^(é+)+$', '', `${'é'.repeat(40)}!`, 'é'.repeat(40), 'e'.repeat(40)],
  ['^(É+)+$', 'i', `${'é'.repeat(40)}!`, 'é'.repeat(40), 'e'.repeat(40)],
  ['^(😀+)+$', '', `${'😀'.repeat(40)}!`, '😀'.repeat(40), '😁'.repeat(40)],
  ['^(\\w+\\s?)*$', '', `${'abcd '.repeat(20)}!`, 'abcd '.repeat(20), '!'.repeat(40)],
  ['^(a|aa)+$', '', `${'a'.repeat(60)}!`, 'a'.repeat(60), 'b'.repeat(60)],
  ['^(a|b|ab)*c', 'x', 'ab'.repeat(60), `${'ab'.repeat(60)}c`, 'd'.repeat(60)],
  ['^.*.*.*.*.*x$', 's', 'a\n'.repeat(2000), `${'a\n'.repeat(200)}x`, ''],
  ['^(?:.*\\n)*(?:.*\\n)*(?:.*\\n)*(?:.*\\n)*x$', 'm', 'a\n'.repeat(3000), 'a\nx', 'a\n'],
  ['\\d+\\d+\\d+x', '', '1'.repeat(1e6), `${'1'.repeat(1e6)}x`, 'x'.repeat(100)],
  ['(.*)\\1\\1y', '', 'x'.repeat(1e5), 'abababy', 'z'.repeat(20)],
  ['^(?=(a+)+$)', '', `${'a'.repeat(40)}!`, 'a'.repeat(40), 'b'.repeat(40)],
  ['^(?!(a+)+$).', '', `${'a'.repeat(40)}!`, 'b'.repeat(40), 'a'.repeat(40)],
];

describe('a search', () => {
  test.each(runaways)('of /%s/%s ends', (pattern, options, endless, found, notFound) => {
    const regex = bounded(pattern, options);
    expect(outcome(() => regex.test(endless, '$op'))).toBe(failure('match limit exceeded'));
    // The thread goes on, and so does the expression.
    expect(outcome(() => regex.test(found, '$op'))).toBe(true);
    expect(outcome(() => regex.test(notFound, '$op'))).toBe(false);
  });

  test('for the first or for all matches ends too', () => {
    const regex = bounded('(a+)+b');
    const endless = 'a'.repeat(60);
    expect(outcome(() => regex.find(endless, '$op'))).toBe(failure('match limit exceeded'));
    expect(outcome(() => regex.findAll(endless, '$op'))).toBe(failure('match limit exceeded'));
    expect(regex.find('xxxxxxxxxxxxaab', '$op')).toMatchObject({ 0: 'aab', index: 12 });
    const all = regex.findAll('aab xxxxxxxxxxxx ab', '$op');
    expect(all.map((found) => [found[0], found[1], found.index])).toEqual([
      ['aab', 'aa', 0],
      ['ab', 'a', 17],
    ]);
  });

  test('goes on where a busy machine gives it no time', () => {
    const still = new Int32Array(new SharedArrayBuffer(4));
    class StandingStill extends RegExp {
      override test(input: string): boolean {
        Atomics.wait(still, 0, 0, 300);
        return super.test(input);
      }
    }
    const regex = new BoundedRegex(new StandingStill('^(a+)+$', 'u'));

    expect(outcome(() => regex.test('a'.repeat(40), '$op'))).toBe(true);
  });

  test('that needs too much memory is an error', () => {
    const result = outcome(() => bounded('^(a|b)*$').test('ab'.repeat(3e6), '$op'));
    // Which of the two comes first depends on the machine.
    expect([failure('heap limit exceeded'), failure('match limit exceeded')]).toContain(result);
  });

  test.each([
    ['.*foo', '', true],
    ['.*foo.*', '', true],
    ['.*?foo.*?', 's', true],
    ['.*foo|bar.*', '', true],
    ['.*fox.*', '', false],
    ['.*', '', true],
    ['.*\\.*', '', true],
    ['.*o\\[.*', '', false],
  ])('/%s/%s: any text at the ends costs nothing', (pattern, options, expected) => {
    const input = `${'x'.repeat(16e6)}foo${'y'.repeat(1000)}`;
    expect(bounded(pattern, options).test(input, '$op')).toBe(expected);
  });

  test('finds the place of a match whose ends are any text', () => {
    expect(bounded('.*o').find('\nfoo!', '$op')).toMatchObject({ 0: 'foo', index: 1 });
    expect(bounded('o.*').find('foo!\n', '$op')).toMatchObject({ 0: 'oo!', index: 1 });
  });
});
