import { comparisonOperator } from './comparison.ts';

/** `$gt`: greater than the argument. */
export const gt = comparisonOperator('$gt');
