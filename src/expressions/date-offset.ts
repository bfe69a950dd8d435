import {
  BsonType,
  nearestInteger,
  readDecimal,
  readDouble,
  truncateToInteger,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { dateValue, type Value } from './value.ts';

/**
 * `milliseconds` and a number: a double is rounded half away from zero, a decimal half to even. What is
 * no 64-bit integer, or leaves their range, is an Overflow.
 */
export function addToDate(milliseconds: bigint, value: Value): bigint {
  return inRange(milliseconds + offsetOf(value));
}

/** The date so many milliseconds (`value`, rounded as above) before another. */
export function dateBefore(milliseconds: bigint, value: Value): Value {
  return dateValue(inRange(milliseconds - offsetOf(value)));
}

function offsetOf(value: Value): bigint {
  switch (value.type) {
    case BsonType.double: {
      const number = readDouble(value.buffer, value.start);
      if (!Number.isFinite(number)) throw overflow();
      const magnitude = BigInt(Math.floor(Math.abs(number) + 0.5));
      return inRange(number < 0 ? -magnitude : magnitude);
    }
    case BsonType.decimal: {
      const nearest = nearestInteger(readDecimal(value.buffer, value.start));
      if (nearest === undefined) throw overflow();
      return inRange(nearest);
    }
    default:
      return truncateToInteger(value)!;
  }
}

function inRange(milliseconds: bigint): bigint {
  if (BigInt.asIntN(64, milliseconds) !== milliseconds) throw overflow();
  return milliseconds;
}

function overflow(): MongoServerError {
  return new MongoServerError('Overflow', 'date overflow');
}
