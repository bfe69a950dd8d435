import { conversionFailure } from '../conversion-failure.ts';
import { daysInMonth } from './civil.ts';
import type { Instant } from './instant.ts';
import { instantOfParts } from './local-time.ts';
import type { TimeZone } from './time-zone.ts';

/** What was read of a date's text; undefined: nothing was said about it. */
export interface ParsedDate {
  year?: number;
  month?: number;
  day?: number;
  hour?: number;
  minute?: number;
  second?: number;
  millisecond?: number;
  /** Seconds east of UTC. */
  offset?: number;
  /** The offset was given as this abbreviation, e.g. `EST`. */
  abbreviation?: string;
  /** 0 for Sunday: the date is that day or the next such day after it. */
  weekday?: number;
}

/** One thing wrong with a date's text: where, what, and the character there. */
export interface TextProblem {
  readonly at: number;
  readonly message: string;
}

/** Throws a ConversionFailure (241) that lists the problems, as timelib words them. */
export function refuseText(text: string, problems: readonly TextProblem[]): void {
  if (problems.length === 0) return;
  const listed = problems.map(({ at, message }) => `; ${at}: ${message} '${text[at] ?? '\0'}'`);
  throw conversionFailure(`Error parsing date string '${text}'${listed.join('')}`);
}

/** Days and times that do not exist, e.g. the 30th of February. */
export function impossibleParts(parsed: ParsedDate, end: number): TextProblem[] {
  const { year, month, day, hour, minute, second } = parsed;
  const problems: TextProblem[] = [];
  const hasTime = hour !== undefined && minute !== undefined && second !== undefined;
  if (hasTime && (hour > 23 || minute > 59 || second > 59)) {
    problems.push({ at: end, message: 'The parsed time was invalid' });
  }
  if (year !== undefined && month !== undefined && day !== undefined) {
    const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
    if (!exists) problems.push({ at: end, message: 'The parsed date was invalid' });
  }
  return problems;
}

/** The moment, of a local time in `zone` unless the text itself has said the zone. */
export function instantOfParsed(parsed: ParsedDate, text: string, zone: TimeZone): Instant {
  const { year, month, day, offset, abbreviation } = parsed;
  const hasNoTime =
    parsed.hour === undefined && parsed.minute === undefined && parsed.second === undefined;
  const { hour, minute, second } = hasNoTime ? { hour: 0, minute: 0, second: 0 } : parsed;
  if (
    year === undefined ||
    month === undefined ||
    day === undefined ||
    hour === undefined ||
    minute === undefined ||
    second === undefined
  ) {
    throw conversionFailure(
      `an incomplete date/time string has been found, with elements missing: "${text}"`,
    );
  }
  if (!zone.isUtc && offset !== undefined) {
    throw conversionFailure(
      abbreviation === undefined
        ? 'you cannot pass in a date/time string with GMT offset together with a timezone argument'
        : `you cannot pass in a date/time string with time zone information ('${abbreviation}') together with a timezone argument`,
    );
  }
  const millisecond = hasNoTime ? 0 : (parsed.millisecond ?? 0);
  const parts = { year, month, day, hour, minute, second, millisecond };
  if (offset === undefined) return instantOfParts(parts, zone);
  const fixed = { isUtc: false, offsetAt: () => offset, offsetOfLocal: () => offset };
  return instantOfParts(parts, fixed);
}
