import type { SpecialOperator } from '../expression.ts';
import { trimming } from '../trimming.ts';

/** `$rtrim`: white space, or the given letters, off the end of a string. */
export const rtrim: SpecialOperator = trimming('$rtrim', 'end');
