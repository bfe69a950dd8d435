import {
  BsonType,
  type Decimal,
  decimalValue,
  toDecimal,
  toNumber,
  truncateToInteger,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { powerOfDecimal } from '../decimals/exponential.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import {
  doubleValue,
  intValue,
  isNullish,
  isNumber,
  longValue,
  nullValue,
  typeName,
  type Value,
} from '../value.ts';

/** `$pow`: integers stay integers while they fit and the result is whole. */
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
      return decimalValue(powerOfDecimals(toDecimal(base), toDecimal(exponent)));
    }
    const b = toNumber(base.buffer, base.type, base.start);
    const e = toNumber(exponent.buffer, exponent.type, exponent.start);
    if (b === 0 && e < 0) throw zeroToNegative();
    if (base.type === BsonType.double || exponent.type === BsonType.double) {
      // Of 1 and an infinite exponent JavaScript makes NaN, C (and stock) makes 1.
      return doubleValue(
        b === 1 || (b === -1 && Math.abs(e) === Number.POSITIVE_INFINITY) ? 1 : b ** e,
      );
    }
    const whole = wholePower(b, e, base, exponent);
    if (whole === undefined || BigInt.asIntN(64, whole) !== whole) return doubleValue(b ** e);
    const isInt = base.type === BsonType.int && exponent.type === BsonType.int;
    if (isInt && BigInt.asIntN(32, whole) === whole) return intValue(Number(whole));
    return longValue(whole);
  },
};

/** The power of integers; undefined where it is a fraction, or certainly more than 64 bits. */
function wholePower(b: number, e: number, base: Value, exponent: Value): bigint | undefined {
  if (b === 0 || b === 1 || b === -1) {
    const isOdd = b === -1 && truncateToInteger(exponent)! % 2n !== 0n;
    return e === 0 ? 1n : isOdd ? -1n : BigInt(Math.abs(b));
  }
  return e >= 0 && e < 64 ? truncateToInteger(base)! ** BigInt(e) : undefined;
}

function zeroToNegative(): MongoServerError {
  return new MongoServerError(28764, '$pow cannot take a base of 0 and a negative exponent');
}

/** Stock goes by the sign alone, so that -0 is a negative exponent here. */
function powerOfDecimals(base: Decimal, exponent: Decimal): Decimal {
  if (base.kind === 'finite' && base.coefficient === 0n && exponent.negative) {
    throw zeroToNegative();
  }
  return powerOfDecimal(base, exponent);
}
