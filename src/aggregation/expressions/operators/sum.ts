import { sum as accumulator } from '../../accumulators/sum.ts';
import { accumulatedOperator } from '../accumulated.ts';

/** `$sum` outside `$group`. */
export const sum = accumulatedOperator(accumulator);
