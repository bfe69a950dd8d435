import { MongoServerError } from '../../errors/index.ts';
import { zoneNames } from './zone-names.ts';
import { ZoneOffsets } from './zone-offsets.ts';

/** Seconds are counted from 1970, offsets in seconds east of UTC. */
export interface TimeZone {
  readonly isUtc: boolean;
  offsetAt(seconds: number): number;
  /**
   * The offset that belongs to what a clock shows, given as the seconds a clock in UTC would show it at.
   * In the gap of a spring night the clock is taken to have gone on, so that 02:30 is 03:30; of a time
   * that comes twice it is one of the two, as timelib chooses.
   */
  offsetOfLocal(seconds: number): number;
}

class FixedZone implements TimeZone {
  readonly isUtc: boolean;
  readonly #offset: number;

  constructor(offset: number) {
    this.#offset = offset;
    this.isUtc = offset === 0;
  }

  offsetAt(): number {
    return this.#offset;
  }

  offsetOfLocal(): number {
    return this.#offset;
  }
}

class NamedZone implements TimeZone {
  readonly isUtc = false;
  readonly #offsets: ZoneOffsets;

  constructor(name: string) {
    this.#offsets = new ZoneOffsets(name);
  }

  offsetAt(seconds: number): number {
    return this.#offsets.at(seconds).offset;
  }

  offsetOfLocal(seconds: number): number {
    const current = this.offsetAt(seconds);
    const after = this.#offsets.at(seconds - current);
    if (after.offset === current) return current;
    const moment = seconds - after.offset;
    const isInGap = moment >= after.from + (current - after.offset) && moment < after.from;
    return isInGap ? current : after.offset;
  }
}

export const utc: TimeZone = new FixedZone(0);
const named = new Map<string, TimeZone>();

/** By its name in the tz database, or as `+HH`, `+HHMM` or `+HH:MM`; others throw 40485. */
export function timeZoneOf(text: string): TimeZone {
  const known = named.get(text);
  if (known !== undefined) return known;
  const offset = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (offset !== null) {
    const [, sign, hours, minutes = '0'] = offset;
    const seconds = Number(hours) * 3600 + Number(minutes) * 60;
    return new FixedZone(sign === '-' ? -seconds : seconds);
  }
  if (!zoneNames.has(text)) {
    throw new MongoServerError(40485, `unrecognized time zone identifier: "${text}"`);
  }
  const zone = text === 'UTC' ? utc : new NamedZone(text);
  named.set(text, zone);
  return zone;
}
