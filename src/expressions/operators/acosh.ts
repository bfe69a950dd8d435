import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { inverseHyperbolicCosineOfDecimal } from '../decimals/hyperbolic.ts';
import { isBelowOne, outsideDomain } from '../domain.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

const domain = '[1,inf]';

/** `$acosh`: a double, or a decimal of a decimal. */
export const acosh: PlainOperator = {
  kind: 'plain',
  name: '$acosh',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$acosh', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (isBelowOne(decimal)) throw outsideDomain('$acosh', value, domain);
      return decimalValue(inverseHyperbolicCosineOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number < 1) throw outsideDomain('$acosh', value, domain);
    return doubleValue(Math.acosh(number));
  },
};
