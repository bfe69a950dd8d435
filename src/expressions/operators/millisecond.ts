import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$millisecond`: 0 to 999. */
export const millisecond: SpecialOperator = datePart('$millisecond', ({ time }) =>
  intValue(time % 1000),
);
