import { MongoServerError } from '../errors/index.ts';

/** Parts of dates in UTC. */

const dayMilliseconds = 86_400_000;

/** 1 on the first of January. */
export function dayOfYearOf(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / dayMilliseconds) + 1;
}

/** Weeks begin on Sundays; the days before the first Sunday are week 0. */
export function weekOf(date: Date): number {
  return Math.floor((dayOfYearOf(date) + 6 - date.getUTCDay()) / 7);
}

/** ISO 8601: the week of a year's first Thursday is its first. */
export function isoWeekOf(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * dayMilliseconds);
  return {
    year: thursday.getUTCFullYear(),
    week: Math.floor((dayOfYearOf(thursday) - 1) / 7) + 1,
  };
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

const months = [
  ['Jan', 'January'],
  ['Feb', 'February'],
  ['Mar', 'March'],
  ['Apr', 'April'],
  ['May', 'May'],
  ['Jun', 'June'],
  ['Jul', 'July'],
  ['Aug', 'August'],
  ['Sep', 'September'],
  ['Oct', 'October'],
  ['Nov', 'November'],
  ['Dec', 'December'],
] as const;

/** The format specifiers of `$dateToString`. */
export function formatDate(date: Date, format: string): string {
  let text = '';
  for (let at = 0; at < format.length; at++) {
    if (format[at] !== '%') {
      text += format[at];
      continue;
    }
    text += specifier(date, format[++at]);
  }
  return text;
}

function specifier(date: Date, letter: string | undefined): string {
  switch (letter) {
    case 'Y':
      return padded(date.getUTCFullYear(), 4);
    case 'm':
      return padded(date.getUTCMonth() + 1, 2);
    case 'b':
      return months[date.getUTCMonth()]![0];
    case 'B':
      return months[date.getUTCMonth()]![1];
    case 'd':
      return padded(date.getUTCDate(), 2);
    case 'H':
      return padded(date.getUTCHours(), 2);
    case 'M':
      return padded(date.getUTCMinutes(), 2);
    case 'S':
      return padded(date.getUTCSeconds(), 2);
    case 'L':
      return padded(date.getUTCMilliseconds(), 3);
    case 'j':
      return padded(dayOfYearOf(date), 3);
    case 'w':
      return String(date.getUTCDay() + 1);
    case 'u':
      return String(date.getUTCDay() || 7);
    case 'U':
      return padded(weekOf(date), 2);
    case 'V':
      return padded(isoWeekOf(date).week, 2);
    case 'G':
      return padded(isoWeekOf(date).year, 4);
    case 'z':
      return '+0000';
    case 'Z':
      return '0';
    case '%':
      return '%';
    case undefined:
      throw new MongoServerError(18535, "Unmatched '%' at end of format string");
    default:
      throw new MongoServerError(18536, `Invalid format character '%${letter}' in format string`);
  }
}
