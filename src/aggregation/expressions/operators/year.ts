import { intValue } from '../../value.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';

/** `$year` of a date, in UTC. */
export const year: SpecialOperator = datePart('$year', (date) => intValue(date.getUTCFullYear()));
