import { accumulatedOperator } from '../accumulated.ts';
import { stdDevPop as accumulator } from '../accumulators/std-dev-pop.ts';

/** `$stdDevPop` outside `$group`. */
export const stdDevPop = accumulatedOperator(accumulator);
