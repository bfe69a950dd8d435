import { countedOperator } from '../accumulators/counted.ts';
import { lastN as accumulator } from '../accumulators/last-n.ts';

/** `$lastN` of an array. */
export const lastN = countedOperator(accumulator);
