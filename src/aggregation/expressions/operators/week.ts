import { weekOf } from '../../calendar.ts';
import { intValue } from '../../value.ts';
import { datePart } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';

/** `$week` of a date, in UTC. */
export const week: SpecialOperator = datePart('$week', (date) => intValue(weekOf(date)));
