import { converting } from '../converting.ts';

/** `$toDate`: `$convert` to date. */
export const toDate = converting('$toDate', 'date');
