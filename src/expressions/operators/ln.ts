import { BsonType, decimalValue, readDecimal, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isAboveZero, logarithmOfDecimal } from '../decimals/exponential.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** `$ln`: a double, or a decimal of a decimal; of a NaN it is a double. */
export const ln: PlainOperator = {
  kind: 'plain',
  name: '$ln',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$ln', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (isAboveZero(decimal)) return decimalValue(logarithmOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number <= 0)
      throw new MongoServerError(
        28766,
        `$ln's argument must be a positive number, but is ${number}`,
      );
    return doubleValue(Math.log(number));
  },
};
