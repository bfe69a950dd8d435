import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { inverseHyperbolicSineOfDecimal } from '../decimals/hyperbolic.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$asinh`: a double, or a decimal of a decimal. */
export const asinh: PlainOperator = {
  kind: 'plain',
  name: '$asinh',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$asinh', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(inverseHyperbolicSineOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(Math.asinh(number));
  },
};
