import { addNumbers, BsonType, readInt64, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { addToDate } from '../date-offset.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';
import {
  dateValue,
  doubleValue,
  intValue,
  isNullish,
  isNumber,
  nullValue,
  typeName,
  type Value,
} from '../value.ts';

/** `$add`: numbers, and at most one date among them; an int64 that overflows becomes a double. Behind a
 * date each number is rounded to milliseconds of its own. */
export const add: PlainOperator = {
  kind: 'plain',
  name: '$add',
  arity: anyNumber,
  evaluate(operands) {
    let total: Value = intValue(0);
    let date: bigint | undefined;
    for (const operand of operands) {
      if (isNullish(operand)) return nullValue;
      const value = operand!;
      if (value.type === BsonType.date) {
        if (date !== undefined) {
          throw new MongoServerError(16612, 'only one date allowed in an $add expression');
        }
        date = addToDate(readInt64(value.buffer, value.start), total);
      } else if (isNumber(value)) {
        if (date === undefined) total = addOrWiden(total, value);
        else date = addToDate(date, value);
      } else {
        throw new MongoServerError(
          'TypeMismatch',
          `$add only supports numeric or date types, not ${typeName(value)}`,
        );
      }
    }
    return date === undefined ? total : dateValue(date);
  },
};

function addOrWiden(a: Value, b: Value): Value {
  const sum = addNumbers(a, b);
  if (sum !== 'overflow') return sum;
  return doubleValue(toNumber(a.buffer, a.type, a.start) + toNumber(b.buffer, b.type, b.start));
}
