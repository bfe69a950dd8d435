import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { hyperbolicTangentOfDecimal } from '../decimals/hyperbolic.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$tanh`: a double, or a decimal of a decimal. */
export const tanh: PlainOperator = {
  kind: 'plain',
  name: '$tanh',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$tanh', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(hyperbolicTangentOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(Math.tanh(number));
  },
};
