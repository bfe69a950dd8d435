import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$minute` of a date, in UTC. */
export const minute: SpecialOperator = datePart('$minute', (date) =>
  intValue(date.getUTCMinutes()),
);
