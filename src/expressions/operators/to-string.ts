import { converting } from '../converting.ts';

/** `$toString`: `$convert` to string. */
export const toStringOperator = converting('$toString', 'string');
