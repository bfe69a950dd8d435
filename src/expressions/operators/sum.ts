import { accumulatedOperator } from '../accumulated.ts';
import { sum as accumulator } from '../accumulators/sum.ts';

/** `$sum` outside `$group`. */
export const sum = accumulatedOperator(accumulator);
