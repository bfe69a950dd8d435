import { BsonType, readInt64 } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { dateBefore } from '../date-offset.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { subtractNumbers } from '../number.ts';
import { isNullish, isNumber, longValue, nullValue, typeName } from '../value.ts';

/** `$subtract`: two numbers, two dates (milliseconds between them), or a number from a date. */
export const subtract: PlainOperator = {
  kind: 'plain',
  name: '$subtract',
  arity: exactly(2),
  evaluate([left, right]) {
    if (isNullish(left) || isNullish(right)) return nullValue;
    const a = left!;
    const b = right!;
    if (isNumber(a) && isNumber(b)) return subtractNumbers(a, b);
    if (a.type === BsonType.date && b.type === BsonType.date) {
      return longValue(readInt64(a.buffer, a.start) - readInt64(b.buffer, b.start));
    }
    if (a.type === BsonType.date && isNumber(b)) {
      return dateBefore(readInt64(a.buffer, a.start), b);
    }
    throw new MongoServerError(
      'TypeMismatch',
      `can't $subtract ${typeName(b)} from ${a.type === BsonType.date ? 'Date' : typeName(a)}`,
    );
  },
};
