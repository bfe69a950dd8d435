import { MongoServerError } from '../../errors/index.ts';
import { daysFromCivil, daysInMonth } from './civil.ts';
import { dayMilliseconds, type Instant, instantOfLong, longOfInstant } from './instant.ts';
import { instantOfLocal, localTimeOf } from './local-time.ts';
import {
  fixedLengths,
  isFixed,
  isOfDays,
  type TimeUnit,
  unitDays,
  unitMonths,
} from './time-unit.ts';
import type { TimeZone } from './time-zone.ts';

/** As many of each unit as 2^64 milliseconds have, and one. */
const maxDays = 213_503_982_335n;
const maxYears = maxDays / 365n + 1n;
const maxima = {
  year: maxYears,
  quarter: maxYears * 4n,
  month: maxYears * 12n,
  week: maxDays / 7n,
  day: maxDays,
  hour: maxDays * 24n,
  minute: maxDays * 1440n,
  second: maxDays * 86_400n,
} as const;

/**
 * `amount` units later. Days and longer units leave the clock of the zone as it is, whatever summer time
 * does; a day that the month does not have is its last.
 */
export function addToDate(
  instant: Instant,
  unit: TimeUnit,
  amount: bigint,
  zone: TimeZone,
): Instant {
  if (unit !== 'millisecond' && !(amount < maxima[unit] && -amount < maxima[unit])) {
    throw new MongoServerError(
      5976500,
      `invalid dateAdd 'amount' parameter value: ${amount} ${unit}`,
    );
  }
  if (isFixed(unit)) return checked(longOfInstant(instant) + amount * BigInt(fixedLengths[unit]));
  const local = localTimeOf(instant, zone);
  const days = isOfDays(unit)
    ? local.days + Number(amount) * unitDays[unit]
    : addMonths(local.year, local.month, local.day, Number(amount) * unitMonths[unit]);
  const { hour, minute, second, millisecond } = local;
  const time = hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond;
  return checked(longOfInstant(instantOfLocal(days, time % dayMilliseconds, zone)));
}

function addMonths(year: number, month: number, day: number, amount: number): number {
  const months = year * 12 + month - 1 + amount;
  const toYear = Math.floor(months / 12);
  const toMonth = months - toYear * 12 + 1;
  return daysFromCivil(toYear, toMonth, Math.min(day, daysInMonth(toYear, toMonth)));
}

function checked(milliseconds: bigint): Instant {
  if (BigInt.asIntN(64, milliseconds) === milliseconds) return instantOfLong(milliseconds);
  throw new MongoServerError(5166406, 'dateAdd overflowed');
}
