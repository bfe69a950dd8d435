import {
  BsonType,
  type Decimal,
  decimalValue,
  divideDecimals,
  toDecimal,
  toNumber,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { doubleValue, isNullish, isNumber, nullValue, typeName } from '../value.ts';

function byZero(): MongoServerError {
  return new MongoServerError('BadValue', "can't $divide by zero");
}

function quotient(dividend: Decimal, divisor: Decimal): Decimal {
  if (divisor.kind === 'finite' && divisor.coefficient === 0n) throw byZero();
  return divideDecimals(dividend, divisor);
}

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
    if (a.type === BsonType.decimal || b.type === BsonType.decimal) {
      return decimalValue(quotient(toDecimal(a), toDecimal(b)));
    }
    const divisor = toNumber(b.buffer, b.type, b.start);
    if (divisor === 0) throw byZero();
    return doubleValue(toNumber(a.buffer, a.type, a.start) / divisor);
  },
};
