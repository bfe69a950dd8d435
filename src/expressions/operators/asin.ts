import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { arcsineOfDecimal } from '../decimals/trigonometric.ts';
import { isBeyondOne, outsideDomain } from '../domain.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

const domain = '[-1,1]';

/** `$asin`: a double, or a decimal of a decimal. */
export const asin: PlainOperator = {
  kind: 'plain',
  name: '$asin',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$asin', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (isBeyondOne(decimal)) throw outsideDomain('$asin', value, domain);
      return decimalValue(arcsineOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number < -1 || number > 1) throw outsideDomain('$asin', value, domain);
    return doubleValue(Math.asin(number));
  },
};
