import { accumulatedOperator } from '../accumulated.ts';
import { stdDevSamp as accumulator } from '../accumulators/std-dev-samp.ts';

/** `$stdDevSamp` outside `$group`. */
export const stdDevSamp = accumulatedOperator(accumulator);
