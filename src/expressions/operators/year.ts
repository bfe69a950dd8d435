import { civilFromDays } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$year`: the year of a date. */
export const year: SpecialOperator = datePart('$year', ({ day }) =>
  intValue(civilFromDays(day).year),
);
