import { countedOperator } from '../accumulators/counted.ts';
import { minN as accumulator } from '../accumulators/min-n.ts';

/** `$minN` of an array. */
export const minN = countedOperator(accumulator);
