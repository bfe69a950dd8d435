import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$dayOfMonth` of a date, in UTC. */
export const dayOfMonth: SpecialOperator = datePart('$dayOfMonth', (date) =>
  intValue(date.getUTCDate()),
);
