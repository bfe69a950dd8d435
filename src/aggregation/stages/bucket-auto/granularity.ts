/**
 * Series of preferred numbers, which the boundaries of `$bucketAuto` are rounded to: the Renard series (ISO 3),
 * the E series (IEC 60063), 1-2-5, and the powers of two. Rounding goes to the next number that is really
 * greater or less; zero stays zero.
 */
import {
  BsonType,
  type Decimal,
  decimalFromInteger,
  decimalValue,
  divideDecimals,
  multiplyDecimals,
  readDecimal,
  toNumber,
} from '../../../bson/index.ts';
import { compareMaybe, countValue, doubleValue, type Value } from '../../../expressions/index.ts';
import { series } from './preferred-numbers.ts';

export interface Granularity {
  roundUp(value: Value): Value;
  roundDown(value: Value): Value;
}

/** Undefined: there is no such series. */
export function granularityOf(name: string): Granularity | undefined {
  if (name === 'POWERSOF2') return powersOfTwo;
  const numbers = series.get(name);
  return numbers && preferredNumbers(numbers);
}

const isZero = ({ buffer, type, start }: Value): boolean => toNumber(buffer, type, start) === 0;

/** What a number is compared with: a number of the series at some power of ten. */
interface Scale {
  readonly times: (base: number) => Value;
  readonly larger: () => Scale;
  readonly smaller: () => Scale;
}

function doubleScale(multiplier: number): Scale {
  return {
    times: (base) => doubleValue(base * multiplier),
    larger: () => doubleScale(multiplier * 10),
    smaller: () => doubleScale(multiplier / 10),
  };
}

const ten = decimalFromInteger(10n);

function decimalScale(multiplier: Decimal): Scale {
  return {
    times: (base) => decimalValue(multiplyDecimals(decimalFromInteger(BigInt(base)), multiplier)),
    larger: () => decimalScale(multiplyDecimals(multiplier, ten)),
    smaller: () => decimalScale(divideDecimals(multiplier, ten)),
  };
}

function scaleOf({ type }: Value): Scale {
  return type === BsonType.decimal ? decimalScale(decimalFromInteger(1n)) : doubleScale(1);
}

function preferredNumbers(numbers: readonly number[]): Granularity {
  const least = numbers[0]!;
  const greatest = numbers.at(-1)!;
  return {
    roundUp(value) {
      if (isZero(value) || isInfinite(value)) return value;
      let scale = scaleOf(value);
      while (compareMaybe(value, scale.times(greatest)) >= 0) scale = scale.larger();
      while (compareMaybe(value, scale.times(least)) < 0) {
        const above = scale.times(least);
        scale = scale.smaller();
        if (compareMaybe(value, scale.times(greatest)) >= 0) return above;
      }
      const next = numbers.find((base) => compareMaybe(value, scale.times(base)) < 0);
      return scale.times(next!);
    },
    roundDown(value) {
      if (isZero(value) || isInfinite(value)) return value;
      let scale = scaleOf(value);
      while (compareMaybe(value, scale.times(least)) <= 0) scale = scale.smaller();
      while (compareMaybe(value, scale.times(greatest)) > 0) {
        const below = scale.times(greatest);
        scale = scale.larger();
        if (compareMaybe(value, scale.times(least)) <= 0) return below;
      }
      const next = numbers.findLast((base) => compareMaybe(value, scale.times(base)) > 0);
      return scale.times(next!);
    },
  };
}

function isInfinite({ buffer, type, start }: Value): boolean {
  const number = toNumber(buffer, type, start);
  return (
    !Number.isFinite(number) &&
    (type !== BsonType.decimal || readDecimal(buffer, start).kind !== 'finite')
  );
}

const powersOfTwo: Granularity = {
  roundUp(value) {
    if (isZero(value) || isInfinite(value)) return value;
    return powerOfTwo(Math.floor(Math.log2(numberOf(value))) + 1, value);
  },
  roundDown(value) {
    if (isZero(value) || isInfinite(value)) return value;
    return powerOfTwo(Math.ceil(Math.log2(numberOf(value))) - 1, value);
  },
};

function numberOf({ buffer, type, start }: Value): number {
  return toNumber(buffer, type, start);
}

/** A decimal of a decimal, a whole number of an integer unless it is a fraction, else a double. */
function powerOfTwo(exponent: number, like: Value): Value {
  if (like.type === BsonType.decimal) {
    const two = decimalFromInteger(2n ** BigInt(Math.abs(exponent)));
    return decimalValue(exponent < 0 ? divideDecimals(decimalFromInteger(1n), two) : two);
  }
  const isWhole = like.type !== BsonType.double && exponent >= 0 && exponent < 63;
  return isWhole ? countValue(2 ** exponent) : doubleValue(2 ** exponent);
}
