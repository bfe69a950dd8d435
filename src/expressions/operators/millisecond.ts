import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$millisecond` of a date, in UTC. */
export const millisecond: SpecialOperator = datePart('$millisecond', (date) =>
  intValue(date.getUTCMilliseconds()),
);
