import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { hyperbolicCosineOfDecimal } from '../decimals/hyperbolic.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$cosh`: a double, or a decimal of a decimal. */
export const cosh: PlainOperator = {
  kind: 'plain',
  name: '$cosh',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$cosh', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(hyperbolicCosineOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(Math.cosh(number));
  },
};
