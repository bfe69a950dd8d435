import { converting } from '../converting.ts';

/** `$toInt`: `$convert` to int. */
export const toInt = converting('$toInt', 'int');
