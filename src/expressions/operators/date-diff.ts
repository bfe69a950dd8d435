import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { differenceIn } from '../dates/date-difference.ts';
import { dateArgument, startOfWeekOf, unitOf } from '../dates/time-unit.ts';
import { zoneArgument } from '../dates/zone-argument.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { namedArguments, unrecognizedArgument } from '../operands.ts';
import { isNullish, longValue, nullValue } from '../value.ts';

const names = ['startDate', 'endDate', 'unit', 'timezone', 'startOfWeek'] as const;

/** `$dateDiff`: how many boundaries of a unit lie between two dates, a long. */
export const dateDiff: SpecialOperator = {
  kind: 'special',
  name: '$dateDiff',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(5166301, '$dateDiff only supports an object as its argument');
    }
    const given = namedArguments(argument, names, 5166302, unrecognizedArgument('$dateDiff'));
    if (given.startDate === undefined) {
      throw new MongoServerError(5166303, "Missing 'startDate' parameter to $dateDiff");
    }
    if (given.endDate === undefined) {
      throw new MongoServerError(5166304, "Missing 'endDate' parameter to $dateDiff");
    }
    if (given.unit === undefined) {
      throw new MongoServerError(5166305, "Missing 'unit' parameter to $dateDiff");
    }
    const startDate = parse(given.startDate, context);
    const endDate = parse(given.endDate, context);
    const unit = parse(given.unit, context);
    const timezone = given.timezone && parse(given.timezone, context);
    const startOfWeek = given.startOfWeek && parse(given.startOfWeek, context);
    const zoneIn = zoneArgument(timezone, "$dateDiff parameter 'timezone' value parsing failed");
    return fold(context, [startDate, endDate, unit, timezone, startOfWeek], (scope) => {
      const start = startDate.evaluate(scope);
      if (isNullish(start)) return nullValue;
      const end = endDate.evaluate(scope);
      if (isNullish(end)) return nullValue;
      const unitName = unit.evaluate(scope);
      if (isNullish(unitName)) return nullValue;
      const which = unitOf('$dateDiff', unitName);
      let first = 0;
      if (which === 'week' && startOfWeek !== undefined) {
        const day = startOfWeek.evaluate(scope);
        if (isNullish(day)) return nullValue;
        first = startOfWeekOf('$dateDiff', day);
      }
      const zone = zoneIn(scope);
      if (zone === undefined) return nullValue;
      const from = dateArgument('$dateDiff', 'startDate', start);
      const to = dateArgument('$dateDiff', 'endDate', end);
      return longValue(differenceIn(from, to, which, zone, first));
    });
  },
};
