import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$year` of a date, in UTC. */
export const year: SpecialOperator = datePart('$year', (date) => intValue(date.getUTCFullYear()));
