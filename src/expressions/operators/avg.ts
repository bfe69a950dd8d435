import { accumulatedOperator } from '../accumulated.ts';
import { avg as accumulator } from '../accumulators/avg.ts';

/** `$avg` outside `$group`. */
export const avg = accumulatedOperator(accumulator);
