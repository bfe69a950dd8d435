import { accumulatedOperator } from '../accumulated.ts';
import { min as accumulator } from '../accumulators/min.ts';

/** `$min` outside `$group`. */
export const min = accumulatedOperator(accumulator);
