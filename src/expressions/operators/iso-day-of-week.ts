import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$isoDayOfWeek` of a date, in UTC. */
export const isoDayOfWeek: SpecialOperator = datePart('$isoDayOfWeek', (date) =>
  intValue(date.getUTCDay() || 7),
);
