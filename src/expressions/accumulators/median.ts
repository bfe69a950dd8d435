import { quantileAccumulator } from './quantile.ts';

/** `$median`: the quantile 0.5. */
export const median = quantileAccumulator('$median');
