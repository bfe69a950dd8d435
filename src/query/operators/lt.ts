import { comparisonOperator } from './comparison.ts';

/** `$lt`: less than the argument. */
export const lt = comparisonOperator('$lt');
