import { BsonType, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$log10`: a double. */
export const log10: PlainOperator = {
  kind: 'plain',
  name: '$log10',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$log10', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$log10 of a decimal is not implemented');
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number <= 0)
      throw new MongoServerError(
        28761,
        `$log10's argument must be a positive number, but is ${number}`,
      );
    return doubleValue(Math.log10(number));
  },
};
