import type { SpecialOperator } from '../expression.ts';
import { trimming } from '../trimming.ts';

/** `$trim`: white space, or the given letters, off both ends of a string. */
export const trim: SpecialOperator = trimming('$trim', 'both');
