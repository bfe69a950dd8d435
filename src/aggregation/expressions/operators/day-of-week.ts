import { intValue } from '../../value.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';

/** `$dayOfWeek` of a date, in UTC. */
export const dayOfWeek: SpecialOperator = datePart('$dayOfWeek', (date) =>
  intValue(date.getUTCDay() + 1),
);
