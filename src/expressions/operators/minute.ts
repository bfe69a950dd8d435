import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$minute`: 0 to 59. */
export const minute: SpecialOperator = datePart('$minute', ({ time }) =>
  intValue(Math.floor(time / 60_000) % 60),
);
