import { BsonType, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$degreesToRadians`: a double. */
export const degreesToRadians: PlainOperator = {
  kind: 'plain',
  name: '$degreesToRadians',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$degreesToRadians', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      throw new MongoServerError(
        'NotImplemented',
        '$degreesToRadians of a decimal is not implemented',
      );
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue((number * Math.PI) / 180);
  },
};
