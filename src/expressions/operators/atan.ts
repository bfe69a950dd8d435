import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { arctangentOfDecimal } from '../decimals/trigonometric.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$atan`: a double, or a decimal of a decimal. */
export const atan: PlainOperator = {
  kind: 'plain',
  name: '$atan',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$atan', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      return decimalValue(arctangentOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(Math.atan(number));
  },
};
