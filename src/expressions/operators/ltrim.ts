import type { SpecialOperator } from '../expression.ts';
import { trimming } from '../trimming.ts';

/** `$ltrim`: white space, or the given letters, off the start of a string. */
export const ltrim: SpecialOperator = trimming('$ltrim', 'start');
