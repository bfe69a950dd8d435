import { BSONRegExp } from 'bson';
import { describe, expect, it } from 'vitest';
import { filterOf, matches, outcome } from './documents.ts';

/** pattern, options, text, does it match? */
const rows: readonly (readonly [string, string, string, boolean])[] = [
  ['abc', '', 'xabcx', true],
  ['^abc', '', 'xabc', false],
  ['ABC', 'i', 'xabc', true],
  ['(?i)ABC', '', 'xabc', true],
  ['a.c', '', 'a\nc', false],
  ['a.c', 's', 'a\nc', true],
  ['a.c', '', 'a\rc', true],
  ['(?s)a.c', '', 'a\nc', true],
  ['^b', '', 'a\nb', false],
  ['^b', 'm', 'a\nb', true],
  ['a$', '', 'a\n', true],
  ['a$', '', 'a\nb', false],
  ['a$', 'm', 'a\nb', true],
  ['\\Ab', 'm', 'a\nb', false],
  ['a\\z', '', 'a\n', false],
  ['a\\Z', '', 'a\n', true],
  ['a\\hb', '', 'a\tb', true],
  ['a\\Rb', '', 'a\r\nb', true],
  ['a b # comment', 'x', 'ab', true],
  ['[[:alpha:]]+1', '', 'ab1', true],
  ['^[[:digit:][:upper:]]+$', '', '1A', true],
  ['^[^[:space:]]+$', '', 'a b', false],
  ['\\Qa.b\\E', '', 'a.b', true],
  ['\\Qa.b\\E', '', 'axb', false],
  ['a\\-b\\@c', '', 'a-b@c', true],
  ['a{', '', 'a{', true],
  ['[]a]', '', ']', true],
  ['(?P<x>a)(?P=x)', '', 'aa', true],
  ['(a)\\1', '', 'aa', true],
  ['(a)\\1', '', 'ab', false],
  ['a++a', '', 'aaa', false],
  ['a++b', '', 'aaab', true],
  ['(?>a+)a', '', 'aaa', false],
  ['(?>a+)(b)\\1', '', 'aabb', true],
  ['(?#note)a', '', 'a', true],
  ['\\x{41}\\x42', '', 'AB', true],
  ['\\p{Lu}', '', 'Ä', true],
  ['^.$', '', '😀', true],
  ['(?:a|b)c', '', 'bc', true],
  ['(?<=a)b', '', 'ab', true],
  ['\\d{2,3}', '', '12', true],
  ['a{2}+b', '', 'aab', true],
  ['x*+', '', '', true],
  // The option i may begin and end inside.
  ['^(?i)abc$', '', 'aBC', true],
  ['a(?i)bc', '', 'ABC', false],
  ['a(?i)bc', '', 'aBC', true],
  ['(?i)a(?-i)bc', '', 'Abc', true],
  ['(?i)a(?-i)bc', '', 'aBC', false],
  ['(?i:ab)c', '', 'ABc', true],
  ['(?i:ab)c', '', 'abC', false],
  ['a(?-i:b)c', 'i', 'AbC', true],
  ['a(?-i:b)c', 'i', 'ABC', false],
  ['x(?i:[a-c]+)', '', 'xABC', true],
  ['x(?i:[^a-c])', '', 'xA', false],
  ['x(?i:[^a-c])', '', 'xD', true],
  ['x(?i:ä\\x{df})', '', 'xÄẞ', true],
  ['x(?i:k)', '', 'x\u212a', true],
  ['x(?i:\\Qa.\\E)', '', 'xA.', true],
  ['x(?i:a|(b))c', '', 'xBc', true],
  // What begins a match anew does not end it.
  ['foo\\Kbar', '', 'foobar', true],
  ['foo\\Kbar', '', 'bar', false],
  // Classes are those of ASCII, unless the pattern begins otherwise.
  ['(*UTF)^.ä$', '', '😀ä', true],
  ['^\\w+$', '', 'é', false],
  ['(*UCP)^\\w+$', '', 'é٣_', true],
  ['(*UTF8)(*UCP)^\\W[\\W]$', '', '-é', false],
  ['(*UCP)^\\W[\\W]$', '', '-‿', true],
  ['^\\d$', '', '٣', false],
  ['(*UCP)^\\d[\\d-]$', '', '٣-', true],
  ['(*UCP)^\\D$', '', '٣', false],
  ['\\bb', '', 'öb', true],
  ['(*UCP)\\bb', '', 'öb', false],
  ['(*UCP)ö\\Bb', '', 'öb', true],
  ['(*UCP)^\\s\\S$', '', '\u2003é', true],
  ['(*UCP)^[\\S]$', '', '\u2003', false],
  ['(*UCP)^[[:alpha:]][[:^alpha:]]$', '', 'é1', true],
  ['(*UCP)^[[:upper:][:punct:]]+$', '', 'É«', true],
];

describe('a regular expression', () => {
  for (const [pattern, options, text, expected] of rows) {
    it(`/${pattern}/${options} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      expect(matches({ a: { $regex: pattern, $options: options } }, { a: text })).toBe(expected);
    });
  }

  it('matches the same regular expression as a value', () => {
    const stored = { a: new BSONRegExp('a', 'i') };
    expect(matches({ a: new BSONRegExp('a', 'i') }, stored)).toBe(true);
    expect(matches({ a: new BSONRegExp('a', '') }, stored)).toBe(false);
  });

  for (const [pattern, options, code] of [
    ['a'.repeat(16_385), '', 51091],
    ['(', '', 51091],
    ['[a', '', 51091],
    ['*', '', 51091],
    ['a)', '', 51091],
    ['(?R)', '', 51091],
    ['(a)(?(1)b)', '', 51091],
    ['(a)(?i)\\1', '', 51091],
    ['a', 'z', 51108],
    ['a\0', '', 2],
  ] as const) {
    it(`/${JSON.stringify(pattern)}/${options} is refused with ${code}`, () => {
      const result = outcome(() => filterOf({ a: { $regex: pattern, $options: options } }));
      expect(result).toMatchObject({ code });
    });
  }

  it.each([
    ['^abc', '', 'abc', true],
    ['^abc', 'i', undefined, false],
    ['^ab*', '', 'a', false],
    ['^a\\.b', '', 'a.b', true],
    ['^a.*', '', 'a', false],
    ['^a|b', '', undefined, false],
    ['abc', '', undefined, false],
    ['^abc$', '', 'abc', false],
  ])('/%s/%s has the prefix %s', (pattern, options, prefix, prefixIsExact) => {
    const { root } = filterOf({ a: { $regex: pattern, $options: options } });
    expect(root).toMatchObject({ kind: 'regex', prefix, prefixIsExact });
  });
});
