import { accumulatedOperator } from '../accumulated.ts';
import { max as accumulator } from '../accumulators/max.ts';

/** `$max` outside `$group`. */
export const max = accumulatedOperator(accumulator);
