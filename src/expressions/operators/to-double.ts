import { converting } from '../converting.ts';

/** `$toDouble`: `$convert` to double. */
export const toDouble = converting('$toDouble', 'double');
