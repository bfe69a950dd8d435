import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { exponentialOfDecimal } from '../decimals/exponential.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$exp`: a double, or a decimal of a decimal. */
export const exp: PlainOperator = {
  kind: 'plain',
  name: '$exp',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$exp', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(exponentialOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(Math.exp(number));
  },
};
