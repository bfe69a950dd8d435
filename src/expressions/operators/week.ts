import { weekOf } from '../dates/civil.ts';
import { datePart } from '../dates/date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$week`: 0 to 53; weeks begin on Sundays. */
export const week: SpecialOperator = datePart('$week', ({ day }) => intValue(weekOf(day)));
