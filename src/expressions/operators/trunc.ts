import { roundingOperator } from '../rounding-operator.ts';

/** `$trunc`: towards zero. */
export const trunc = roundingOperator('$trunc', 'towardZero');
