import {
  BsonType,
  decimalValue,
  quantizeDecimal,
  readDecimal,
  readDouble,
} from '../../bson/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/**
 * `$floor`: the type stays. An infinite decimal, and one of more than 34 digits before its point, becomes
 * NaN, as stock's.
 */
export const floor: PlainOperator = {
  kind: 'plain',
  name: '$floor',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$floor', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(quantizeDecimal(decimal, 0, 'down'));
    }
    if (value.type !== BsonType.double) return value;
    return doubleValue(Math.floor(readDouble(value.buffer, value.start)));
  },
};
