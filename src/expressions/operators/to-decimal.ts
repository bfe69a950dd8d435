import { converting } from '../converting.ts';

/** `$toDecimal`: `$convert` to decimal. */
export const toDecimal = converting('$toDecimal', 'decimal');
