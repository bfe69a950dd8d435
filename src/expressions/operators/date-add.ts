import { dateShifting } from '../dates/date-shifting.ts';

/** `$dateAdd`: a date so many units later. */
export const dateAdd = dateShifting('$dateAdd');
