import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$second`: 0 to 59. */
export const second: SpecialOperator = datePart('$second', ({ time }) =>
  intValue(Math.floor(time / 1000) % 60),
);
