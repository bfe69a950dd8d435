import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeLongOf } from '../coerce.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { namedArguments, unrecognizedArgument } from '../operands.ts';
import { dateValue, isNullish, type MaybeValue, nullValue } from '../value.ts';
import { addToDate } from './add-to-date.ts';
import { hasInstant, instantOf, longOfInstant } from './instant.ts';
import { unitOf } from './time-unit.ts';
import { zoneArgument } from './zone-argument.ts';

const argumentNames = ['startDate', 'unit', 'amount', 'timezone'] as const;
const leastLong = -(2n ** 63n);

/** `$dateAdd` and `$dateSubtract`. */
export function dateShifting(name: '$dateAdd' | '$dateSubtract'): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      if (argument.type !== BsonType.object) {
        throw new MongoServerError(5166400, `${name} expects an object as its argument`);
      }
      const given = namedArguments(
        argument,
        argumentNames,
        5166401,
        unrecognizedArgument(
          name,
          '. Expected arguments are startDate, unit, amount, and optionally timezone.',
        ),
      );
      const { startDate, unit, amount } = given;
      if (startDate === undefined || unit === undefined || amount === undefined) {
        throw new MongoServerError(
          5166402,
          `${name} requires startDate, unit, and amount to be present`,
        );
      }
      const start = parse(startDate, context);
      const which = parse(unit, context);
      const count = parse(amount, context);
      const timezone = given.timezone && parse(given.timezone, context);
      const zoneIn = zoneArgument(timezone);
      return fold(context, [start, which, count, timezone], (scope) => {
        const from = start.evaluate(scope);
        if (isNullish(from)) return nullValue;
        const step = which.evaluate(scope);
        if (isNullish(step)) return nullValue;
        const timeUnit = unitOf(name, step);
        const many = count.evaluate(scope);
        if (isNullish(many)) return nullValue;
        const zone = zoneIn(scope);
        if (zone === undefined) return nullValue;
        if (!hasInstant(from)) {
          throw new MongoServerError(
            5166403,
            `${name} requires startDate to be convertible to a date`,
          );
        }
        const times = amountOf(name, many);
        const shifted = addToDate(
          instantOf(from!),
          timeUnit,
          name === '$dateAdd' ? times : negated(times),
          zone,
        );
        return dateValue(longOfInstant(shifted));
      });
    },
  };
}

function negated(amount: bigint): bigint {
  if (amount !== leastLong) return -amount;
  throw new MongoServerError(6045000, `invalid $dateSubtract 'amount' parameter value: ${amount}`);
}

function amountOf(name: string, value: MaybeValue): bigint {
  const whole = wholeLongOf(value);
  if (whole !== undefined) return whole;
  throw new MongoServerError(5166405, `${name} expects integer amount of time units`);
}
