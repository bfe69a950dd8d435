import { isoWeekOf } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$isoWeek`: 1 to 53; the week of the first Thursday is the first. */
export const isoWeek: SpecialOperator = datePart('$isoWeek', ({ day }) =>
  intValue(isoWeekOf(day).week),
);
