/** Units of time and days of the week, as the date operators name them. */
import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type MaybeValue, textOf, typeName } from '../value.ts';
import { hasInstant, type Instant, instantOf } from './instant.ts';

/** Milliseconds of the units that are always as long. */
export const fixedLengths = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
} as const;
/** Days and months of the units the calendar has. */
export const unitDays = { day: 1, week: 7 } as const;
export const unitMonths = { month: 1, quarter: 3, year: 12 } as const;

export type FixedUnit = keyof typeof fixedLengths;
export type DayUnit = keyof typeof unitDays;
export type MonthUnit = keyof typeof unitMonths;
export type TimeUnit = FixedUnit | DayUnit | MonthUnit;

export function isFixed(unit: TimeUnit): unit is FixedUnit {
  return Object.hasOwn(fixedLengths, unit);
}

export function isOfDays(unit: TimeUnit): unit is DayUnit {
  return unit === 'day' || unit === 'week';
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** `value` is not null. */
export function unitOf(name: string, value: MaybeValue): TimeUnit {
  if (value!.type !== BsonType.string) {
    throw new MongoServerError(
      5439013,
      `${name} requires 'unit' to be a string, but got ${typeName(value)}`,
    );
  }
  const unit = textOf(value!);
  const isUnit =
    Object.hasOwn(fixedLengths, unit) ||
    Object.hasOwn(unitDays, unit) ||
    Object.hasOwn(unitMonths, unit);
  if (isUnit) return unit as TimeUnit;
  throw new MongoServerError(
    'FailedToParse',
    `${name} parameter 'unit' value parsing failed :: caused by :: unknown time unit value: ${unit}`,
  );
}

/** 0 for Sunday, by name or its first three letters, in any case; `value` is not null. */
export function startOfWeekOf(name: string, value: MaybeValue): number {
  if (value!.type !== BsonType.string) {
    throw new MongoServerError(
      5439015,
      `${name} requires 'startOfWeek' to be a string, but got ${typeName(value)}`,
    );
  }
  const day = textOf(value!).toLowerCase();
  const found = weekdays.findIndex((one) => one === day || one.slice(0, 3) === day);
  if (found >= 0) return found;
  throw new MongoServerError(
    5439016,
    `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${textOf(value!)}`,
  );
}

/** The moment of a date, a timestamp or an object id; other types throw 5166307. */
export function dateArgument(name: string, parameter: string, value: MaybeValue): Instant {
  if (hasInstant(value)) return instantOf(value!);
  throw new MongoServerError(
    5166307,
    `${name} requires '${parameter}' to be a date, but got ${typeName(value)}`,
  );
}
