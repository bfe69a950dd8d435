import { civilFromDays } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$month`: 1 to 12. */
export const month: SpecialOperator = datePart('$month', ({ day }) =>
  intValue(civilFromDays(day).month),
);
