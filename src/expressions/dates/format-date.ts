import { MongoServerError } from '../../errors/index.ts';
import { dayOfYearOf, isoWeekdayOf, isoWeekOf, weekdayOf, weekOf } from './civil.ts';
import type { LocalTime } from './local-time.ts';

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const toStringLetters = 'bBdGHjLmMSwuUVYzZ';
const fromStringLetters = 'bBdGHjLmMSuVYzZ';

/** Throws for a `%` without a specifier behind it: 18535, and for one that is none: 18536. */
export function checkFormat(format: string, use: 'toString' | 'fromString'): void {
  const letters = use === 'toString' ? toStringLetters : fromStringLetters;
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', at + 2)) {
    const letter = format[at + 1];
    if (letter === undefined) {
      throw new MongoServerError(18535, "Unmatched '%' at end of format string");
    }
    if (letter !== '%' && !letters.includes(letter)) {
      throw new MongoServerError(18536, `Invalid format character '%${letter}' in format string`);
    }
  }
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

function fourDigits(year: number): string {
  if (year >= 0 && year <= 9999) return padded(year, 4);
  throw new MongoServerError(
    18537,
    `Could not convert date to string: date component was outside the supported range of 0-9999: ${year}`,
  );
}

/** The local time by a format `checkFormat` has passed; a year outside 0 to 9999 throws 18537. */
export function formatDate(local: LocalTime, format: string): string {
  let text = '';
  for (let at = 0; at < format.length; at++) {
    const letter = format[at]!;
    text += letter === '%' ? specified(local, format[++at]!) : letter;
  }
  return text;
}

function specified(local: LocalTime, letter: string): string {
  switch (letter) {
    case 'Y':
      return fourDigits(local.year);
    case 'm':
      return padded(local.month, 2);
    case 'b':
      return monthNames[local.month - 1]!.slice(0, 3);
    case 'B':
      return monthNames[local.month - 1]!;
    case 'd':
      return padded(local.day, 2);
    case 'H':
      return padded(local.hour, 2);
    case 'M':
      return padded(local.minute, 2);
    case 'S':
      return padded(local.second, 2);
    case 'L':
      return padded(local.millisecond, 3);
    case 'j':
      return padded(dayOfYearOf(local.days), 3);
    case 'w':
      return String(weekdayOf(local.days) + 1);
    case 'u':
      return String(isoWeekdayOf(local.days));
    case 'U':
      return padded(weekOf(local.days), 2);
    case 'V':
      return padded(isoWeekOf(local.days).week, 2);
    case 'G':
      return fourDigits(isoWeekOf(local.days).year);
    case 'z':
      return offsetText(local.offset);
    case 'Z':
      return String(Math.trunc(local.offset / 60));
    default:
      return letter;
  }
}

/** `+0530`. */
function offsetText(seconds: number): string {
  const minutes = Math.abs(Math.trunc(seconds / 60));
  const sign = seconds < 0 ? '-' : '+';
  return `${sign}${padded(Math.floor(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
}

/** What `$dateToString` without a format has. */
export const isoFormat = '%Y-%m-%dT%H:%M:%S.%L';
