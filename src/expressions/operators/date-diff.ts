import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { checkTimezone } from '../date-part.ts';
import { millisecondsOf, unitIndex, unitOf, weekdayOf } from '../date-unit.ts';
import type { SpecialOperator } from '../expression.ts';
import { namedArguments } from '../operands.ts';
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
    const given = namedArguments(argument, names, 5166302, '$dateDiff');
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
    return {
      isConstant: false,
      evaluate(scope) {
        const start = startDate.evaluate(scope);
        const end = endDate.evaluate(scope);
        if (isNullish(start) || isNullish(end)) return nullValue;
        const which = unitOf('$dateDiff', unit.evaluate(scope));
        if (which === undefined) return nullValue;
        const isWeek = which === 'week' && startOfWeek !== undefined;
        const first = isWeek ? weekdayOf('$dateDiff', startOfWeek.evaluate(scope)) : 0;
        if (first === undefined) return nullValue;
        if (timezone !== undefined && checkTimezone(timezone.evaluate(scope)) === 'null') {
          return nullValue;
        }
        const from = millisecondsOf('$dateDiff', 'startDate', start, 5166307);
        const to = millisecondsOf('$dateDiff', 'endDate', end, 5166307);
        return longValue(BigInt(unitIndex(to, which, first) - unitIndex(from, which, first)));
      },
    };
  },
};
