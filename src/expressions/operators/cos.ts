import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { cosineOfDecimal } from '../decimals/trigonometric.ts';
import { outsideDomain } from '../domain.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

const domain = '(-inf,inf)';

/** `$cos`: a double, or a decimal of a decimal. */
export const cos: PlainOperator = {
  kind: 'plain',
  name: '$cos',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$cos', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (decimal.kind === 'infinite') throw outsideDomain('$cos', value, domain);
      return decimalValue(cosineOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (Math.abs(number) === Number.POSITIVE_INFINITY) throw outsideDomain('$cos', value, domain);
    return doubleValue(Math.cos(number));
  },
};
