import { BsonType, type RawValue, valueText } from '../bson/index.ts';
import type { Interval } from './interval.ts';

/**
 * An interval as explain prints it, e.g. `[5.0, inf]`; `turned` for a descending scan, `isCollated` where
 * keys of a collation stand in place of texts.
 */
export function explainInterval(one: Interval, turned: boolean, isCollated: boolean): string {
  const low = boundText(one.low, isCollated);
  const high = boundText(one.high, isCollated);
  return turned
    ? `${one.highInclusive ? '[' : '('}${high}, ${low}${one.lowInclusive ? ']' : ')'}`
    : `${one.lowInclusive ? '[' : '('}${low}, ${high}${one.highInclusive ? ']' : ')'}`;
}

function boundText(value: RawValue, isCollated: boolean): string {
  if (!isCollated || value.type !== BsonType.string) return valueText(value);
  return `CollationKey(0x${value.buffer.toString('hex', value.start + 4, value.end - 1)})`;
}
