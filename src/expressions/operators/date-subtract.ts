import { dateShifting } from '../date-shifting.ts';

/** `$dateSubtract`: a date so many units earlier. */
export const dateSubtract = dateShifting('$dateSubtract');
