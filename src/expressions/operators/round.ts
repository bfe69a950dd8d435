import { roundingOperator } from '../rounding-operator.ts';

/** `$round`: half to even. */
export const round = roundingOperator('$round', 'halfEven');
