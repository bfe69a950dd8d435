import { weekdayOf } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$dayOfWeek`: 1 on Sundays, 7 on Saturdays. */
export const dayOfWeek: SpecialOperator = datePart('$dayOfWeek', ({ day }) =>
  intValue(weekdayOf(day) + 1),
);
