import { BsonType, readDouble, truncateToInteger } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { between, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { truncDouble, truncInteger } from '../rounding.ts';
import { doubleValue, intValue, longValue } from '../value.ts';

/** `$trunc`: to so many decimal places (towards zero); negative places go left of the point. */
export const trunc: PlainOperator = {
  kind: 'plain',
  name: '$trunc',
  arity: between(1, 2),
  evaluate([operand, digits]) {
    const value = numericOperand('$trunc', operand);
    if (isNullOperand(value)) return value;
    const places = digits === undefined ? 0 : wholeNumberOf(digits);
    if (places === undefined || places < -20 || places > 100) {
      throw new MongoServerError(
        51083,
        'cannot apply $trunc with precision value out of range [-20, 100]',
      );
    }
    if (value.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$trunc of a decimal is not implemented');
    }
    if (value.type === BsonType.double) {
      return doubleValue(truncDouble(readDouble(value.buffer, value.start), places));
    }
    const whole = truncInteger(truncateToInteger(value)!, places);
    if (value.type === BsonType.int && BigInt.asIntN(32, whole) === whole)
      return intValue(Number(whole));
    return longValue(BigInt.asIntN(64, whole));
  },
};
