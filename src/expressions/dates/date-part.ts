import { BsonType, ElementReader, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { isNullish, nullValue, type Value } from '../value.ts';
import { type Instant, instantOf } from './instant.ts';
import { localDay } from './local-time.ts';
import { zoneArgument } from './zone-argument.ts';

interface DateArguments {
  readonly date: Value;
  readonly timezone: Value | undefined;
}

/**
 * An operator that reads a part of a date: of `<date>` or `{date, timezone}`. `part` is given the days
 * since 1970 and the milliseconds of the day as they are in the zone.
 */
export function datePart(name: string, part: (local: Instant) => Value): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      const given = dateArguments(name, argument);
      const date = parse(given.date, context);
      const timezone = given.timezone && parse(given.timezone, context);
      const zoneIn = zoneArgument(timezone);
      return fold(context, [date, timezone], (scope) => {
        const value = date.evaluate(scope);
        if (isNullish(value)) return nullValue;
        const instant = instantOf(value!);
        if (timezone === undefined) return part(instant);
        const zone = zoneIn(scope);
        return zone === undefined ? nullValue : part(localDay(instant, zone));
      });
    },
  };
}

function dateArguments(name: string, argument: Value): DateArguments {
  const reader = new ElementReader(argument.buffer, argument.start);
  if (argument.type === BsonType.array) {
    const items: Value[] = [];
    while (reader.next()) items.push(reader.value());
    if (items.length === 1) return { date: items[0]!, timezone: undefined };
    throw new MongoServerError(
      40536,
      `${name} accepts exactly one argument if given an array, but was given ${items.length}`,
    );
  }
  if (argument.type !== BsonType.object) return { date: argument, timezone: undefined };
  let date: Value | undefined;
  let timezone: Value | undefined;
  while (reader.next()) {
    const option = reader.name();
    if (option === 'date') date = reader.value();
    else if (option === 'timezone') timezone = reader.value();
    else if (option.startsWith('$') && date === undefined && timezone === undefined) {
      return { date: argument, timezone: undefined };
    } else {
      throw new MongoServerError(40535, `unrecognized option to ${name}: "${option}"`);
    }
  }
  if (date !== undefined) return { date, timezone };
  throw new MongoServerError(
    40539,
    `missing 'date' argument to ${name}, provided: ${name}: ${valueText(argument)}`,
  );
}
