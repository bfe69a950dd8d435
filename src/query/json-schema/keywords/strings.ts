import { BsonType, type RawValue } from '../../../bson/index.ts';
import { regexNode, regexTest } from '../../operators/regex.ts';
import { countOf, type Keyword, specifiedAs, textArgument } from '../keyword.ts';

/** Code points of a string: its bytes that continue none. */
function codePoints({ buffer, start, end }: RawValue): number {
  let count = 0;
  for (let at = start + 4; at < end - 1; at++) if ((buffer[at]! & 0xc0) !== 0x80) count++;
  return count;
}

function lengthLimit(name: 'minLength' | 'maxLength'): Keyword {
  return {
    name,
    parse(spec) {
      const limit = countOf(name, spec);
      return {
        name,
        isKept: (value) =>
          value.type !== BsonType.string ||
          (name === 'minLength' ? codePoints(value) >= limit : codePoints(value) <= limit),
        explain: (value) => ({
          ...specifiedAs(name, spec),
          reason: 'specified string length was not satisfied',
          consideredValue: value,
        }),
      };
    },
  };
}

export const minLength = lengthLimit('minLength');
export const maxLength = lengthLimit('maxLength');

/** `pattern`: a regular expression, found anywhere in the string. */
export const pattern: Keyword = {
  name: 'pattern',
  parse(spec) {
    const test = regexTest(regexNode('', textArgument('pattern', spec), ''));
    return {
      name: 'pattern',
      isKept: ({ buffer, type, start }) => type !== BsonType.string || test(buffer, type, start),
      explain: (value) => ({
        ...specifiedAs('pattern', spec),
        reason: 'regular expression did not match',
        consideredValue: value,
      }),
    };
  },
};
