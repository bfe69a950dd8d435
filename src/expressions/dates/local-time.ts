import { civilFromDays, daysFromCivil } from './civil.ts';
import { dayMilliseconds, type Instant, secondsOf } from './instant.ts';
import type { TimeZone } from './time-zone.ts';

/** What calendar and clock show in some zone. */
export interface LocalTime {
  /** Days from 1970-01-01 to the local date. */
  readonly days: number;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

/** Days since 1970 and milliseconds of the day, as they are in the zone. */
export function localDay(instant: Instant, zone: TimeZone): Instant {
  const offset = zone.offsetAt(secondsOf(instant));
  return offset === 0 ? instant : shifted(instant, offset * 1000);
}

export function localTimeOf(instant: Instant, zone: TimeZone): LocalTime {
  const offset = zone.offsetAt(secondsOf(instant));
  const { day: days, time } = offset === 0 ? instant : shifted(instant, offset * 1000);
  const { year, month, day } = civilFromDays(days);
  return {
    days,
    year,
    month,
    day,
    hour: Math.floor(time / 3_600_000),
    minute: Math.floor(time / 60_000) % 60,
    second: Math.floor(time / 1000) % 60,
    millisecond: time % 1000,
    offset,
  };
}

/** So many milliseconds later; both may be any number of milliseconds below 2^53. */
function shifted({ day, time }: Instant, milliseconds: number): Instant {
  const total = time + milliseconds;
  const days = Math.floor(total / dayMilliseconds);
  return { day: day + days, time: total - days * dayMilliseconds };
}

/** The moment at which clocks in the zone show so many milliseconds of the day `days`. */
export function instantOfLocal(days: number, milliseconds: number, zone: TimeZone): Instant {
  const local = shifted({ day: days, time: 0 }, milliseconds);
  const offset = zone.offsetOfLocal(secondsOf(local));
  return shifted(local, -offset * 1000);
}

/** Hours, minutes and so on beyond those of a day count on, as do months and days. */
export function instantOfParts(parts: Omit<LocalTime, 'days' | 'offset'>, zone: TimeZone): Instant {
  const { hour, minute, second, millisecond } = parts;
  const days = daysFromCivil(parts.year, parts.month, parts.day);
  return instantOfLocal(
    days,
    hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond,
    zone,
  );
}
