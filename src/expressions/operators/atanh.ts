import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { inverseHyperbolicTangentOfDecimal } from '../decimals/hyperbolic.ts';
import { isBeyondOne, outsideDomain } from '../domain.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

const domain = '[-1,1]';

/** `$atanh`: a double, or a decimal of a decimal. */
export const atanh: PlainOperator = {
  kind: 'plain',
  name: '$atanh',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$atanh', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (isBeyondOne(decimal)) throw outsideDomain('$atanh', value, domain);
      return decimalValue(inverseHyperbolicTangentOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number < -1 || number > 1) throw outsideDomain('$atanh', value, domain);
    return doubleValue(Math.atanh(number));
  },
};
