import { quantileOperator } from '../accumulators/quantile.ts';

/** `$median` of an array or a number. */
export const median = quantileOperator('$median');
