import { isoWeekOf } from '../calendar.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$isoWeek` of a date, in UTC. */
export const isoWeek: SpecialOperator = datePart('$isoWeek', (date) =>
  intValue(isoWeekOf(date).week),
);
