import { MongoServerError } from '../../errors/index.ts';
import { coerceToUtf8, wholeNumberOf } from '../coerce.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { textValue, typeName } from '../value.ts';

/** `$substrCP`: `[string, first code point, number of code points]`. */
export const substrCP: PlainOperator = {
  kind: 'plain',
  name: '$substrCP',
  arity: exactly(3),
  evaluate([text, from, count]) {
    const string = coerceToUtf8(text).toString();
    const first = wholeNumberOf(from);
    if (first === undefined) {
      throw new MongoServerError(
        34450,
        `$substrCP: starting index must be a numeric type (is BSON type ${typeName(from)})`,
      );
    }
    const length = wholeNumberOf(count);
    if (length === undefined) {
      throw new MongoServerError(
        34452,
        `$substrCP: length must be a numeric type (is BSON type ${typeName(count)})`,
      );
    }
    if (length < 0) {
      throw new MongoServerError(34454, '$substrCP: length must be a nonnegative integer.');
    }
    if (first < 0) {
      throw new MongoServerError(
        34455,
        '$substrCP: the starting index must be nonnegative integer.',
      );
    }
    return textValue([...string].slice(first, first + length).join(''));
  },
};
