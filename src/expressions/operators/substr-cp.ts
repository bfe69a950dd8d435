import { MongoServerError } from '../../errors/index.ts';
import { coerceToUtf8, wholeNumberOf } from '../coerce.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNumber, type MaybeValue, textValue, typeName } from '../value.ts';

/** `typeCode` for what is no number, the next one for what is no whole number of 32 bits. */
function wholeOf(value: MaybeValue, typeCode: number, subject: string): number {
  if (value === undefined || !isNumber(value)) {
    throw new MongoServerError(
      typeCode,
      `$substrCP: ${subject} must be a numeric type (is BSON type ${typeName(value)})`,
    );
  }
  const whole = wholeNumberOf(value);
  if (whole !== undefined) return whole;
  throw new MongoServerError(
    typeCode + 1,
    `$substrCP: ${subject} cannot be represented as a 32-bit integral value: ${coerceToUtf8(value)}`,
  );
}

/** `$substrCP`: `[string, first code point, number of code points]`. */
export const substrCP: PlainOperator = {
  kind: 'plain',
  name: '$substrCP',
  arity: exactly(3),
  evaluate([text, from, count]) {
    const string = coerceToUtf8(text).toString();
    const first = wholeOf(from, 34450, 'starting index');
    const length = wholeOf(count, 34452, 'length');
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
