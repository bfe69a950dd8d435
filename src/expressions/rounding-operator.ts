import {
  BsonType,
  decimalValue,
  readDecimal,
  readDouble,
  truncateToInteger,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { longOf, wholeNumberOf } from './coerce.ts';
import { between, type PlainOperator } from './expression.ts';
import { type Rounding, roundDecimalTo, roundDouble, roundInteger } from './rounding.ts';
import {
  doubleValue,
  intValue,
  isNullish,
  isNumber,
  longValue,
  nullValue,
  typeName,
  type Value,
} from './value.ts';

/** `$round` and `$trunc`: `[number, places]`; negative places go left of the point. The type stays. */
export function roundingOperator(name: '$round' | '$trunc', rounding: Rounding): PlainOperator {
  return {
    kind: 'plain',
    name,
    arity: between(1, 2),
    evaluate(operands) {
      const [number, digits] = operands;
      if (isNullish(number)) return nullValue;
      const value = number!;
      if (!isNumber(value)) {
        throw new MongoServerError(
          51081,
          `${name} only supports numeric types, not ${typeName(value)}`,
        );
      }
      let places = 0;
      if (operands.length > 1) {
        if (isNullish(digits)) return nullValue;
        places = placesOf(name, digits!);
      }
      switch (value.type) {
        case BsonType.double:
          return doubleValue(roundDouble(readDouble(value.buffer, value.start), places, rounding));
        case BsonType.decimal:
          return decimalValue(
            roundDecimalTo(readDecimal(value.buffer, value.start), places, rounding),
          );
        default:
          return places >= 0 ? value : roundedInteger(name, value, places, rounding);
      }
    },
  };
}

function placesOf(name: string, value: Value): number {
  if (!isNumber(value)) {
    throw new MongoServerError(16004, `can't convert from BSON type ${typeName(value)} to long`);
  }
  const given = longOf(value);
  const places = wholeNumberOf(value);
  if (places === undefined) {
    throw new MongoServerError(51082, `precision argument to  ${name} must be a integral value`);
  }
  if (places < -20 || places > 100) {
    throw new MongoServerError(
      51083,
      `cannot apply ${name} with precision value ${given} value must be in [-20, 100]`,
    );
  }
  return places;
}

function roundedInteger(name: string, value: Value, places: number, rounding: Rounding): Value {
  const given = truncateToInteger(value)!;
  const whole = roundInteger(given, places, rounding);
  if (BigInt.asIntN(64, whole) !== whole) {
    throw new MongoServerError(
      51080,
      `invalid conversion from Decimal128 result in ${name} resulting from arguments: [${given}, ${places}]`,
    );
  }
  const isInt = value.type === BsonType.int && BigInt.asIntN(32, whole) === whole;
  return isInt ? intValue(Number(whole)) : longValue(whole);
}
