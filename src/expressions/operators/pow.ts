import { BsonType, toNumber, truncateToInteger } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import {
  doubleValue,
  intValue,
  isNullish,
  isNumber,
  longValue,
  nullValue,
  typeName,
} from '../value.ts';

/** `$pow`: integers stay integers while they fit and the exponent is not negative. */
export const pow: PlainOperator = {
  kind: 'plain',
  name: '$pow',
  arity: exactly(2),
  evaluate([left, right]) {
    if (isNullish(left) || isNullish(right)) return nullValue;
    const base = left!;
    const exponent = right!;
    if (!isNumber(base)) {
      throw new MongoServerError(28762, `$pow's base must be numeric, not ${typeName(base)}`);
    }
    if (!isNumber(exponent)) {
      throw new MongoServerError(
        28763,
        `$pow's exponent must be numeric, not ${typeName(exponent)}`,
      );
    }
    if (base.type === BsonType.decimal || exponent.type === BsonType.decimal) {
      throw new MongoServerError('NotImplemented', '$pow of a decimal is not implemented');
    }
    const b = toNumber(base.buffer, base.type, base.start);
    const e = toNumber(exponent.buffer, exponent.type, exponent.start);
    if (b === 0 && e < 0)
      throw new MongoServerError(28764, '$pow cannot take a base of 0 and a negative exponent');
    if (base.type !== BsonType.double && exponent.type !== BsonType.double && e >= 0 && e < 64) {
      const whole = truncateToInteger(base)! ** BigInt(e);
      const isInt = base.type === BsonType.int && exponent.type === BsonType.int;
      if (isInt && BigInt.asIntN(32, whole) === whole) return intValue(Number(whole));
      if (BigInt.asIntN(64, whole) === whole) return longValue(whole);
    }
    return doubleValue(b ** e);
  },
};
