import { BsonType, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$sqrt`: a double. */
export const sqrt: PlainOperator = {
  kind: 'plain',
  name: '$sqrt',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$sqrt', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$sqrt of a decimal is not implemented');
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number < 0)
      throw new MongoServerError(28714, "$sqrt's argument must be greater than or equal to 0");
    return doubleValue(Math.sqrt(number));
  },
};
