import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$dayOfWeek` of a date, in UTC. */
export const dayOfWeek: SpecialOperator = datePart('$dayOfWeek', (date) =>
  intValue(date.getUTCDay() + 1),
);
