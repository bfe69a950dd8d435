import { isoWeekOf } from '../calendar.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { longValue } from '../value.ts';

/** `$isoWeekYear` of a date, in UTC; a long, as stock has it. */
export const isoWeekYear: SpecialOperator = datePart('$isoWeekYear', (date) =>
  longValue(BigInt(isoWeekOf(date).year)),
);
