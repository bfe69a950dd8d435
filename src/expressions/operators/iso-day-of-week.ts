import { isoWeekdayOf } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$isoDayOfWeek`: 1 on Mondays, 7 on Sundays. */
export const isoDayOfWeek: SpecialOperator = datePart('$isoDayOfWeek', ({ day }) =>
  intValue(isoWeekdayOf(day)),
);
