/**
 * The proleptic Gregorian calendar, for every day a 64-bit date can name (JavaScript's own Date ends in
 * the year 275760). Days are counted from 1970-01-01.
 */

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

const daysPerEra = 146_097;
/** From 0000-03-01, where an era begins, to 1970-01-01. */
const eraOffset = 719_468;

/** Months beyond 1 to 12 and days beyond the month's count on. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const months = year * 12 + (month - 1);
  const wholeYear = Math.floor(months / 12);
  const monthOfYear = months - wholeYear * 12;
  // Years begin in March, so that a leap day is the last day.
  const y = monthOfYear < 2 ? wholeYear - 1 : wholeYear;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const fromMarch = (monthOfYear + 10) % 12;
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5);
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysPerEra + dayOfEra - eraOffset + day - 1;
}

export function civilFromDays(days: number): CivilDate {
  const shifted = days + eraOffset;
  const era = Math.floor(shifted / daysPerEra);
  const dayOfEra = shifted - era * daysPerEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** 0 on Sundays. */
export function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** 1 on Mondays, 7 on Sundays. */
export function isoWeekdayOf(days: number): number {
  return weekdayOf(days) || 7;
}

/** 1 on the first of January. */
export function dayOfYearOf(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;
}

/** Weeks begin on Sundays; the days before the first Sunday are week 0. */
export function weekOf(days: number): number {
  return Math.floor((dayOfYearOf(days) + 6 - weekdayOf(days)) / 7);
}

/** ISO 8601: the week of a year's first Thursday is its first. */
export function isoWeekOf(days: number): { readonly year: number; readonly week: number } {
  const thursday = days + 4 - isoWeekdayOf(days);
  return {
    year: civilFromDays(thursday).year,
    week: Math.floor((dayOfYearOf(thursday) - 1) / 7) + 1,
  };
}

/** Weeks and weekdays beyond those of the year count on. */
export function daysFromIsoWeek(year: number, week: number, weekday: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - isoWeekdayOf(fourth) + (week - 1) * 7 + weekday;
}
