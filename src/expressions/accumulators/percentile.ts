import { quantileAccumulator } from './quantile.ts';

/** `$percentile`: an array of the quantiles `p`. */
export const percentile = quantileAccumulator('$percentile');
