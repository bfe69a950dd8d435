import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$hour` of a date, in UTC. */
export const hour: SpecialOperator = datePart('$hour', (date) => intValue(date.getUTCHours()));
