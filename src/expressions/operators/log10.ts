import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { commonLogarithmOfDecimal, isAboveZero } from '../decimals/exponential.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$log10`: a double, or a decimal of a decimal; of a NaN it is a double. */
export const log10: PlainOperator = {
  kind: 'plain',
  name: '$log10',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$log10', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (isAboveZero(decimal)) return decimalValue(commonLogarithmOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number <= 0)
      throw new MongoServerError(
        28761,
        `$log10's argument must be a positive number, but is ${number}`,
      );
    return doubleValue(Math.log10(number));
  },
};
