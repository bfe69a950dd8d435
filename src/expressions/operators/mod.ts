import {
  BsonType,
  type Decimal,
  decimalValue,
  remainderOfDecimals,
  toDecimal,
  toNumber,
  truncateToInteger,
} from '../../bson/index.ts';
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

const byZero = "can't $mod by zero";

function remainder(dividend: Decimal, divisor: Decimal): Decimal {
  if (divisor.kind === 'finite' && divisor.coefficient === 0n) {
    throw new MongoServerError(5733415, byZero);
  }
  return remainderOfDecimals(dividend, divisor);
}

/** `$mod`: the remainder with the sign of the dividend. */
export const mod: PlainOperator = {
  kind: 'plain',
  name: '$mod',
  arity: exactly(2),
  evaluate([left, right]) {
    if (isNullish(left) || isNullish(right)) return nullValue;
    const a = left!;
    const b = right!;
    if (!isNumber(a) || !isNumber(b)) {
      throw new MongoServerError(
        16611,
        `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`,
      );
    }
    if (a.type === BsonType.decimal || b.type === BsonType.decimal) {
      return decimalValue(remainder(toDecimal(a), toDecimal(b)));
    }
    const divisor = toNumber(b.buffer, b.type, b.start);
    if (divisor === 0) throw new MongoServerError(16610, byZero);
    if (a.type === BsonType.double || b.type === BsonType.double) {
      return doubleValue(toNumber(a.buffer, a.type, a.start) % divisor);
    }
    if (a.type === BsonType.int && b.type === BsonType.int) {
      return intValue((toNumber(a.buffer, a.type, a.start) % divisor) + 0);
    }
    return longValue(truncateToInteger(a)! % truncateToInteger(b)!);
  },
};
