import { dayOfYearOf } from '../calendar.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$dayOfYear` of a date, in UTC. */
export const dayOfYear: SpecialOperator = datePart('$dayOfYear', (date) =>
  intValue(dayOfYearOf(date)),
);
