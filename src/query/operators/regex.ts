/**
 * `$regex`, `$options` and regular expression values. Strings and symbols are searched; a stored
 * regular expression matches one that is equal to it.
 */
import { BsonType, cstringEnd, type RawValue, readInt32 } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { BoundedRegex, translateRegex } from '../../expressions/index.ts';
import type { RegexNode, ValueTest } from '../filter-node.ts';
import { literalPrefix } from './regex-prefix.ts';

/** MongoDB's limit for PCRE2. */
const patternBytesMax = 16_384;

export function regexNode(path: string, pattern: string, options: string): RegexNode {
  if (pattern.includes('\0')) {
    throw new MongoServerError(
      'BadValue',
      'Regular expression cannot contain an embedded null byte',
    );
  }
  for (const option of options) {
    if (!'imsxu'.includes(option)) {
      throw new MongoServerError(51108, `invalid flag in regex options: ${option}`);
    }
  }
  if (Buffer.byteLength(pattern) > patternBytesMax) {
    throw new MongoServerError(
      51091,
      'Regular expression is invalid: regular expression is too large',
    );
  }
  const regex = new BoundedRegex(translateRegex(pattern, options));
  return { kind: 'regex', path, pattern, options, regex, ...literalPrefix(pattern, options) };
}

/** Pattern and options of a regular expression value. */
export function readRegex(value: RawValue): { pattern: string; options: string } {
  const patternEnd = cstringEnd(value.buffer, value.start);
  const optionsEnd = cstringEnd(value.buffer, patternEnd + 1);
  return {
    pattern: value.buffer.toString('utf8', value.start, patternEnd),
    options: value.buffer.toString('utf8', patternEnd + 1, optionsEnd),
  };
}

export function regexLiteral(path: string, value: RawValue): RegexNode {
  const { pattern, options } = readRegex(value);
  return regexNode(path, pattern, options);
}

export function regexTest({ pattern, options, regex }: RegexNode): ValueTest {
  const patternBytes = Buffer.from(`${pattern}\0${options}\0`);
  return (buffer, type, start) => {
    if (type === BsonType.string || type === BsonType.symbol) {
      const length = readInt32(buffer, start) - 1;
      return regex.test(buffer.toString('utf8', start + 4, start + 4 + length), '$regex');
    }
    if (type !== BsonType.regex) return false;
    for (let i = 0; i < patternBytes.length; i++) {
      if (buffer[start + i] !== patternBytes[i]) return false;
    }
    return true;
  };
}
