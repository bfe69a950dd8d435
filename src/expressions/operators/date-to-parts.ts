import { BsonType, DocumentWriter } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isoWeekdayOf, isoWeekOf } from '../dates/civil.ts';
import { instantOf } from '../dates/instant.ts';
import { type LocalTime, localTimeOf } from '../dates/local-time.ts';
import { zoneArgument } from '../dates/zone-argument.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { namedArguments, unrecognizedArgument } from '../operands.ts';
import {
  documentValue,
  intValue,
  isNullish,
  isTruthy,
  type MaybeValue,
  nullValue,
  typeName,
  type Value,
} from '../value.ts';

const names = ['date', 'timezone', 'iso8601'] as const;

/** `$dateToParts`: a document of the parts of a date; with `iso8601` year, week and weekday of ISO weeks. */
export const dateToParts: SpecialOperator = {
  kind: 'special',
  name: '$dateToParts',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(40524, '$dateToParts only supports an object as its argument');
    }
    const given = namedArguments(argument, names, 40520, unrecognizedArgument('$dateToParts'));
    if (given.date === undefined) {
      throw new MongoServerError(40522, "Missing 'date' argument to $dateToParts");
    }
    const date = parse(given.date, context);
    const timezone = given.timezone && parse(given.timezone, context);
    const iso8601 = given.iso8601 && parse(given.iso8601, context);
    const zoneIn = zoneArgument(timezone);
    return fold(context, [date, timezone, iso8601], (scope) => {
      const value = date.evaluate(scope);
      const zone = zoneIn(scope);
      if (zone === undefined) return nullValue;
      const byWeeks = iso8601 === undefined ? false : flagOf(iso8601.evaluate(scope));
      if (byWeeks === undefined || isNullish(value)) return nullValue;
      const local = localTimeOf(instantOf(value!), zone);
      return partsOf(byWeeks ? weekFields(local) : dateFields(local), local);
    });
  },
};

/** Undefined for null and missing. */
function flagOf(value: MaybeValue): boolean | undefined {
  if (isNullish(value)) return undefined;
  if (value!.type === BsonType.bool) return isTruthy(value);
  throw new MongoServerError(40521, `iso8601 must evaluate to a bool, found ${typeName(value)}`);
}

function dateFields({ year, month, day }: LocalTime): Record<string, number> {
  return { year, month, day };
}

function weekFields({ days }: LocalTime): Record<string, number> {
  const { year, week } = isoWeekOf(days);
  return { isoWeekYear: year, isoWeek: week, isoDayOfWeek: isoWeekdayOf(days) };
}

function partsOf(date: Record<string, number>, local: LocalTime): Value {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const name of Object.keys(date)) writer.raw(name, intValue(date[name]!));
  for (const name of ['hour', 'minute', 'second', 'millisecond'] as const) {
    writer.raw(name, intValue(local[name]));
  }
  writer.end();
  return documentValue(writer.finish());
}
