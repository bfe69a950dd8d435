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
 * `$ceil`: the type stays. An infinite decimal, and one of more than 34 digits before its point, becomes
 * NaN, as stock's.
 */
export const ceil: PlainOperator = {
  kind: 'plain',
  name: '$ceil',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$ceil', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(quantizeDecimal(decimal, 0, 'up'));
    }
    if (value.type !== BsonType.double) return value;
    return doubleValue(Math.ceil(readDouble(value.buffer, value.start)));
  },
};
