import { BsonType, readDouble, truncateToInteger } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { between, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { roundDouble, roundInteger } from '../rounding.ts';
import { doubleValue, intValue, longValue } from '../value.ts';

/** `$round`: to so many decimal places (half to even); negative places go left of the point. */
export const round: PlainOperator = {
  kind: 'plain',
  name: '$round',
  arity: between(1, 2),
  evaluate([operand, digits]) {
    const value = numericOperand('$round', operand);
    if (isNullOperand(value)) return value;
    const places = digits === undefined ? 0 : wholeNumberOf(digits);
    if (places === undefined || places < -20 || places > 100) {
      throw new MongoServerError(
        51083,
        'cannot apply $round with precision value out of range [-20, 100]',
      );
    }
    if (value.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$round of a decimal is not implemented');
    }
    if (value.type === BsonType.double) {
      return doubleValue(roundDouble(readDouble(value.buffer, value.start), places));
    }
    const whole = roundInteger(truncateToInteger(value)!, places);
    if (value.type === BsonType.int && BigInt.asIntN(32, whole) === whole)
      return intValue(Number(whole));
    return longValue(BigInt.asIntN(64, whole));
  },
};
