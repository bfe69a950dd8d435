import { BsonType, truncateToInteger } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { compareMaybe } from './compare.ts';
import { checkTimezone } from './date-part.ts';
import { addUnits, millisecondsOf, unitOf } from './date-unit.ts';
import type { SpecialOperator } from './expression.ts';
import { namedArguments } from './operands.ts';
import {
  dateValue,
  isNullish,
  isNumber,
  longValue,
  type MaybeValue,
  nullValue,
  typeName,
} from './value.ts';

const argumentNames = ['startDate', 'unit', 'amount', 'timezone'] as const;

/** `$dateAdd` and `$dateSubtract`. */
export function dateShifting(name: '$dateAdd' | '$dateSubtract'): SpecialOperator {
  const direction = name === '$dateAdd' ? 1 : -1;
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      if (argument.type !== BsonType.object) {
        throw new MongoServerError(5166400, `${name} expects an object as its argument`);
      }
      const given = namedArguments(argument, argumentNames, 5166401, name);
      const { startDate, unit, amount } = given;
      if (startDate === undefined || unit === undefined || amount === undefined) {
        throw new MongoServerError(
          5166402,
          `${name} requires startDate, unit, and amount to be present`,
        );
      }
      const parts = [startDate, unit, amount].map((one) => parse(one, context));
      const timezone = given.timezone && parse(given.timezone, context);
      return {
        isConstant: false,
        evaluate(scope) {
          const [start, which, count] = parts.map((one) => one.evaluate(scope));
          if (isNullish(start) || isNullish(which) || isNullish(count)) return nullValue;
          const step = unitOf(name, which)!;
          if (timezone !== undefined && checkTimezone(timezone.evaluate(scope)) === 'null') {
            return nullValue;
          }
          const from = millisecondsOf(name, 'startDate', start, 5166403);
          const shifted = addUnits(from, step, direction * amountOf(name, count));
          if (Number.isNaN(shifted)) throw new MongoServerError(5166406, `${name} overflowed`);
          return dateValue(BigInt(shifted));
        },
      };
    },
  };
}

function amountOf(name: string, value: MaybeValue): number {
  const whole = isNumber(value!) ? truncateToInteger(value!) : undefined;
  const isWhole =
    whole !== undefined &&
    BigInt.asIntN(64, whole) === whole &&
    compareMaybe(longValue(whole), value) === 0;
  if (isWhole) return Number(whole);
  throw new MongoServerError(
    5166405,
    `${name} expects integer amount of time units, but got ${typeName(value)}`,
  );
}
