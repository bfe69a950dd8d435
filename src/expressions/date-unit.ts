/** Units of time as the date operators name them; all in UTC. */
import { BsonType } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { dateOf } from './date-part.ts';
import { isNullish, type MaybeValue, textOf, typeName } from './value.ts';

/** Milliseconds of the units that are always as long. */
const lengths = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
} as const;
/** Months of the others. */
const months = { month: 1, quarter: 3, year: 12 } as const;

export type FixedUnit = keyof typeof lengths;
export type DateUnit = FixedUnit | keyof typeof months;

/** Days from a Sunday to the first Thursday of 1970. */
const epochWeekday = 4;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

export function unitOf(name: string, value: MaybeValue): DateUnit | undefined {
  if (isNullish(value)) return undefined;
  if (value!.type !== BsonType.string) {
    throw new MongoServerError(
      5439013,
      `${name} requires 'unit' to be a string, but got ${typeName(value)}`,
    );
  }
  const unit = textOf(value!);
  if (unit in lengths || unit in months) return unit as DateUnit;
  throw new MongoServerError('FailedToParse', `unknown time unit value: ${unit}`);
}

/** 0 for Sunday, by name or its first three letters, in any case; undefined for null. */
export function weekdayOf(name: string, value: MaybeValue): number | undefined {
  if (isNullish(value)) return undefined;
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

/** The milliseconds of a date, a timestamp or an object id; other types throw `code`. */
export function millisecondsOf(
  name: string,
  part: string,
  value: MaybeValue,
  code: number,
): number {
  const type = value!.type;
  if (type === BsonType.date || type === BsonType.timestamp || type === BsonType.objectId) {
    return dateOf(value!).getTime();
  }
  throw new MongoServerError(
    code,
    `${name} requires '${part}' to be a date, but got ${typeName(value)}`,
  );
}

/** `amount` units later; a day that the month does not have is its last. NaN: out of range. */
export function addUnits(time: number, unit: DateUnit, amount: number): number {
  if (unit in lengths) return new Date(time + amount * lengths[unit as FixedUnit]).getTime();
  const date = new Date(time);
  const month = date.getUTCMonth() + amount * months[unit as keyof typeof months];
  const first = new Date(time);
  first.setUTCMonth(month, 1);
  const lastDay = new Date(first);
  lastDay.setUTCMonth(lastDay.getUTCMonth() + 1, 0);
  first.setUTCDate(Math.min(date.getUTCDate(), lastDay.getUTCDate()));
  return first.getTime();
}

/** Which unit, counted from 1970, a moment lies in; weeks begin on `startOfWeek`. */
export function unitIndex(time: number, unit: DateUnit, startOfWeek: number): number {
  if (unit === 'week') {
    const day = Math.floor(time / lengths.day);
    return Math.floor((day + epochWeekday - startOfWeek) / 7);
  }
  if (unit in lengths) return Math.floor(time / lengths[unit as FixedUnit]);
  const date = new Date(time);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  return Math.floor(month / months[unit as keyof typeof months]);
}

/** When a unit of that index begins. */
export function unitStart(index: number, unit: DateUnit, startOfWeek: number): number {
  if (unit === 'week') return (index * 7 - epochWeekday + startOfWeek) * lengths.day;
  if (unit in lengths) return index * lengths[unit as FixedUnit];
  const month = index * months[unit as keyof typeof months];
  const date = new Date(0);
  date.setUTCFullYear(Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
  return date.getTime();
}
