import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { hyperbolicSineOfDecimal } from '../decimals/hyperbolic.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$sinh`: a double, or a decimal of a decimal. */
export const sinh: PlainOperator = {
  kind: 'plain',
  name: '$sinh',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$sinh', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(hyperbolicSineOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(Math.sinh(number));
  },
};
