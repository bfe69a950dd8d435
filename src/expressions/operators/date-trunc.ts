import { BsonType, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeLongOf } from '../coerce.ts';
import { longOfInstant } from '../dates/instant.ts';
import { dateArgument, startOfWeekOf, unitOf } from '../dates/time-unit.ts';
import { truncateInstant } from '../dates/truncate-date.ts';
import { zoneArgument } from '../dates/zone-argument.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { namedArguments, unrecognizedArgument } from '../operands.ts';
import { dateValue, isNullish, nullValue, typeName, type Value } from '../value.ts';

const names = ['date', 'unit', 'binSize', 'timezone', 'startOfWeek'] as const;

/** `$dateTrunc`: where the bin of so many units begins that a date lies in. */
export const dateTrunc: SpecialOperator = {
  kind: 'special',
  name: '$dateTrunc',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(5439007, '$dateTrunc only supports an object as its argument');
    }
    const given = namedArguments(argument, names, 5439008, unrecognizedArgument('$dateTrunc'));
    if (given.date === undefined) {
      throw new MongoServerError(5439009, "Missing 'date' parameter to $dateTrunc");
    }
    if (given.unit === undefined) {
      throw new MongoServerError(5439010, "Missing 'unit' parameter to $dateTrunc");
    }
    const date = parse(given.date, context);
    const unit = parse(given.unit, context);
    const binSize = given.binSize && parse(given.binSize, context);
    const timezone = given.timezone && parse(given.timezone, context);
    const startOfWeek = given.startOfWeek && parse(given.startOfWeek, context);
    const zoneIn = zoneArgument(timezone, "$dateTrunc parameter 'timezone' value parsing failed");
    return fold(context, [date, unit, binSize, timezone, startOfWeek], (scope) => {
      const value = date.evaluate(scope);
      if (isNullish(value)) return nullValue;
      let size = 1n;
      if (binSize !== undefined) {
        const given = binSize.evaluate(scope);
        if (isNullish(given)) return nullValue;
        size = sizeOf(given!);
      }
      const unitName = unit.evaluate(scope);
      if (isNullish(unitName)) return nullValue;
      const which = unitOf('$dateTrunc', unitName);
      let first = 0;
      if (which === 'week' && startOfWeek !== undefined) {
        const day = startOfWeek.evaluate(scope);
        if (isNullish(day)) return nullValue;
        first = startOfWeekOf('$dateTrunc', day);
      }
      const zone = zoneIn(scope);
      if (zone === undefined) return nullValue;
      const instant = dateArgument('$dateTrunc', 'date', value);
      return dateValue(longOfInstant(truncateInstant(instant, which, size, zone, first)));
    });
  },
};

function sizeOf(value: Value): bigint {
  const whole = wholeLongOf(value);
  if (whole === undefined) {
    throw new MongoServerError(
      5439017,
      `$dateTrunc requires 'binSize' to be a 64-bit integer, but got value '${valueText(value)}' of type ${typeName(value)}`,
    );
  }
  if (whole > 0n) return whole;
  throw new MongoServerError(
    5439018,
    `$dateTrunc requires 'binSize' to be greater than 0, but got value ${whole}`,
  );
}
