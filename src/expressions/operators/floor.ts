import { BsonType, readDouble } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$floor`: the type stays. */
export const floor: PlainOperator = {
  kind: 'plain',
  name: '$floor',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$floor', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$floor of a decimal is not implemented');
    }
    if (value.type !== BsonType.double) return value;
    return doubleValue(Math.floor(readDouble(value.buffer, value.start)));
  },
};
