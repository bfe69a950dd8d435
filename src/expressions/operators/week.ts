import { weekOf } from '../calendar.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$week` of a date, in UTC. */
export const week: SpecialOperator = datePart('$week', (date) => intValue(weekOf(date)));
