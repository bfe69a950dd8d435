import { addNumbers } from '../../bson/index.ts';
import { arithmetic } from './arithmetic.ts';

/** `$inc`: adds the argument. */
export const inc = arithmetic('$inc', 'increment', addNumbers);
