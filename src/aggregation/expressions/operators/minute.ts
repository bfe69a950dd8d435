import { intValue } from '../../value.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';

/** `$minute` of a date, in UTC. */
export const minute: SpecialOperator = datePart('$minute', (date) =>
  intValue(date.getUTCMinutes()),
);
