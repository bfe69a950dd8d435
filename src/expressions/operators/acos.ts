import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { arccosineOfDecimal } from '../decimals/trigonometric.ts';
import { isBeyondOne, outsideDomain } from '../domain.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

const domain = '[-1,1]';

/** `$acos`: a double, or a decimal of a decimal. */
export const acos: PlainOperator = {
  kind: 'plain',
  name: '$acos',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$acos', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (isBeyondOne(decimal)) throw outsideDomain('$acos', value, domain);
      return decimalValue(arccosineOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number < -1 || number > 1) throw outsideDomain('$acos', value, domain);
    return doubleValue(Math.acos(number));
  },
};
