import { MongoServerError } from '../../errors/index.ts';
import { civilFromDays } from './civil.ts';
import { type Instant, longOfInstant, secondsOf } from './instant.ts';
import { localDay } from './local-time.ts';
import {
  type DayUnit,
  isFixed,
  isOfDays,
  type MonthUnit,
  type TimeUnit,
  unitMonths,
} from './time-unit.ts';
import type { TimeZone } from './time-zone.ts';

/** From a Sunday to the first Thursday of 1970. */
const epochWeekday = 4;

/** Which day or week, counted from 1970, a local day is in; weeks begin on `startOfWeek`. */
export function dayUnitIndex(day: number, unit: DayUnit, startOfWeek: number): number {
  return unit === 'day' ? day : Math.floor((day + epochWeekday - startOfWeek) / 7);
}

/** Which month, quarter or year a local day is in. */
export function monthUnitIndex(day: number, unit: MonthUnit): number {
  const { year, month } = civilFromDays(day);
  return Math.floor((year * 12 + month - 1) / unitMonths[unit]);
}

/**
 * How many boundaries of the unit lie between two moments: those of days and longer units by the calendar
 * of the zone; of hours and shorter ones by its clock, without what summer time adds or takes.
 */
export function differenceIn(
  from: Instant,
  to: Instant,
  unit: TimeUnit,
  zone: TimeZone,
  startOfWeek: number,
): bigint {
  if (unit === 'millisecond') {
    const milliseconds = longOfInstant(to) - longOfInstant(from);
    if (BigInt.asIntN(64, milliseconds) === milliseconds) return milliseconds;
    throw new MongoServerError(5166308, 'dateDiff overflowed');
  }
  const start = localDay(from, zone);
  const end = localDay(to, zone);
  if (!isFixed(unit)) {
    const index = (day: number) =>
      isOfDays(unit) ? dayUnitIndex(day, unit, startOfWeek) : monthUnitIndex(day, unit);
    return BigInt(index(end.day) - index(start.day));
  }
  const seconds = { second: 1, minute: 60, hour: 3600 }[unit];
  const perDay = 86_400 / seconds;
  const clock = ({ time }: Instant) => Math.floor(time / (seconds * 1000));
  const shift = zone.offsetAt(secondsOf(from)) - zone.offsetAt(secondsOf(to));
  return BigInt(
    (end.day - start.day) * perDay + clock(end) - clock(start) + Math.trunc(shift / seconds),
  );
}
