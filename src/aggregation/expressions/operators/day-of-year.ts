import { dayOfYearOf } from '../../calendar.ts';
import { intValue } from '../../value.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';

/** `$dayOfYear` of a date, in UTC. */
export const dayOfYear: SpecialOperator = datePart('$dayOfYear', (date) =>
  intValue(dayOfYearOf(date)),
);
