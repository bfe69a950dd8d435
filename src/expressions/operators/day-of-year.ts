import { dayOfYearOf } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$dayOfYear`: 1 to 366. */
export const dayOfYear: SpecialOperator = datePart('$dayOfYear', ({ day }) =>
  intValue(dayOfYearOf(day)),
);
