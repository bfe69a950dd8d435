import { comparisonOperator } from './comparison.ts';

/** `$lte`: less than or equal to the argument. */
export const lte = comparisonOperator('$lte');
