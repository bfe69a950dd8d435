import { min as accumulator } from '../../accumulators/min.ts';
import { accumulatedOperator } from '../accumulated.ts';

/** `$min` outside `$group`. */
export const min = accumulatedOperator(accumulator);
