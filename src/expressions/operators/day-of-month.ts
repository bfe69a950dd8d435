import { civilFromDays } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$dayOfMonth`: 1 to 31. */
export const dayOfMonth: SpecialOperator = datePart('$dayOfMonth', ({ day }) =>
  intValue(civilFromDays(day).day),
);
