import { daysFromCivil } from './civil.ts';

/** A time span in which a zone's offset stays the same; seconds since 1970. */
export interface OffsetPeriod {
  readonly from: number;
  /** The first second after it. */
  readonly to: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

const daySeconds = 86_400;
/** Before, every zone had its local mean time. */
const earliest = daysFromCivil(1800, 1, 1) * daySeconds;
/** Rules repeat with the calendar: later moments are looked up some multiple of 400 years before. */
const latest = daysFromCivil(2400, 1, 1) * daySeconds;
const cycle = 146_097 * daySeconds;

/** What is looked through at once. */
const chunkSeconds = 366 * daySeconds;
/**
 * Between two looks an offset can not have changed and changed back: the tz database's shortest such time
 * is four days (Africa/Freetown, September 1939), the next seven.
 */
const stepSeconds = 3 * daySeconds;
/** Years of one zone that stay known. */
const chunksMax = 512;

/**
 * The offsets of one zone of the tz database, found by asking Intl (ICU) what a clock there shows. A year
 * is looked through when the first moment in it is asked for; afterwards its periods answer.
 */
export class ZoneOffsets {
  readonly #format: Intl.DateTimeFormat;
  readonly #chunks = new Map<number, readonly OffsetPeriod[]>();
  #last: OffsetPeriod = { from: 0, to: 0, offset: 0 };

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** The period a moment lies in, cut at the ends of the year looked through. */
  at(seconds: number): OffsetPeriod {
    const last = this.#last;
    if (seconds >= last.from && seconds < last.to) return last;
    const cycles = seconds < latest ? 0 : Math.floor((seconds - latest) / cycle) + 1;
    const found = this.#lookUp(Math.max(earliest, seconds - cycles * cycle));
    const isEarly = seconds < earliest;
    this.#last = {
      from: isEarly ? Number.NEGATIVE_INFINITY : found.from + cycles * cycle,
      to: found.to + cycles * cycle,
      offset: found.offset,
    };
    return this.#last;
  }

  #lookUp(seconds: number): OffsetPeriod {
    const number = Math.floor(seconds / chunkSeconds);
    let periods = this.#chunks.get(number);
    if (periods === undefined) {
      periods = this.#lookThrough(number * chunkSeconds);
      if (this.#chunks.size >= chunksMax) this.#chunks.clear();
      this.#chunks.set(number, periods);
    }
    return periods.find((period) => seconds < period.to)!;
  }

  #lookThrough(start: number): OffsetPeriod[] {
    const end = start + chunkSeconds;
    const periods: OffsetPeriod[] = [];
    let from = start;
    let offset = this.#ask(start);
    for (let at = start; at < end; ) {
      const next = Math.min(at + stepSeconds, end);
      const later = this.#ask(next);
      if (later !== offset) {
        const change = this.#changeBetween(at, next, offset);
        periods.push({ from, to: change, offset });
        from = change;
        // Asked anew, as the change may not be the only one.
        offset = this.#ask(change);
        at = change;
      } else at = next;
    }
    if (from < end) periods.push({ from, to: end, offset });
    return periods;
  }

  /** The first second after `low` with another offset than there; at `high` it is another. */
  #changeBetween(low: number, high: number, offset: number): number {
    let same = low;
    let other = high;
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (this.#ask(middle) === offset) same = middle;
      else other = middle;
    }
    return other;
  }

  /** `MM/DD/YYYY, HH:MM:SS` is what a clock in the zone shows. */
  #ask(seconds: number): number {
    const text = this.#format.format(seconds * 1000);
    const number = (from: number, to: number) => Number(text.slice(from, to));
    const day = daysFromCivil(number(6, 10), number(0, 2), number(3, 5));
    const time = number(12, 14) * 3600 + number(15, 17) * 60 + number(18, 20);
    return day * daySeconds + time - seconds;
  }
}
