import { multiplyNumbers } from '../../bson/index.ts';
import { arithmetic } from './arithmetic.ts';

/** `$mul`: multiplies by the argument. */
export const mul = arithmetic('$mul', 'multiply', multiplyNumbers);
