import { dateShifting } from '../dates/date-shifting.ts';

/** `$dateSubtract`: a date so many units earlier. */
export const dateSubtract = dateShifting('$dateSubtract');
