import { avg as accumulator } from '../../accumulators/avg.ts';
import { accumulatedOperator } from '../accumulated.ts';

/** `$avg` outside `$group`. */
export const avg = accumulatedOperator(accumulator);
