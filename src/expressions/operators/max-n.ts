import { countedOperator } from '../accumulators/counted.ts';
import { maxN as accumulator } from '../accumulators/max-n.ts';

/** `$maxN` of an array. */
export const maxN = countedOperator(accumulator);
