import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$month` of a date, in UTC. */
export const month: SpecialOperator = datePart('$month', (date) =>
  intValue(date.getUTCMonth() + 1),
);
