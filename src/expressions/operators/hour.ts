import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$hour`: 0 to 23. */
export const hour: SpecialOperator = datePart('$hour', ({ time }) =>
  intValue(Math.floor(time / 3_600_000)),
);
