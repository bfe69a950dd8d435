import { BsonType, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$cosh`: a double. */
export const cosh: PlainOperator = {
  kind: 'plain',
  name: '$cosh',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$cosh', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$cosh of a decimal is not implemented');
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(Math.cosh(number));
  },
};
