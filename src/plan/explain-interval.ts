import { valueText } from '../bson/index.ts';
import type { Interval } from './interval.ts';

/** An interval as explain prints it, e.g. `[5.0, inf]`; `turned` for a descending scan. */
export function explainInterval(one: Interval, turned: boolean): string {
  const low = valueText(one.low);
  const high = valueText(one.high);
  return turned
    ? `${one.highInclusive ? '[' : '('}${high}, ${low}${one.lowInclusive ? ']' : ')'}`
    : `${one.lowInclusive ? '[' : '('}${low}, ${high}${one.highInclusive ? ']' : ')'}`;
}
