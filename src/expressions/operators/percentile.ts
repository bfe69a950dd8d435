import { quantileOperator } from '../accumulators/quantile.ts';

/** `$percentile` of an array or a number. */
export const percentile = quantileOperator('$percentile');
