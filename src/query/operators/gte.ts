import { comparisonOperator } from './comparison.ts';

/** `$gte`: greater than or equal to the argument. */
export const gte = comparisonOperator('$gte');
