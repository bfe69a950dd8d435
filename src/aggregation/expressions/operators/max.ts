import { max as accumulator } from '../../accumulators/max.ts';
import { accumulatedOperator } from '../accumulated.ts';

/** `$max` outside `$group`. */
export const max = accumulatedOperator(accumulator);
