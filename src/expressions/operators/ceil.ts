import { BsonType, readDouble } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$ceil`: the type stays. */
export const ceil: PlainOperator = {
  kind: 'plain',
  name: '$ceil',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$ceil', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$ceil of a decimal is not implemented');
    }
    if (value.type !== BsonType.double) return value;
    return doubleValue(Math.ceil(readDouble(value.buffer, value.start)));
  },
};
