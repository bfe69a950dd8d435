import { civilFromDays, daysFromCivil, daysFromIsoWeek, weekdayOf } from './civil.ts';
import { type Instant, instantAt } from './instant.ts';
import { monthOf, monthPattern, romanPattern } from './month-name.ts';
import {
  impossibleParts,
  instantOfParsed,
  type ParsedDate,
  refuseText,
  type TextProblem,
} from './parsed-date.ts';
import type { TimeZone } from './time-zone.ts';
import { zoneAtStart } from './zone-text.ts';

/**
 * Dates in free text, as timelib's `strtotime` reads them: dates and times of many shapes one after the
 * other. Words that count from the present (`tomorrow`, `+1 day`) are not read: stock refuses them as
 * incomplete unless a date stands beside them.
 */

interface Groups {
  readonly sign?: string;
  readonly year?: string;
  readonly month?: string;
  readonly name?: string;
  readonly day?: string;
  readonly week?: string;
  readonly weekday?: string;
  readonly dayOfYear?: string;
  readonly hour?: string;
  readonly minute?: string;
  readonly second?: string;
  readonly fraction?: string;
  readonly half?: string;
  readonly seconds?: string;
}
/** `found` are the named groups of the pattern. */
type Take = (reader: TextReader, found: Groups) => void;

const space = '[ \\t]';
const month = `(?<month>1[0-2]|0?\\d)`;
const month2 = `(?<month>0\\d|1[0-2])`;
const monthName = `(?<name>${monthPattern}|${romanPattern})`;
const day = `(?<day>3[01]|[0-2]?\\d)(?:st|nd|rd|th)?`;
const day2 = `(?<day>[0-2]\\d|3[01])`;
const year = '(?<year>\\d{1,4})';
const year4 = '(?<year>\\d{4})';
const fraction = '[.,:](?<fraction>\\d+)';
const clock = `(?<hour>2[0-4]|[01]?\\d)[:.](?<minute>[0-5]?\\d)(?:[:.](?<second>[0-5]?\\d|60)(?:${fraction})?)?`;
const clock12 = `(?<hour>1[0-2]|0?[1-9])(?:[:.](?<minute>[0-5]?\\d)(?:[:.](?<second>[0-5]?\\d)(?:${fraction})?)?)?${space}*(?<half>[ap]\\.?m\\.?)(?![a-z])`;

const takeDate: Take = (reader, found) => reader.takeDate(found);
const takeTime: Take = (reader, found) => reader.takeTime(found);
const takeBoth: Take = (reader, found) => {
  reader.takeDate(found);
  reader.takeTime(found);
};

/** The longest match is taken, of equally long ones the first. */
const shapes: readonly (readonly [RegExp, Take])[] = (
  [
    ['[ \\t\\n\\r,;]+', () => undefined],
    [
      '@(?<seconds>-?\\d+)(?:\\.(?<fraction>\\d{1,6}))?',
      (reader, found) => reader.takeSeconds(found),
    ],
    [`(?<sign>[+-])?${year4}-${month2}-${day2}`, takeDate],
    [`${year4}/${month}/${day}/?`, takeDate],
    [`${year4}-${month}-${day}`, takeDate],
    [`${year4}-${month}`, takeDate],
    [`${month}/${day}/${year}`, takeDate],
    [`${day}[.\\t-]${month}[.-]${year4}`, takeDate],
    [`${day}[.\\t]${month}\\.(?<year>\\d{2})`, takeDate],
    [`${year4}${month2}${day2}`, takeDate],
    [`${day}[ \\t.-]*${monthName}[ \\t.-]*${year}`, takeDate],
    [`${monthName}[ .\\t-]*${day}[,.stndrh\\t ]+${year}`, takeDate],
    [`${monthName}[ .\\t-]*${year4}`, takeDate],
    [`${year4}[ .\\t-]*${monthName}`, takeDate],
    [`${monthName}[ .\\t-]*${day}[,.stndrh\\t ]*`, takeDate],
    [`${monthName}[ .\\t-]*${day}[,.stndrh\\t ]*${clock}`, takeBoth],
    [`${day}[ .\\t-]*${monthName}`, takeDate],
    [`${monthName}-${day2}-${year}`, takeDate],
    [`${year}-${monthName}-${day2}`, takeDate],
    [`${day}/${monthName}/${year4}:${clock}`, takeBoth],
    [`${year4}:${month2}:${day2} ${clock}`, takeBoth],
    [`${year4}${month2}${day2}t${clock}`, takeBoth],
    [
      `${year4}${month2}${day2}t?(?<hour>[01]\\d|2[0-4])(?<minute>[0-5]\\d)(?<second>[0-5]\\d)`,
      takeBoth,
    ],
    [
      `${year4}-?W(?<week>[0-4]\\d|5[0-3])(?:-?(?<weekday>[0-7]))?`,
      (reader, found) => reader.takeWeek(found),
    ],
    [
      `${year4}[.-]?(?<dayOfYear>[0-2]\\d{2}|3[0-5]\\d|36[0-6])`,
      (reader, found) => reader.takeDayOfYear(found),
    ],
    [`t?${space}*${clock}`, takeTime],
    [`t?${space}*${clock12}`, takeTime],
    ['t(?<hour>[01]?\\d|2[0-4])', takeTime],
    [`t?(?<hour>[01]\\d|2[0-4])(?<minute>[0-5]\\d)(?<second>[0-5]\\d)?(?:${fraction})?`, takeTime],
    [year4, (reader, found) => reader.takeYearOrTime(found)],
    [
      '(?<weekday>sun|mon|tues?|wed|thur?s?|fri|sat|(?:sun|mon|tues|wednes|thurs|fri|satur)day)(?![a-z])\\.?',
      (reader, found) => reader.takeWeekday(found),
    ],
    ['noon(?![a-z])', (reader) => reader.takeTime({ hour: '12' })],
    ['midnight(?![a-z])', (reader) => reader.takeTime({ hour: '0' })],
  ] as readonly [string, Take][]
).map(([pattern, take]) => [new RegExp(pattern, 'iy'), take]);

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function fullYear(text: string): number {
  const value = Number(text);
  if (text.length > 2) return value;
  return value < 70 ? 2000 + value : 1900 + value;
}

class TextReader {
  readonly #text: string;
  readonly #end: number;
  readonly parsed: ParsedDate = {};
  readonly problems: TextProblem[] = [];
  #at: number;
  #hasDate = false;
  #hasTime = false;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.length - text.replace(/^[ \t-\r\0\u00a0]+/, '').length;
    this.#end = text.replace(/[ \t-\r\0\u00a0]+$/, '').length;
  }

  read(): void {
    if (this.#at >= this.#end) this.#complain('Empty string');
    while (this.#at < this.#end) {
      const [found, take] = this.#longest();
      if (found !== undefined) {
        take!(this, found.groups ?? {});
        this.#at += found[0].length;
      } else this.#takeZone();
    }
    this.problems.push(...impossibleParts(this.parsed, this.#end));
  }

  #longest(): [RegExpExecArray, Take] | [undefined, undefined] {
    let best: [RegExpExecArray, Take] | [undefined, undefined] = [undefined, undefined];
    for (const [pattern, take] of shapes) {
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#text);
      if (found !== null && found[0].length > (best[0]?.[0].length ?? 0)) best = [found, take];
    }
    return best;
  }

  #complain(message: string): void {
    this.problems.push({ at: this.#at, message });
  }

  #startDate(): void {
    if (this.#hasDate) this.#complain('Double date specification');
    this.#hasDate = true;
  }

  takeDate(found: Groups): void {
    this.#startDate();
    const { parsed } = this;
    const numeric = found.month;
    parsed.month = numeric === undefined ? monthOf(found.name!)! : Number(numeric);
    if (found.year !== undefined) {
      parsed.year = fullYear(found.year) * (found.sign === '-' ? -1 : 1);
    }
    parsed.day = found.day === undefined ? 1 : Number(found.day);
  }

  takeWeek(found: Groups): void {
    this.#startDate();
    const days = daysFromIsoWeek(
      Number(found.year),
      Number(found.week),
      Number(found.weekday ?? 1),
    );
    Object.assign(this.parsed, civilFromDays(days));
  }

  takeDayOfYear(found: Groups): void {
    this.#startDate();
    const days = daysFromCivil(Number(found.year), 1, Number(found.dayOfYear));
    Object.assign(this.parsed, civilFromDays(days));
  }

  takeTime(found: Groups): void {
    if (this.#hasTime) this.#complain('Double time specification');
    this.#hasTime = true;
    const { parsed } = this;
    const hour = Number(found.hour);
    const half = found.half?.[0]?.toLowerCase();
    parsed.hour = half === undefined ? hour : (hour % 12) + (half === 'p' ? 12 : 0);
    parsed.minute = Number(found.minute ?? 0);
    parsed.second = Number(found.second ?? 0);
    parsed.millisecond = Number((found.fraction ?? '').padEnd(3, '0').slice(0, 3));
  }

  /** Four digits are hours and minutes; behind a time they are the year. */
  takeYearOrTime(found: Groups): void {
    const digits = found.year!;
    const isTime = !this.#hasTime && /^(?:[01]\d|2[0-4])[0-5]\d$/.test(digits);
    if (isTime) this.takeTime({ hour: digits.slice(0, 2), minute: digits.slice(2) });
    else this.parsed.year = Number(digits);
  }

  takeSeconds(found: Groups): void {
    this.#startDate();
    const { day, time } = instantAt(Number(found.seconds) * 1000);
    Object.assign(this.parsed, civilFromDays(day));
    this.#hasTime = true;
    this.parsed.hour = Math.floor(time / 3_600_000);
    this.parsed.minute = Math.floor(time / 60_000) % 60;
    this.parsed.second = Math.floor(time / 1000) % 60;
    this.parsed.millisecond = Number((found.fraction ?? '').padEnd(3, '0').slice(0, 3));
    this.parsed.offset = 0;
  }

  takeWeekday(found: Groups): void {
    this.parsed.weekday = weekdays.indexOf(found.weekday!.slice(0, 3).toLowerCase());
  }

  #takeZone(): void {
    const rest = this.#text.slice(this.#at);
    const zone = zoneAtStart(rest);
    const word = /^[a-z]+(?:[_/][a-z]+)*/i.exec(rest)?.[0].length ?? 0;
    if (zone === undefined || word > zone.length) {
      this.#complain(
        word === 0
          ? 'Unexpected character'
          : 'passing a time zone identifier as part of the string is not allowed',
      );
      this.#at += Math.max(1, word);
      return;
    }
    if (this.parsed.offset !== undefined) this.#complain('Double timezone specification');
    this.parsed.offset = zone.offset;
    if (zone.abbreviation !== undefined) this.parsed.abbreviation = zone.abbreviation;
    this.#at += zone.length;
  }
}

/** The moment `text` says, in `zone` unless it says a zone itself; else a ConversionFailure (241). */
export function parseDateText(text: string, zone: TimeZone): Instant {
  const reader = new TextReader(text);
  reader.read();
  refuseText(text, reader.problems);
  return instantOfParsed(onWeekday(reader.parsed), text, zone);
}

/** A weekday beside a date moves the date to that day, or to the next one after it. */
function onWeekday(parsed: ParsedDate): ParsedDate {
  const { weekday, year: y, month: m, day: d } = parsed;
  if (weekday === undefined || y === undefined || m === undefined || d === undefined) return parsed;
  const days = daysFromCivil(y, m, d);
  return Object.assign(parsed, civilFromDays(days + ((weekday - weekdayOf(days) + 7) % 7)));
}
