import { BsonType, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$radiansToDegrees`: a double. */
export const radiansToDegrees: PlainOperator = {
  kind: 'plain',
  name: '$radiansToDegrees',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$radiansToDegrees', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      throw new MongoServerError(
        'NotImplemented',
        '$radiansToDegrees of a decimal is not implemented',
      );
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue((number * 180) / Math.PI);
  },
};
