import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { tangentOfDecimal } from '../decimals/trigonometric.ts';
import { outsideDomain } from '../domain.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

const domain = '(-inf,inf)';

/** `$tan`: a double, or a decimal of a decimal. */
export const tan: PlainOperator = {
  kind: 'plain',
  name: '$tan',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$tan', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (decimal.kind === 'infinite') throw outsideDomain('$tan', value, domain);
      return decimalValue(tangentOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (Math.abs(number) === Number.POSITIVE_INFINITY) throw outsideDomain('$tan', value, domain);
    return doubleValue(Math.tan(number));
  },
};
