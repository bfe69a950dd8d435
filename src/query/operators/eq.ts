import { comparisonOperator } from './comparison.ts';

/** `$eq`: equal to the argument; a regular expression is searched for. */
export const eq = comparisonOperator('$eq');
