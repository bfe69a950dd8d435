import { BsonType, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeLongOf } from '../coerce.ts';
import { daysFromCivil, daysFromIsoWeek } from '../dates/civil.ts';
import { longOfInstant } from '../dates/instant.ts';
import { instantOfLocal } from '../dates/local-time.ts';
import { zoneArgument } from '../dates/zone-argument.ts';
import type { Expression, Scope, SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { namedArguments, unrecognizedArgument } from '../operands.ts';
import { dateValue, isNullish, nullValue, typeName, type Value } from '../value.ts';

const clockNames = ['hour', 'minute', 'second', 'millisecond'] as const;
const dateNames = ['year', 'month', 'day'] as const;
const weekNames = ['isoWeekYear', 'isoWeek', 'isoDayOfWeek'] as const;
const names = [...dateNames, ...weekNames, ...clockNames, 'timezone'] as const;
type Name = (typeof names)[number];

/** What may be any number; the others are held to 16 bits. */
const unbounded: ReadonlySet<Name> = new Set(['year', 'isoWeekYear', 'second', 'millisecond']);

/** `$dateFromParts`: the date of year, month, day, or of ISO year, week and weekday, and of a time. */
export const dateFromParts: SpecialOperator = {
  kind: 'special',
  name: '$dateFromParts',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(40519, '$dateFromParts only supports an object as its argument');
    }
    const given = namedArguments(argument, names, 40518, unrecognizedArgument('$dateFromParts'));
    checkKind(given);
    const parts = new Map<Name, Expression>();
    for (const name of names) {
      const value = given[name];
      if (value !== undefined) parts.set(name, parse(value, context));
    }
    const zoneIn = zoneArgument(parts.get('timezone'));
    const byWeeks = given.isoWeekYear !== undefined;
    return fold(context, [...parts.values()], (scope) => {
      const clock = numbersIn(scope, parts, clockNames, 0);
      if (clock === undefined) return nullValue;
      const zone = zoneIn(scope);
      if (zone === undefined) return nullValue;
      const date = numbersIn(scope, parts, byWeeks ? weekNames : dateNames, 1);
      if (date === undefined) return nullValue;
      const [year, second, third] = date as [number, number, number];
      checkYear(byWeeks, year);
      const days = byWeeks
        ? daysFromIsoWeek(year, second, third)
        : daysFromCivil(year, second, third);
      const [hour, minute, seconds, milliseconds] = clock as [number, number, number, number];
      const time = hour * 3_600_000 + minute * 60_000 + seconds * 1000 + milliseconds;
      if (!Number.isSafeInteger(time)) {
        throw new MongoServerError(
          'DurationOverflow',
          'Overflow casting from a lower-precision duration to a higher-precision duration',
        );
      }
      return dateValue(longOfInstant(instantOfLocal(days, time, zone)));
    });
  },
};

function checkKind(given: { readonly [name in Name]?: Value }): void {
  const { year, isoWeekYear } = given;
  if (year === undefined && isoWeekYear === undefined) {
    throw new MongoServerError(
      40516,
      "$dateFromParts requires either 'year' or 'isoWeekYear' to be present",
    );
  }
  if (year !== undefined && weekNames.some((name) => given[name] !== undefined)) {
    throw new MongoServerError(
      40489,
      '$dateFromParts does not allow mixing natural dates with ISO dates',
    );
  }
  if (isoWeekYear !== undefined && dateNames.some((name) => given[name] !== undefined)) {
    throw new MongoServerError(
      40525,
      '$dateFromParts does not allow mixing ISO dates with natural dates',
    );
  }
}

function checkYear(byWeeks: boolean, year: number): void {
  if (year >= 1 && year <= 9999) return;
  throw new MongoServerError(
    byWeeks ? 31095 : 40523,
    `'${byWeeks ? 'isoWeekYear' : 'year'}' must evaluate to an integer in the range 1 to 9999, found ${year}`,
  );
}

/** The parts of these names, `otherwise` where one is not given; undefined when one is null. */
function numbersIn(
  scope: Scope,
  parts: ReadonlyMap<Name, Expression>,
  wanted: readonly Name[],
  otherwise: number,
): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const name of wanted) {
    const part = parts.get(name);
    if (part === undefined) {
      numbers.push(otherwise);
      continue;
    }
    const value = part.evaluate(scope);
    if (isNullish(value)) return undefined;
    numbers.push(numberOf(name, value!));
  }
  return numbers;
}

function numberOf(name: Name, value: Value): number {
  const whole = wholeLongOf(value);
  if (whole === undefined) {
    throw new MongoServerError(
      40515,
      `'${name}' must evaluate to an integer, found ${typeName(value)} with value ${valueText(value)}`,
    );
  }
  if (!unbounded.has(name) && BigInt.asIntN(16, whole) !== whole) {
    throw new MongoServerError(
      31034,
      `'${name}' must evaluate to a value in the range [-32768, 32767]; value ${whole} is not in range`,
    );
  }
  return Number(whole);
}
