import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$second` of a date, in UTC. */
export const second: SpecialOperator = datePart('$second', (date) =>
  intValue(date.getUTCSeconds()),
);
