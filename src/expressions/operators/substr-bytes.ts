import { MongoServerError } from '../../errors/index.ts';
import { coerceToUtf8, longOf } from '../coerce.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { bytesAsText, isNumber, type MaybeValue, typeName } from '../value.ts';

function wholeOf(value: MaybeValue, code: number, subject: string): bigint {
  if (value !== undefined && isNumber(value)) return longOf(value);
  throw new MongoServerError(
    code,
    `$substrBytes:  ${subject} must be a numeric type (is BSON type ${typeName(value)})`,
  );
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** `$substrBytes`: `[string, first byte, number of bytes]`, which must not cut a character. */
function define(name: '$substr' | '$substrBytes'): PlainOperator {
  return {
    kind: 'plain',
    name,
    arity: exactly(3),
    evaluate([text, from, count]) {
      const bytes = coerceToUtf8(text);
      const start = wholeOf(from, 16034, 'starting index');
      const length = Number(wholeOf(count, 16035, 'length'));
      const first = Number(start);
      if (first < 0) {
        throw new MongoServerError(
          50752,
          `$substrBytes: starting index must be non-negative (got: ${start})`,
        );
      }
      if (isContinuation(bytes[first])) {
        throw new MongoServerError(
          28656,
          '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.',
        );
      }
      const end = length < 0 ? bytes.length : Math.min(bytes.length, first + length);
      if (isContinuation(bytes[end])) {
        throw new MongoServerError(
          28657,
          '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.',
        );
      }
      return bytesAsText(bytes.subarray(Math.min(first, bytes.length), end));
    },
  };
}

export const substrBytes = define('$substrBytes');
/** `$substr`: the old name of `$substrBytes`. */
export const substr = define('$substr');
