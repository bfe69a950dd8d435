import {
  BsonType,
  decimalValue,
  subtractDecimals,
  toDecimal,
  toNumber,
  truncateToInteger,
} from '../bson/index.ts';
import { doubleValue, intValue, longValue, type Value } from './value.ts';

/** a - b with the wider type of the two; an int64 that overflows becomes a double. */
export function subtractNumbers(a: Value, b: Value): Value {
  if (a.type === BsonType.decimal || b.type === BsonType.decimal) {
    return decimalValue(subtractDecimals(toDecimal(a), toDecimal(b)));
  }
  const left = toNumber(a.buffer, a.type, a.start);
  const right = toNumber(b.buffer, b.type, b.start);
  if (a.type === BsonType.double || b.type === BsonType.double) return doubleValue(left - right);
  const whole = truncateToInteger(a)! - truncateToInteger(b)!;
  if (a.type === BsonType.int && b.type === BsonType.int && BigInt.asIntN(32, whole) === whole) {
    return intValue(Number(whole));
  }
  return BigInt.asIntN(64, whole) === whole ? longValue(whole) : doubleValue(left - right);
}
