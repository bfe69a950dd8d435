import { addToDate } from './add-to-date.ts';
import { instantOfLong, longOfInstant } from './instant.ts';
import { fixedLengths, type TimeUnit, unitDays, unitMonths } from './time-unit.ts';
import { utc } from './time-zone.ts';

const dayMilliseconds = 86_400_000;

/** The unit of this name; undefined: there is none. */
export function timeUnitNamed(name: string): TimeUnit | undefined {
  const isUnit = [fixedLengths, unitDays, unitMonths].some((units) => Object.hasOwn(units, name));
  return isUnit ? (name as TimeUnit) : undefined;
}

/** Milliseconds since 1970, so many units later by the calendar of UTC. */
export function shiftDate(milliseconds: bigint, unit: TimeUnit, amount: bigint): bigint {
  return longOfInstant(addToDate(instantOfLong(milliseconds), unit, amount, utc));
}

/** Milliseconds of a unit that is always as long; undefined for months and longer ones. */
export function lengthOfUnit(unit: TimeUnit): number | undefined {
  if (Object.hasOwn(unitMonths, unit)) return undefined;
  if (Object.hasOwn(unitDays, unit)) return unitDays[unit as 'day'] * dayMilliseconds;
  return fixedLengths[unit as 'second'];
}
