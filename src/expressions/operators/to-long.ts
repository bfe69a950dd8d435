import { converting } from '../converting.ts';

/** `$toLong`: `$convert` to long. */
export const toLong = converting('$toLong', 'long');
