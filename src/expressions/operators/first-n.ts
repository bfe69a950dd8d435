import { countedOperator } from '../accumulators/counted.ts';
import { firstN as accumulator } from '../accumulators/first-n.ts';

/** `$firstN` of an array. */
export const firstN = countedOperator(accumulator);
