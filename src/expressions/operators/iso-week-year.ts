import { isoWeekOf } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { longValue } from '../value.ts';

/** `$isoWeekYear`: the year the ISO week belongs to: a long, as stock has it. */
export const isoWeekYear: SpecialOperator = datePart('$isoWeekYear', ({ day }) =>
  longValue(BigInt(isoWeekOf(day).year)),
);
