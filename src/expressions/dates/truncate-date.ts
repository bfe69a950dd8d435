import { MongoServerError } from '../../errors/index.ts';
import { addToDate } from './add-to-date.ts';
import { daysFromCivil, weekdayOf } from './civil.ts';
import { dayUnitIndex, monthUnitIndex } from './date-difference.ts';
import { type Instant, instantOfLong, longOfInstant } from './instant.ts';
import { instantOfLocal, localDay } from './local-time.ts';
import { fixedLengths, isFixed, isOfDays, type TimeUnit } from './time-unit.ts';
import type { TimeZone } from './time-zone.ts';

/** Bins are counted from here; bins of weeks from the first week that begins here or later. */
const referenceDay = daysFromCivil(2000, 1, 1);
/** Stock's limit for units of days and more. */
const binsMax = 100_000_000_000n;

/** Where the bin of `size` units begins that the moment lies in; weeks begin on `startOfWeek`. */
export function truncateInstant(
  instant: Instant,
  unit: TimeUnit,
  size: bigint,
  zone: TimeZone,
  startOfWeek: number,
): Instant {
  const untilWeek = unit === 'week' ? (startOfWeek - weekdayOf(referenceDay) + 7) % 7 : 0;
  const reference = referenceDay + untilWeek;
  const start = instantOfLocal(reference, 0, zone);
  if (isFixed(unit)) {
    const milliseconds = size * BigInt(fixedLengths[unit]);
    if (BigInt.asIntN(64, milliseconds) !== milliseconds) overflowed(5439002);
    const moment = longOfInstant(instant);
    const distance = moment - longOfInstant(start);
    if (BigInt.asIntN(64, distance) !== distance) overflowed(5439000);
    const begin = moment - modulo(distance, milliseconds);
    if (BigInt.asIntN(64, begin) !== begin) overflowed(5439001);
    return instantOfLong(begin);
  }
  if (size > binsMax) {
    throw new MongoServerError(5439006, 'dateTrunc unsupported binSize value');
  }
  const index = (day: number) =>
    isOfDays(unit) ? dayUnitIndex(day, unit, startOfWeek) : monthUnitIndex(day, unit);
  const distance = BigInt(index(localDay(instant, zone).day) - index(reference));
  return addToDate(start, unit, distance - modulo(distance, size), zone);
}

function modulo(value: bigint, size: bigint): bigint {
  const rest = value % size;
  return rest < 0n ? rest + size : rest;
}

function overflowed(code: number): never {
  throw new MongoServerError(code, 'dateTrunc overflowed');
}
