import { BsonType, decimalValue, divideDecimals, toDecimal, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { doubleValue, isNullish, isNumber, nullValue, typeName } from '../value.ts';

/** `$divide`: always a double or a decimal. */
export const divide: PlainOperator = {
  kind: 'plain',
  name: '$divide',
  arity: exactly(2),
  evaluate([left, right]) {
    if (isNullish(left) || isNullish(right)) return nullValue;
    const a = left!;
    const b = right!;
    if (!isNumber(a) || !isNumber(b)) {
      throw new MongoServerError(
        'TypeMismatch',
        `$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`,
      );
    }
    const divisor = toNumber(b.buffer, b.type, b.start);
    if (divisor === 0) throw new MongoServerError('BadValue', "can't $divide by zero");
    if (a.type === BsonType.decimal || b.type === BsonType.decimal) {
      return decimalValue(divideDecimals(toDecimal(a), toDecimal(b)));
    }
    return doubleValue(toNumber(a.buffer, a.type, a.start) / divisor);
  },
};
