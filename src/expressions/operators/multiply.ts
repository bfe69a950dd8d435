import { multiplyNumbers, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';
import {
  doubleValue,
  intValue,
  isNullish,
  isNumber,
  nullValue,
  typeName,
  type Value,
} from '../value.ts';

/** `$multiply`: an int64 that overflows becomes a double. */
export const multiply: PlainOperator = {
  kind: 'plain',
  name: '$multiply',
  arity: anyNumber,
  evaluate(operands) {
    let total: Value = intValue(1);
    for (const operand of operands) {
      if (isNullish(operand)) return nullValue;
      const value = operand!;
      if (!isNumber(value)) {
        throw new MongoServerError(
          'TypeMismatch',
          `$multiply only supports numeric types, not ${typeName(value)}`,
        );
      }
      const product = multiplyNumbers(total, value);
      total =
        product === 'overflow'
          ? doubleValue(
              toNumber(total.buffer, total.type, total.start) *
                toNumber(value.buffer, value.type, value.start),
            )
          : product;
    }
    return total;
  },
};
