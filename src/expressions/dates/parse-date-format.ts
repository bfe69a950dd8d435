import { civilFromDays, daysFromCivil, daysFromIsoWeek } from './civil.ts';
import type { Instant } from './instant.ts';
import { monthOf } from './month-name.ts';
import {
  impossibleParts,
  instantOfParsed,
  type ParsedDate,
  refuseText,
  type TextProblem,
} from './parsed-date.ts';
import type { TimeZone } from './time-zone.ts';
import { zoneAtStart } from './zone-text.ts';

/** Reads `text` by a format of specifiers, from left to right, as timelib does. */
class FormatReader {
  readonly #text: string;
  readonly parsed: ParsedDate = {};
  readonly problems: TextProblem[] = [];
  at = 0;
  #isoYear: number | undefined;
  #isoWeek: number | undefined;
  #isoWeekday: number | undefined;
  #dayOfYear: number | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(format: string): void {
    let from = 0;
    while (from < format.length && this.at < this.#text.length) {
      const letter = format[from]!;
      if (letter !== '%' || format[from + 1] === '%') {
        if (this.#text[this.at] !== letter) {
          this.#complain('Format literal not found');
          return;
        }
        this.at++;
        from += letter === '%' ? 2 : 1;
        continue;
      }
      const known = this.problems.length;
      this.#specified(format[from + 1]!);
      if (this.problems.length > known) return;
      from += 2;
    }
    if (this.at < this.#text.length) this.#complain('Trailing data');
    if (from < format.length) this.#complain('Not enough data available to satisfy format');
    if (this.problems.length === 0) this.#placeDate();
  }

  #complain(message: string, at = this.at): void {
    this.problems.push({ at, message });
  }

  #specified(letter: string): void {
    const { parsed } = this;
    switch (letter) {
      case 'Y':
        parsed.year = this.#digits(4, 4, 'A four digit year could not be found');
        return;
      case 'm':
        parsed.month = this.#digits(1, 2, 'A two digit month could not be found');
        return;
      case 'd':
        parsed.day = this.#digits(1, 2, 'A two digit day could not be found');
        return;
      case 'j':
        this.#dayOfYear = this.#digits(1, 3, 'A three digit day-of-year could not be found');
        return;
      case 'H':
        parsed.hour = this.#digits(1, 2, 'A two digit hour could not be found');
        return;
      case 'M':
        parsed.minute = this.#digits(2, 2, 'A two digit minute could not be found');
        return;
      case 'S':
        parsed.second = this.#digits(2, 2, 'A two digit second could not be found');
        return;
      case 'L':
        this.#milliseconds();
        return;
      case 'G':
        this.#isoYear = this.#digits(4, 4, 'A four digit ISO year could not be found');
        return;
      case 'V':
        this.#isoWeek = this.#digits(1, 2, 'A two digit ISO week could not be found');
        return;
      case 'u':
        this.#isoWeekday = this.#digits(1, 1, 'A single digit ISO day of week could not be found');
        return;
      case 'b':
      case 'B':
        this.#month();
        return;
      case 'z':
        this.#zone();
        return;
      default:
        this.#zoneMinutes();
    }
  }

  #digits(least: number, most: number, message: string): number {
    const found = /^\d+/.exec(this.#text.slice(this.at, this.at + most));
    if (found === null) this.#complain('Unexpected data found.');
    if (found === null || found[0].length < least) {
      this.#complain(message);
      return 0;
    }
    this.at += found[0].length;
    return Number(found[0]);
  }

  #milliseconds(): void {
    const before = this.at;
    const value = this.#digits(1, 3, 'A three digit millisecond could not be found');
    this.parsed.millisecond = value * 10 ** (3 - (this.at - before));
  }

  #month(): void {
    const name = /^[a-z]+/i.exec(this.#text.slice(this.at))?.[0] ?? '';
    const month = monthOf(name);
    if (month === undefined) {
      this.#complain('A textual month could not be found');
      return;
    }
    this.parsed.month = month;
    this.at += name.length;
  }

  #zone(): void {
    const zone = zoneAtStart(this.#text.slice(this.at));
    if (zone === undefined) {
      this.#complain('passing a time zone identifier as part of the string is not allowed');
      return;
    }
    this.parsed.offset = zone.offset;
    if (zone.abbreviation !== undefined) this.parsed.abbreviation = zone.abbreviation;
    this.at += zone.length;
  }

  #zoneMinutes(): void {
    const found = /^[+-]\d+/.exec(this.#text.slice(this.at));
    if (found === null) {
      this.#complain('Invalid timezone offset in minutes');
      return;
    }
    this.parsed.offset = Number(found[0]) * 60;
    this.at += found[0].length;
  }

  /** Days of the year and of ISO weeks become days of months. */
  #placeDate(): void {
    const { parsed } = this;
    const hasIso =
      this.#isoYear !== undefined || this.#isoWeek !== undefined || this.#isoWeekday !== undefined;
    if (hasIso) {
      const isNatural =
        parsed.year !== undefined || parsed.month !== undefined || parsed.day !== undefined;
      if (isNatural || this.#dayOfYear !== undefined) {
        this.#complain('Mixing of ISO dates with natural dates is not allowed');
        return;
      }
      if (this.#isoYear === undefined) return;
      this.#place(daysFromIsoWeek(this.#isoYear, this.#isoWeek ?? 1, this.#isoWeekday ?? 1));
    } else if (this.#dayOfYear !== undefined && parsed.year !== undefined) {
      // timelib counts from 0 here, unlike $dateToString's %j.
      this.#place(daysFromCivil(parsed.year, 1, this.#dayOfYear + 1));
    }
    this.#placeTime();
    this.problems.push(...impossibleParts(parsed, this.at));
  }

  #place(days: number): void {
    Object.assign(this.parsed, civilFromDays(days));
  }

  /** A time that is given in part is zero for the rest. */
  #placeTime(): void {
    const { parsed } = this;
    const { hour, minute, second, millisecond } = parsed;
    if ((hour ?? minute ?? second ?? millisecond) === undefined) return;
    parsed.hour ??= 0;
    parsed.minute ??= 0;
    parsed.second ??= 0;
  }
}

/** The moment `text` says by `format`, which `checkFormat` has passed; else a ConversionFailure (241). */
export function parseDateByFormat(text: string, format: string, zone: TimeZone): Instant {
  const reader = new FormatReader(text);
  reader.read(format);
  refuseText(text, reader.problems);
  return instantOfParsed(reader.parsed, text, zone);
}
